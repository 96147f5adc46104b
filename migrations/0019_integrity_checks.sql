-- What the checks of the stored data found, so that staff see the last one at once: a check takes minutes on a large database.
CREATE TABLE integrity_checks (
    checked_at timestamptz PRIMARY KEY,
    seconds double precision NOT NULL,
    findings jsonb NOT NULL
);
