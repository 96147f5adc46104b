-- The gate: who has boarded, and when boarding was closed.

-- Who boarded a flight, until that is taken back. Distribution group: flight_id.
CREATE TABLE boardings (
    flight_id      uuid NOT NULL,
    booking_id     uuid NOT NULL,
    passenger_no   smallint NOT NULL,
    segment_no     smallint NOT NULL,
    -- The place in the order of check-in, which is on the pass.
    number         smallint NOT NULL CHECK (number BETWEEN 1 AND 9999),
    -- Of the pass that was read.
    version        smallint NOT NULL CHECK (version BETWEEN 1 AND 9999),
    -- Where it was read: the flight's gate then, and the reader's name.
    gate           text,
    device         text NOT NULL,
    -- What the reader calls this reading: the same again is the same.
    scan           text NOT NULL,
    boarded_at     timestamptz NOT NULL,
    boarded_by     uuid NOT NULL,
    -- When the coupon became flown.
    flown_at       timestamptz,
    PRIMARY KEY (flight_id, booking_id, passenger_no),
    CONSTRAINT boardings_numbered_once UNIQUE (flight_id, number)
);
CREATE INDEX boardings_not_flown ON boardings (flight_id) WHERE flown_at IS NULL;

-- From `closed_at` on nobody checks in or boards; with `settled_at` all who did not come are no-shows.
ALTER TABLE flight_check_ins ADD COLUMN closed_at timestamptz, ADD COLUMN closed_by uuid, ADD COLUMN settled_at timestamptz;
CREATE INDEX flight_check_ins_unsettled ON flight_check_ins (flight_id) WHERE closed_at IS NOT NULL AND settled_at IS NULL;
