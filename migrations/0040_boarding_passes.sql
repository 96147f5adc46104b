-- Boarding passes: the first with check-in, the next when the seat changes. One of a passenger is good on a flight, the newest; a gate
-- refuses the others. Distribution group: flight_id.

CREATE TABLE boarding_passes (
    flight_id      uuid NOT NULL,
    booking_id     uuid NOT NULL,
    passenger_no   smallint NOT NULL,
    version        smallint NOT NULL CHECK (version BETWEEN 1 AND 9999),
    segment_no     smallint NOT NULL,
    -- The place in the order of check-in.
    number         smallint NOT NULL CHECK (number BETWEEN 1 AND 9999),
    desk           text NOT NULL CHECK (desk IN ('online', 'counter')),
    -- Null for an infant on a lap, and where the aircraft has no seat map.
    seat           text CHECK (seat ~ '^[1-9][0-9]?[A-HJK]$'),
    issued_at      timestamptz NOT NULL,
    -- From then on it is refused.
    ended_at       timestamptz,
    PRIMARY KEY (flight_id, booking_id, passenger_no, version)
);
CREATE UNIQUE INDEX boarding_passes_one_good ON boarding_passes (flight_id, booking_id, passenger_no) WHERE ended_at IS NULL;
CREATE INDEX boarding_passes_of_booking ON boarding_passes (booking_id);
