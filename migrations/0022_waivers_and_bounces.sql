-- What is too little to charge is not charged: what the gateway would refuse as too small is taken off what was sold.
-- Distribution group: booking_id.
CREATE TABLE booking_waivers (
    booking_id   uuid NOT NULL REFERENCES bookings (id),
    -- What was not charged for: 0 is the booking itself, others are orders.
    order_no     smallint NOT NULL CHECK (order_no >= 0),
    amount       bigint NOT NULL CHECK (amount > 0),
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Passenger and slice of each fare, with what is off its base and off its taxes.
    fares        jsonb NOT NULL,
    -- The number of each extra, with what is off its price.
    extras       jsonb NOT NULL,
    waived_at    timestamptz NOT NULL,
    PRIMARY KEY (booking_id, order_no)
);

-- A refund that came back after it had succeeded. What settles it after that is posted under another id than before: the
-- settlement that was undone stays on the ledger. NULL: the id it was first ordered as.
ALTER TABLE refunds
    ADD COLUMN bounced_at timestamptz,
    ADD COLUMN posted_as uuid,
    ADD CONSTRAINT refunds_bounced_when CHECK (bounced_at IS NULL OR status <> 'pending');
-- Every row there is fits, so none is looked at.
ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_kind_check,
    ADD CONSTRAINT ledger_postings_kind_check CHECK (kind IN ('sale', 'capture', 'change', 'cancellation', 'refund_ordered',
        'refund_settled', 'refund_bounced')) NOT VALID;

-- A hold or an order that could not be given up is left alone until then, so that it is not tried every second.
ALTER TABLE bookings ADD COLUMN sweep_after timestamptz;
ALTER TABLE booking_orders ADD COLUMN sweep_after timestamptz;
