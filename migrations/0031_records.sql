-- Codes mailed to the contact of a booking, to show all of it to who has no account. Distribution group: booking_id.

CREATE TABLE record_codes (
    -- The newest takes the place of the one before.
    booking_id  uuid PRIMARY KEY,
    -- A keyed hash of booking and code: a code is short, and guessed from a plain one in a moment.
    hash        bytea NOT NULL,
    tries       smallint NOT NULL DEFAULT 0 CHECK (tries BETWEEN 0 AND 5),
    expires_at  timestamptz NOT NULL
);
CREATE INDEX record_codes_over ON record_codes (expires_at);
