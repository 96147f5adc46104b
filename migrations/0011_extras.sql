-- Seats from the seat map, baggage, meals and other extras.

-- The seats of an aircraft, as groups of rows that look the same (domain::seat_maps). A filing that differs is a new version;
-- flights are sold by the newest. Reference data.
CREATE TABLE seat_maps (
    aircraft     text NOT NULL CHECK (aircraft ~ '^[A-Z0-9]{3}$'),
    version      integer NOT NULL CHECK (version > 0),
    groups       jsonb NOT NULL,
    filed_at     timestamptz NOT NULL,
    PRIMARY KEY (aircraft, version)
);

-- What is sold beside the seat. Staff edit it; what was sold keeps its terms. Reference data.
CREATE TABLE extras_catalogue (
    code         text PRIMARY KEY CHECK (code ~ '^[a-z0-9_]{1,32}$'),
    kind         text NOT NULL CHECK (kind IN ('baggage', 'meal', 'priority', 'other')),
    name         text NOT NULL,
    -- What one price is for: a flight, or all flights of a slice.
    per          text NOT NULL CHECK (per IN ('flight', 'slice')),
    unit         text NOT NULL CHECK (unit IN ('one', 'piece', 'kg')),
    kg           smallint CHECK (kg BETWEEN 1 AND 50),
    price        bigint NOT NULL CHECK (price >= 0),
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    cabins       smallint[] NOT NULL CHECK (cardinality(cabins) > 0),
    passengers   text[] NOT NULL CHECK (cardinality(passengers) > 0),
    -- So many for a passenger, and so many on a flight.
    most         smallint NOT NULL CHECK (most BETWEEN 1 AND 99),
    stock        integer CHECK (stock >= 0),
    refund       jsonb NOT NULL,
    closes_minutes integer NOT NULL CHECK (closes_minutes >= 0),
    CONSTRAINT extras_catalogue_weight CHECK ((unit = 'piece') = (kg IS NOT NULL))
);

-- Who has which seat of a flight; a row only while somebody has it. The primary key is what makes a seat one person's.
-- Distribution group: flight_id.
CREATE TABLE seat_assignments (
    flight_id    uuid NOT NULL,
    seat         text NOT NULL CHECK (seat ~ '^[1-9][0-9]?[A-HJK]$'),
    booking_id   uuid NOT NULL,
    passenger_no smallint NOT NULL,
    segment_no   smallint NOT NULL,
    extra_no     smallint NOT NULL,
    PRIMARY KEY (flight_id, seat)
);

-- Blocks of seats whose spare oxygen mask is for an infant on a lap; a block is named by its first seat. A table of its own,
-- so that masks can be locked before seats (docs/locking.md). Distribution group: flight_id.
CREATE TABLE lap_infants (
    flight_id    uuid NOT NULL,
    block        text NOT NULL CHECK (block ~ '^[1-9][0-9]?[A-HJK]$'),
    booking_id   uuid NOT NULL,
    extra_no     smallint NOT NULL,
    PRIMARY KEY (flight_id, block)
);

-- How much of an extra is taken on a flight; a row from the first sale on. `stock` is what the catalogue said at the last.
-- Distribution group: flight_id.
CREATE TABLE flight_extras (
    flight_id    uuid NOT NULL,
    code         text NOT NULL,
    stock        integer NOT NULL,
    taken        integer NOT NULL,
    PRIMARY KEY (flight_id, code),
    CONSTRAINT flight_extras_never_oversold CHECK (taken BETWEEN 0 AND stock)
);

-- What a booking has beside its flights, as it was sold. Distribution group: booking_id.
CREATE TABLE booking_extras (
    booking_id   uuid NOT NULL REFERENCES bookings (id),
    extra_no     smallint NOT NULL CHECK (extra_no > 0),
    -- What it was bought with: 0 is the booking itself, later purchases count on.
    order_no     smallint NOT NULL CHECK (order_no >= 0),
    passenger_no smallint NOT NULL,
    slice_no     smallint NOT NULL,
    -- The flights it is for: one, or all of a slice.
    segments     smallint[] NOT NULL CHECK (cardinality(segments) > 0),
    flights      uuid[] NOT NULL CHECK (cardinality(flights) = cardinality(segments)),
    kind         text NOT NULL CHECK (kind IN ('seat', 'baggage', 'meal', 'priority', 'other')),
    code         text NOT NULL,
    name         text NOT NULL,
    seat         text,
    -- Of a seat: the block whose spare mask the infant on its owner's lap needs.
    mask         text,
    quantity     smallint NOT NULL CHECK (quantity > 0),
    unit_price   bigint NOT NULL CHECK (unit_price >= 0),
    -- What it costs in its order, and what it stands for: a seat that was changed brings its value along.
    price        bigint NOT NULL CHECK (price >= 0),
    value        bigint NOT NULL CHECK (value >= price),
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    refund       jsonb NOT NULL,
    -- The seat it takes the place of once it is issued.
    replaces     smallint,
    -- Whether it takes stock of its flights.
    stocked      boolean NOT NULL,
    status       text NOT NULL CHECK (status IN ('reserved', 'issued', 'exchanged', 'refunded', 'released', 'removed')),
    -- Electronic miscellaneous document: thirteen digits, like a ticket.
    emd_number   text CHECK (emd_number ~ '^[0-9]{13}$'),
    created_at   timestamptz NOT NULL,
    issued_at    timestamptz,
    PRIMARY KEY (booking_id, extra_no),
    CONSTRAINT booking_extras_seat CHECK ((kind = 'seat') = (seat IS NOT NULL)),
    CONSTRAINT booking_extras_documents CHECK ((status IN ('issued', 'exchanged', 'refunded')) = (emd_number IS NOT NULL)),
    CONSTRAINT booking_extras_issued_when CHECK ((emd_number IS NULL) = (issued_at IS NULL))
);

-- Whether anything was ever chosen for a booking: one without extras is confirmed and given back without looking for them.
ALTER TABLE bookings ADD COLUMN has_extras boolean NOT NULL DEFAULT false;

-- Documents for extras are numbered apart from tickets: the ten digits after the airline's three begin with 82.
CREATE SEQUENCE emd_serials MINVALUE 8200000001 MAXVALUE 8299999999;
ALTER SEQUENCE ticket_serials MAXVALUE 8199999999;
