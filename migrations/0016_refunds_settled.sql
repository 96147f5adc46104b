-- A refund that the gateway refused for good has a way back: staff send another one in its place, or say how it was paid without
-- the gateway. Columns are only added, so that servers of the version before go on.
ALTER TABLE refunds
    -- The refund that was sent in its place; the money is counted there.
    ADD COLUMN replaced_by uuid,
    -- The refund it was first ordered as, which is what the ledger calls it; NULL: itself.
    ADD COLUMN ordered_as uuid,
    -- Why the gateway refused, in its words.
    ADD COLUMN failure_code text,
    -- How it was paid. Of what was not paid by the gateway, staff say under which reference, why, and who says so.
    ADD COLUMN method text NOT NULL DEFAULT 'gateway'
        CHECK (method IN ('gateway', 'bank_transfer', 'cheque', 'cash', 'other')),
    ADD COLUMN reference text CHECK (char_length(reference) BETWEEN 1 AND 100),
    ADD COLUMN note text CHECK (char_length(note) BETWEEN 1 AND 500),
    ADD COLUMN settled_by uuid,
    ADD CONSTRAINT refunds_replaced_when CHECK (replaced_by IS NULL OR status = 'failed'),
    ADD CONSTRAINT refunds_outside_when CHECK (CASE method WHEN 'gateway' THEN num_nonnulls(reference, note, settled_by) = 0
        ELSE status = 'succeeded' AND num_nonnulls(reference, note, settled_by) = 3 END);

-- Of a refund and those that were sent in its place one counts.
CREATE UNIQUE INDEX refunds_one_in_place ON refunds (booking_id, COALESCE(ordered_as, id)) WHERE replaced_by IS NULL;
-- What staff look at, and by what they ask for one: a refund is found without its booking here alone.
CREATE INDEX refunds_by_id ON refunds (id);
CREATE INDEX refunds_failed ON refunds (id) WHERE status = 'failed' AND replaced_by IS NULL;
