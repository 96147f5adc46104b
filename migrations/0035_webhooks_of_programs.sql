-- Webhooks of programs: staff may disable one for good, and they are found by their program.
ALTER TABLE webhook_endpoints DROP CONSTRAINT webhook_endpoints_disabled_reason_check;
ALTER TABLE webhook_endpoints ADD CONSTRAINT webhook_endpoints_disabled_reason_check
    CHECK (disabled_reason IN ('failing', 'gone', 'staff'));
CREATE INDEX webhook_endpoints_of_programs ON webhook_endpoints (client_id) WHERE client_id IS NOT NULL AND deleted_at IS NULL;
