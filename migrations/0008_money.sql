-- Money explained: what was sold to whom and taken apart, a ledger that is only ever added to, refunds of parts, and the
-- rules they follow.

-- What the law or the airline gives back whatever a fare family says, between two days. Reference data, filed from a
-- file as a whole; while there is none, the shipped file holds.
CREATE TABLE refund_rules (
    code         text NOT NULL CHECK (code ~ '^[a-z0-9_]{1,32}$'),
    kind         text NOT NULL CHECK (kind IN ('cooling_off', 'cancelled', 'moved')),
    country      text CHECK (country ~ '^[A-Z]{2}$'),
    hours        integer CHECK (hours > 0),
    -- Days before departure of a cooling-off, minutes of a move.
    domestic     integer CHECK (domestic >= 0),
    international integer CHECK (international >= 0),
    citation     text NOT NULL,
    from_date    date NOT NULL,
    until_date   date CHECK (until_date > from_date),
    position     smallint PRIMARY KEY,
    CONSTRAINT refund_rules_numbers CHECK (CASE kind
        WHEN 'cooling_off' THEN num_nonnulls(hours, domestic, international) = 3
        WHEN 'moved' THEN hours IS NULL AND num_nonnulls(domestic, international) = 2
        ELSE num_nonnulls(hours, domestic, international) = 0 END)
);

-- What one passenger pays for one slice, taken apart on the day of sale. Distribution group: booking_id.
CREATE TABLE booking_fares (
    booking_id   uuid NOT NULL REFERENCES bookings (id),
    passenger_no smallint NOT NULL,
    slice_no     smallint NOT NULL,
    base         bigint NOT NULL CHECK (base >= 0),
    discount     bigint NOT NULL DEFAULT 0 CHECK (discount BETWEEN 0 AND base),
    -- Code, name, kind and amount of each tax and charge.
    taxes        jsonb NOT NULL,
    PRIMARY KEY (booking_id, passenger_no, slice_no)
);

INSERT INTO booking_fares (booking_id, passenger_no, slice_no, base, taxes)
SELECT p.booking_id, p.passenger_no, s.slice_no,
       CASE p.kind WHEN 'adult' THEN s.adult WHEN 'child' THEN s.child ELSE s.infant END, '[]'
FROM booking_passengers p JOIN booking_slices s USING (booking_id);

-- When each flight was sold to leave and arrive: what a move is measured against.
ALTER TABLE booking_segments ADD COLUMN departs_at timestamptz, ADD COLUMN arrives_at timestamptz;
UPDATE booking_segments s SET departs_at = b.trip_starts_at, arrives_at = b.trip_ends_at FROM bookings b WHERE b.id = s.booking_id;
UPDATE booking_segments s SET departs_at = f.departs_at, arrives_at = f.arrives_at FROM flights f WHERE f.id = s.flight_id;
ALTER TABLE booking_segments ALTER COLUMN departs_at SET NOT NULL, ALTER COLUMN arrives_at SET NOT NULL;

-- When the airline cancelled a flight: its travellers have some time to choose before everything goes back by itself.
ALTER TABLE flights ADD COLUMN cancelled_at timestamptz;
UPDATE flights SET cancelled_at = now() WHERE declared_status = 'cancelled';
CREATE INDEX flights_cancelled ON flights (cancelled_at) WHERE cancelled_at IS NOT NULL;

-- The sweeper looks at frozen holds too: a payment does not keep seats for ever.
DROP INDEX bookings_open_holds;
CREATE INDEX bookings_open_holds ON bookings (hold_expires_at) WHERE status = 'held';

-- What was given back before there was a ledger came back whole.
UPDATE bookings SET total = 0 WHERE status = 'cancelled' AND confirmed_at IS NOT NULL;

-- A hold is extended at most once.
ALTER TABLE bookings ADD COLUMN extended boolean NOT NULL DEFAULT false;

-- A user's live holds, numbered: so many of them at most. NULL once the booking is not held any more, or not counted.
ALTER TABLE user_bookings ADD COLUMN hold_slot smallint CHECK (hold_slot > 0);
CREATE UNIQUE INDEX user_bookings_live_holds ON user_bookings (user_id, hold_slot) WHERE hold_slot IS NOT NULL;

-- Tickets given back, and what was agreed about it. Distribution group: booking_id.
CREATE TABLE cancellations (
    booking_id   uuid NOT NULL REFERENCES bookings (id),
    id           uuid NOT NULL,
    -- Who did it: the traveller, or the airline because it did not fly.
    cause        text NOT NULL CHECK (cause IN ('traveller', 'airline')),
    passengers   smallint[] NOT NULL,
    slices       smallint[] NOT NULL,
    refund       bigint NOT NULL CHECK (refund >= 0),
    kept         bigint NOT NULL CHECK (kept >= 0),
    currency     text NOT NULL,
    -- Line by line, with the reason.
    lines        jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (booking_id, id)
);

