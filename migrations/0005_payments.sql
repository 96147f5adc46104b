-- Money. Distribution group: booking_id.

CREATE TABLE payments (
    booking_id      uuid NOT NULL REFERENCES bookings (id),
    id              uuid NOT NULL,
    user_id         uuid NOT NULL,
    status          text NOT NULL CHECK (status IN ('created', 'processing', 'requires_action', 'unknown', 'succeeded', 'declined')),
    amount          bigint NOT NULL CHECK (amount >= 0),
    currency        text NOT NULL,
    -- What the traveller sees of the method: kind, brand and last four digits. Never the number itself.
    method          jsonb NOT NULL,
    -- The gateway's own id, known once it has answered.
    intent_id       text,
    decline_code    text,
    action_url      text,
    -- When the reconciler asks the gateway next, while the outcome is open.
    next_check_at   timestamptz,
    checks          integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    settled_at      timestamptz,
    version         bigint NOT NULL DEFAULT 1,
    PRIMARY KEY (booking_id, id),
    CONSTRAINT payments_settled_when CHECK ((status IN ('succeeded', 'declined')) = (settled_at IS NOT NULL))
);

-- At most one payment of a booking is under way or has been captured.
CREATE UNIQUE INDEX payments_one_live_per_booking ON payments (booking_id) WHERE status <> 'declined';
CREATE INDEX payments_open ON payments (next_check_at) WHERE next_check_at IS NOT NULL;

-- Payment to booking. Group: payment_id.
CREATE TABLE payment_bookings (
    payment_id      uuid PRIMARY KEY,
    booking_id      uuid NOT NULL
);

CREATE TABLE refunds (
    booking_id      uuid NOT NULL,
    id              uuid NOT NULL,
    payment_id      uuid NOT NULL,
    status          text NOT NULL CHECK (status IN ('pending', 'succeeded', 'failed')),
    amount          bigint NOT NULL CHECK (amount > 0),
    currency        text NOT NULL,
    gateway_id      text,
    -- When it is sent (again), while it is not settled.
    next_try_at     timestamptz,
    tries           integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    settled_at      timestamptz,
    PRIMARY KEY (booking_id, id),
    FOREIGN KEY (booking_id, payment_id) REFERENCES payments
);

-- Full refunds only, for now: a payment is returned once.
CREATE UNIQUE INDEX refunds_one_per_payment ON refunds (booking_id, payment_id) WHERE status <> 'failed';
CREATE INDEX refunds_open ON refunds (next_try_at) WHERE next_try_at IS NOT NULL;
