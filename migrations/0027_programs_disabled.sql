-- A program that is disabled is refused from that moment on, however many sessions it has: those that began before this instant
-- are over, and their rows are ended a batch at a time.
ALTER TABLE oauth_clients ADD COLUMN void_before timestamptz;
