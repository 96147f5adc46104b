-- Check-in.

-- When check-in is open on routes that are not as the settings say, and what it asks for there. An end is an airport, a country
-- (two letters) or empty for anywhere. Reference data.
CREATE TABLE check_in_policies (
    origin         text NOT NULL CHECK (origin ~ '^([A-Z]{2,3})?$'),
    destination    text NOT NULL CHECK (destination ~ '^([A-Z]{2,3})?$'),
    opens_minutes  integer NOT NULL,
    closes_minutes integer NOT NULL,
    counter_closes_minutes integer NOT NULL,
    passport       boolean NOT NULL,
    passport_months smallint NOT NULL CHECK (passport_months BETWEEN 0 AND 24),
    PRIMARY KEY (origin, destination),
    CONSTRAINT check_in_policies_order CHECK (opens_minutes > closes_minutes AND closes_minutes >= counter_closes_minutes
        AND counter_closes_minutes >= 0),
    CONSTRAINT check_in_policies_route CHECK (origin <> '' OR destination <> '')
);

-- What check-in has come to on a flight; a row from the first on. Whoever checks somebody in locks it, so numbers are given in
-- order, and none is left out: a transaction that is rolled back has given none. Distribution group: flight_id.
CREATE TABLE flight_check_ins (
    flight_id      uuid PRIMARY KEY,
    last_number    smallint NOT NULL CHECK (last_number BETWEEN 0 AND 9999)
);

-- Who checked in to a flight. A row stays when they take it back, and so does their number. Distribution group: flight_id.
CREATE TABLE check_ins (
    flight_id      uuid NOT NULL,
    booking_id     uuid NOT NULL,
    passenger_no   smallint NOT NULL,
    segment_no     smallint NOT NULL,
    number         smallint NOT NULL CHECK (number BETWEEN 1 AND 9999),
    cabin          smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    -- False for an infant on a lap.
    seated         boolean NOT NULL,
    status         text NOT NULL CHECK (status IN ('checked_in', 'withdrawn', 'offloaded')),
    -- Who checked them in last.
    desk           text NOT NULL CHECK (desk IN ('online', 'counter')),
    -- When they said that they carry no dangerous goods.
    declared_at    timestamptz NOT NULL,
    changed_at     timestamptz NOT NULL,
    PRIMARY KEY (flight_id, booking_id, passenger_no),
    CONSTRAINT check_ins_numbered_once UNIQUE (flight_id, number)
);

-- The passports of passengers, sealed under the key of the account that booked. Distribution group: booking_id.
CREATE TABLE travel_documents (
    booking_id     uuid NOT NULL,
    passenger_no   smallint NOT NULL,
    document_sealed bytea NOT NULL,
    -- Forgotten from then on.
    keep_until     timestamptz NOT NULL,
    PRIMARY KEY (booking_id, passenger_no)
);
CREATE INDEX travel_documents_over ON travel_documents (keep_until);
