-- Bookings and everything that must commit with them. Distribution group: booking_id, except where said.

CREATE TABLE bookings (
    id              uuid PRIMARY KEY,
    user_id         uuid NOT NULL,
    locator         text NOT NULL,
    status          text NOT NULL CHECK (status IN ('held', 'confirmed', 'completed', 'expired', 'cancelled')),
    seats           smallint NOT NULL CHECK (seats BETWEEN 1 AND 9),
    total           bigint NOT NULL CHECK (total >= 0),
    currency        text NOT NULL,
    contact_sealed  bytea NOT NULL,
    trip_starts_at  timestamptz NOT NULL,
    trip_ends_at    timestamptz NOT NULL,
    hold_expires_at timestamptz NOT NULL,
    -- True while a payment is under way: the hold is frozen and does not expire until the outcome is known.
    paying          boolean NOT NULL DEFAULT false,
    created_at      timestamptz NOT NULL,
    confirmed_at    timestamptz,
    closed_at       timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    CONSTRAINT bookings_confirmed_when CHECK ((status IN ('confirmed', 'completed')) <= (confirmed_at IS NOT NULL)),
    CONSTRAINT bookings_paying_when CHECK (NOT paying OR status = 'held'),
    CONSTRAINT bookings_closed_when CHECK ((status IN ('expired', 'cancelled')) = (closed_at IS NOT NULL))
);

-- What the sweeper looks for; both stay small, because a booking leaves them as soon as its state moves on.
CREATE INDEX bookings_open_holds ON bookings (hold_expires_at) WHERE status = 'held' AND NOT paying;
CREATE INDEX bookings_under_way ON bookings (trip_ends_at) WHERE status = 'confirmed';

CREATE TABLE booking_passengers (
    booking_id      uuid NOT NULL REFERENCES bookings (id),
    passenger_no    smallint NOT NULL CHECK (passenger_no BETWEEN 1 AND 18),
    kind            text NOT NULL CHECK (kind IN ('adult', 'child', 'infant')),
    price           bigint NOT NULL CHECK (price >= 0),
    details_sealed  bytea NOT NULL,
    PRIMARY KEY (booking_id, passenger_no)
);

CREATE TABLE booking_segments (
    booking_id      uuid NOT NULL REFERENCES bookings (id),
    segment_no      smallint NOT NULL CHECK (segment_no BETWEEN 1 AND 24),
    flight_id       uuid NOT NULL,
    cabin           smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    class_rank      smallint NOT NULL CHECK (class_rank BETWEEN 1 AND 4),
    -- The filed fare of one adult on this flight, and this segment's share of the price of the whole party.
    filed_fare      integer NOT NULL CHECK (filed_fare > 0),
    price           bigint NOT NULL CHECK (price >= 0),
    PRIMARY KEY (booking_id, segment_no)
);

-- "Who is on this flight": cancelling or retiming a flight, and refusing to delete a sold one.
CREATE INDEX booking_segments_by_flight ON booking_segments (flight_id);

-- Ticket numbers are handed out in order; a rolled-back sale leaves a gap, which is allowed.
CREATE SEQUENCE ticket_serials MINVALUE 1 MAXVALUE 9999999999;

CREATE TABLE tickets (
    booking_id      uuid NOT NULL,
    passenger_no    smallint NOT NULL,
    number          text NOT NULL CHECK (number ~ '^[0-9]{13}$'),
    issued_at       timestamptz NOT NULL,
    PRIMARY KEY (booking_id, passenger_no),
    FOREIGN KEY (booking_id, passenger_no) REFERENCES booking_passengers
);

-- One coupon per passenger and segment.
CREATE TABLE ticket_coupons (
    booking_id      uuid NOT NULL,
    passenger_no    smallint NOT NULL,
    segment_no      smallint NOT NULL,
    status          text NOT NULL CHECK (status IN ('open', 'checked_in', 'boarded', 'flown', 'refunded', 'exchanged', 'void', 'no_show')),
    PRIMARY KEY (booking_id, passenger_no, segment_no),
    FOREIGN KEY (booking_id, passenger_no) REFERENCES tickets
);

-- Locator to booking. Group: locator.
CREATE TABLE booking_locators (
    locator         text PRIMARY KEY,
    booking_id      uuid NOT NULL
);

-- A user's bookings, for the list. Group: user_id.
CREATE TABLE user_bookings (
    user_id         uuid NOT NULL,
    booking_id      uuid NOT NULL,
    trip_ends_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, booking_id)
);

-- The answer to a request that moved money or stock, stored with its effect, so that the same key gets the same
-- answer. Sealed under the user's key: it holds names.
CREATE TABLE idempotency_keys (
    user_id         uuid NOT NULL,
    route           text NOT NULL,
    key             text NOT NULL CHECK (length(key) BETWEEN 1 AND 255),
    body_hash       bytea NOT NULL,
    subject         uuid NOT NULL,
    -- NULL while the work is still going on.
    status          smallint,
    answer_sealed   bytea,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, route, key)
);
CREATE INDEX idempotency_keys_by_age ON idempotency_keys (created_at);
