-- Flights and what can be sold on them. Distribution group: flight_id.

CREATE TABLE flights (
    -- A date-prefixed UUIDv8 made of airline, number, suffix, origin and local date (kernel::flight_id),
    -- so ids sort by date and an import finds its flights again.
    id                uuid PRIMARY KEY,
    airline           text NOT NULL,
    number            smallint NOT NULL CHECK (number BETWEEN 1 AND 9999),
    suffix            text NOT NULL DEFAULT '' CHECK (suffix ~ '^[A-Z]?$'),
    origin            text NOT NULL,
    destination       text NOT NULL CHECK (destination <> origin),
    -- The schedule is local wall time; the instants are derived from it with the tz database named beside them.
    departs_local     timestamp NOT NULL,
    arrives_local     timestamp NOT NULL,
    departs_at        timestamptz NOT NULL,
    arrives_at        timestamptz NOT NULL,
    tzdata_version    text NOT NULL,
    distance_miles    integer NOT NULL CHECK (distance_miles >= 0),
    aircraft          text NOT NULL,
    gate              text,
    estimated_departs_at timestamptz,
    estimated_arrives_at timestamptz,
    -- What staff declared; NULL means the status follows the schedule.
    declared_status   text CHECK (declared_status IN ('scheduled', 'boarding', 'departed', 'arrived', 'cancelled')),
    version           bigint NOT NULL DEFAULT 1,
    CONSTRAINT flights_arrive_after_departure CHECK (arrives_at > departs_at)
);

-- "Flights from here to there on that day": GET /flights.
CREATE INDEX flights_by_route ON flights (origin, destination, departs_at);

-- One row per flight and cabin, with the cabin's four booking classes as columns: rank 1 is the full fare, whose
-- limit is the cabin's own (capacity + overbooking); rank 4 the cheapest.
--
-- taken_k counts seats held or sold in class k and every class below it, so taken_1 (called taken) is all of them.
-- Selling n seats in class k adds n to taken_1 .. taken_k. Confirming a held seat leaves the row alone.
CREATE TABLE inventory (
    flight_id    uuid NOT NULL REFERENCES flights (id) ON DELETE CASCADE,
    cabin        smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    capacity     smallint NOT NULL CHECK (capacity BETWEEN 0 AND 1000),
    overbooking  smallint NOT NULL DEFAULT 0 CHECK (overbooking BETWEEN 0 AND 200),
    limit_2      smallint NOT NULL,
    limit_3      smallint NOT NULL,
    limit_4      smallint NOT NULL,
    taken        smallint NOT NULL DEFAULT 0,
    taken_2      smallint NOT NULL DEFAULT 0,
    taken_3      smallint NOT NULL DEFAULT 0,
    taken_4      smallint NOT NULL DEFAULT 0,
    -- Filed one-way fares in minor units of the currency.
    fare_1       integer NOT NULL CHECK (fare_1 > 0),
    fare_2       integer NOT NULL CHECK (fare_2 > 0),
    fare_3       integer NOT NULL CHECK (fare_3 > 0),
    fare_4       integer NOT NULL CHECK (fare_4 > 0),
    -- Advance purchase: the instant at which a class stops selling. Class 1 sells until the flight closes.
    closes_2     timestamptz NOT NULL,
    closes_3     timestamptz NOT NULL,
    closes_4     timestamptz NOT NULL,
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- False once the flight is cancelled: kept here, so that the statement that takes a seat decides alone.
    on_sale      boolean NOT NULL DEFAULT true,
    version      bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (flight_id, cabin),
    CONSTRAINT inventory_never_oversold CHECK (taken <= capacity + overbooking),
    CONSTRAINT inventory_class_limits CHECK (taken_2 <= limit_2 AND taken_3 <= limit_3 AND taken_4 <= limit_4),
    CONSTRAINT inventory_taken_nested CHECK (taken >= taken_2 AND taken_2 >= taken_3 AND taken_3 >= taken_4 AND taken_4 >= 0),
    CONSTRAINT inventory_limits_nested CHECK (capacity + overbooking >= limit_2 AND limit_2 >= limit_3 AND limit_3 >= limit_4 AND limit_4 >= 0)
) WITH (fillfactor = 80); -- room for the next version of a row on its own page: a sale touches no index

-- The search feed. A transaction that changes a flight, a price or a seat writes an inbox row; one sequencer moves
-- committed rows to the feed under gapless numbers, because commits become visible out of id order and no reader may
-- page by "id > last". A row says only what to read again, so applying it twice or late does no harm.
CREATE TABLE search_inbox (
    id           bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    flight_id    uuid,
    from_date    date,
    to_date      date,
    CONSTRAINT search_inbox_subject CHECK ((flight_id IS NULL) = (from_date IS NOT NULL AND to_date IS NOT NULL))
);

CREATE TABLE search_feed (
    seq          bigint PRIMARY KEY,
    flight_id    uuid,
    from_date    date,
    to_date      date,
    sequenced_at timestamptz NOT NULL
);

CREATE TABLE search_feed_head (
    only_row     boolean PRIMARY KEY DEFAULT true CHECK (only_row),
    seq          bigint NOT NULL
);
INSERT INTO search_feed_head (seq) VALUES (0);
