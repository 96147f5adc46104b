-- What a seat is sold with, and what of its price is passed on. Reference data, filed from files.

-- The same seat with more or fewer promises. Within a cabin a family costs no less than the one before, in both parts of
-- its difference (domain::fare_families).
CREATE TABLE fare_families (
    code         text PRIMARY KEY CHECK (code ~ '^[a-z0-9_]{1,32}$'),
    name         text NOT NULL,
    cabin        smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    -- Against the cheapest family of the cabin: fares × fare_ppm / 1,000,000, after per_flight minor units on each.
    fare_ppm     integer NOT NULL CHECK (fare_ppm >= 1000000),
    per_flight   integer NOT NULL CHECK (per_flight >= 0),
    -- What may be done with the ticket and what comes with the seat, as a booking keeps them when it is sold.
    conditions   jsonb NOT NULL,
    included     jsonb NOT NULL
);

-- Taxes and charges by date of sale. Prices include them; they are taken out of a price to explain it.
CREATE TABLE tax_rules (
    code         text NOT NULL CHECK (code ~ '^[A-Z0-9]{1,4}$'),
    name         text NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('tax', 'fee')),
    country      text NOT NULL CHECK (country ~ '^[A-Z]{2}$'),
    flights      text NOT NULL CHECK (flights IN ('domestic', 'departing')),
    -- One of the three: a share of the fare, an amount for each flight (at most so many of a slice), or for the slice.
    share_ppm    integer CHECK (share_ppm BETWEEN 1 AND 1000000),
    per_flight   integer CHECK (per_flight > 0),
    at_most      smallint CHECK (at_most BETWEEN 1 AND 4),
    per_slice    integer CHECK (per_slice > 0),
    passengers   text[] NOT NULL,
    from_date    date NOT NULL,
    until_date   date CHECK (until_date > from_date),
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- The order they are filed in is the order they are taken out of a price in.
    position     smallint NOT NULL,
    PRIMARY KEY (code, from_date),
    CONSTRAINT tax_rules_one_levy CHECK (num_nonnulls(share_ppm, per_flight, per_slice) = 1)
);

-- A slice is one direction of a trip: priced by itself, in a family of its own. Distribution group: booking_id.
CREATE TABLE booking_slices (
    booking_id   uuid NOT NULL REFERENCES bookings (id),
    slice_no     smallint NOT NULL CHECK (slice_no BETWEEN 1 AND 6),
    -- The family as it was sold: what is promised later does not change what was bought.
    fare_family  text NOT NULL,
    family_name  text NOT NULL,
    cabin        smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    conditions   jsonb NOT NULL,
    included     jsonb NOT NULL,
    -- What one passenger of each type pays for the slice, everything included; price is the party's.
    adult        bigint NOT NULL CHECK (adult >= 0),
    child        bigint NOT NULL CHECK (child >= 0),
    infant       bigint NOT NULL CHECK (infant >= 0),
    price        bigint NOT NULL CHECK (price >= 0),
    PRIMARY KEY (booking_id, slice_no)
);

ALTER TABLE booking_segments ADD COLUMN slice_no smallint NOT NULL DEFAULT 1 CHECK (slice_no BETWEEN 1 AND 6);

-- Bookings made before there were families: one slice, sold plainly.
INSERT INTO booking_slices (booking_id, slice_no, fare_family, family_name, cabin, conditions, included, adult, child,
                            infant, price)
SELECT b.id, 1, CASE s.cabin WHEN 0 THEN 'economy' WHEN 1 THEN 'premium_economy' WHEN 2 THEN 'business' ELSE 'first' END,
       'Standard', s.cabin, '{"change_fee": null, "refund": [{"hours": 0, "percent": 100}]}',
       '{"cabin_bags": 1, "checked_bags": 0, "checked_bag_kg": 0, "seat_choice": "none", "meal": false, "priority_boarding": false}',
       COALESCE((SELECT max(price) FROM booking_passengers p WHERE p.booking_id = b.id AND kind = 'adult'), 0),
       COALESCE((SELECT max(price) FROM booking_passengers p WHERE p.booking_id = b.id AND kind = 'child'), 0),
       COALESCE((SELECT max(price) FROM booking_passengers p WHERE p.booking_id = b.id AND kind = 'infant'), 0),
       b.total
FROM bookings b JOIN booking_segments s ON s.booking_id = b.id AND s.segment_no = 1;