-- What is bought for a booking after it was confirmed: extras, or other flights. The booking itself is order 0 and has no
-- row here. Distribution group: booking_id.
CREATE TABLE booking_orders (
    booking_id   uuid NOT NULL REFERENCES bookings (id),
    order_no     smallint NOT NULL CHECK (order_no > 0),
    -- What the ledger calls it.
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('extras', 'change')),
    status       text NOT NULL CHECK (status IN ('open', 'paid', 'expired', 'cancelled')),
    amount       bigint NOT NULL CHECK (amount >= 0),
    currency     text NOT NULL,
    expires_at   timestamptz NOT NULL,
    -- True while a payment is under way, as in bookings.
    paying       boolean NOT NULL DEFAULT false,
    -- Of a change: what it was agreed to be.
    terms        jsonb,
    created_at   timestamptz NOT NULL,
    closed_at    timestamptz,
    PRIMARY KEY (booking_id, order_no),
    CONSTRAINT booking_orders_closed_when CHECK ((status = 'open') = (closed_at IS NULL)),
    CONSTRAINT booking_orders_paying_when CHECK (NOT paying OR status = 'open')
);
CREATE UNIQUE INDEX booking_orders_one_open ON booking_orders (booking_id) WHERE status = 'open';
CREATE INDEX booking_orders_due ON booking_orders (expires_at) WHERE status = 'open';

-- A change adds slices and segments under the next numbers and leaves the old ones, exchanged, where they are.
ALTER TABLE booking_slices DROP CONSTRAINT booking_slices_slice_no_check,
    ADD CONSTRAINT booking_slices_slice_no_check CHECK (slice_no BETWEEN 1 AND 100);
ALTER TABLE booking_segments DROP CONSTRAINT booking_segments_slice_no_check,
    ADD CONSTRAINT booking_segments_slice_no_check CHECK (slice_no BETWEEN 1 AND 100),
    DROP CONSTRAINT booking_segments_segment_no_check,
    ADD CONSTRAINT booking_segments_segment_no_check CHECK (segment_no BETWEEN 1 AND 400);

-- A passenger gets another ticket for other flights; the first one stays on record.
ALTER TABLE ticket_coupons DROP CONSTRAINT ticket_coupons_booking_id_passenger_no_fkey;
ALTER TABLE tickets ADD COLUMN issue_no smallint NOT NULL DEFAULT 1 CHECK (issue_no > 0),
    DROP CONSTRAINT tickets_pkey, ADD PRIMARY KEY (booking_id, passenger_no, issue_no);
ALTER TABLE ticket_coupons ADD COLUMN issue_no smallint NOT NULL DEFAULT 1,
    ADD FOREIGN KEY (booking_id, passenger_no, issue_no) REFERENCES tickets;

-- A payment is for an order, and each order is paid at most once.
ALTER TABLE payments ADD COLUMN order_no smallint NOT NULL DEFAULT 0;
DROP INDEX payments_one_live_per_booking;
CREATE UNIQUE INDEX payments_one_live_per_order ON payments (booking_id, order_no) WHERE status <> 'declined';

-- Parts of a payment can go back: all that is ordered and has not failed is counted where the money is.
ALTER TABLE payments ADD COLUMN refunded bigint NOT NULL DEFAULT 0;
UPDATE payments p SET refunded = (SELECT COALESCE(sum(r.amount), 0) FROM refunds r
                                  WHERE r.booking_id = p.booking_id AND r.payment_id = p.id AND r.status <> 'failed');
ALTER TABLE payments ADD CONSTRAINT payments_refunded_at_most CHECK (refunded BETWEEN 0 AND amount);
DROP INDEX refunds_one_per_payment;
CREATE INDEX refunds_by_payment ON refunds (booking_id, payment_id);

-- The ledger: one row is one posting, its entries as two arrays, so that a CHECK can see that they add up to zero.
CREATE FUNCTION sum_of(amounts bigint[]) RETURNS numeric LANGUAGE sql IMMUTABLE PARALLEL SAFE
    RETURN (SELECT COALESCE(sum(amount), 0) FROM unnest(amounts) AS amount);

CREATE TABLE ledger_postings (
    booking_id   uuid NOT NULL,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('sale', 'capture', 'change', 'cancellation', 'refund_ordered', 'refund_settled')),
    -- The booking, payment, cancellation or refund it is about: each is posted once.
    reference    uuid NOT NULL,
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    accounts     text[] NOT NULL,
    -- Minor units: debits positive, credits negative.
    amounts      bigint[] NOT NULL,
    posted_at    timestamptz NOT NULL,
    PRIMARY KEY (booking_id, kind, reference),
    CONSTRAINT ledger_postings_balance CHECK (sum_of(amounts) = 0),
    CONSTRAINT ledger_postings_entries CHECK (cardinality(accounts) = cardinality(amounts))
);

INSERT INTO ledger_postings (booking_id, id, kind, reference, currency, accounts, amounts, posted_at)
SELECT id, gen_random_uuid(), 'sale', id, currency, '{traveller,fares}'::text[], ARRAY[total, -total], confirmed_at
FROM bookings WHERE status IN ('confirmed', 'completed')
UNION ALL
SELECT booking_id, gen_random_uuid(), 'capture', id, currency, '{gateway,traveller}'::text[], ARRAY[amount, -amount], settled_at
FROM payments WHERE status = 'succeeded'
UNION ALL
SELECT booking_id, gen_random_uuid(), 'refund_ordered', id, currency, '{traveller,refunds}'::text[], ARRAY[amount, -amount], created_at
FROM refunds WHERE status <> 'failed'
UNION ALL
SELECT booking_id, gen_random_uuid(), 'refund_settled', id, currency, '{refunds,gateway}'::text[], ARRAY[amount, -amount], settled_at
FROM refunds WHERE status = 'succeeded';

-- What is written stays written: not even the role that owns the table may change it. A superuser still can, and so can the
-- owner after granting it to itself; docs/operations.md says how to serve under another role.
REVOKE UPDATE, DELETE, TRUNCATE ON ledger_postings FROM PUBLIC, CURRENT_USER;
