-- Promotion codes: what they give, who may use them, who uses them, and what they took off bookings.

-- A promotion as staff filed it (domain::promotions). Distribution group: code.
CREATE TABLE promotions (
    code         text PRIMARY KEY CHECK (code ~ '^[A-Z0-9][A-Z0-9-]{1,30}[A-Z0-9]$'),
    audience     text NOT NULL CHECK (audience IN ('public', 'unlisted', 'targeted')),
    terms        jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    -- Set once by staff, for good: what is reserved stays.
    ended_at     timestamptz
);
CREATE INDEX promotions_public ON promotions (code) WHERE audience = 'public' AND ended_at IS NULL;

-- How many uses of a code are taken, reserved and redeemed together: the row whose conditional UPDATE decides. `version`
-- rises with every filing, so that what was worked out by older terms is not taken. Group: code.
CREATE TABLE promotion_counters (
    code         text PRIMARY KEY REFERENCES promotions (code),
    total_limit  integer CHECK (total_limit > 0),
    taken        integer NOT NULL DEFAULT 0,
    version      bigint NOT NULL DEFAULT 1,
    CONSTRAINT promotion_counters_within_limit CHECK (taken >= 0 AND (total_limit IS NULL OR taken <= total_limit))
) WITH (fillfactor = 50);

-- Each use of a code. Group: code.
CREATE TABLE promotion_redemptions (
    code         text NOT NULL REFERENCES promotions (code),
    id           uuid NOT NULL,
    booking_id   uuid NOT NULL,
    user_id      uuid NOT NULL,
    status       text NOT NULL CHECK (status IN ('reserved', 'redeemed', 'released')),
    -- So many uses the user could have when it was reserved, and which of them it is; NULL: any number. Only what counts
    -- has a number, and no two of a user have the same.
    user_limit   smallint,
    user_slot    smallint CHECK (user_slot BETWEEN 1 AND user_limit),
    discount     bigint NOT NULL CHECK (discount > 0),
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    reserved_at  timestamptz NOT NULL,
    closed_at    timestamptz,
    PRIMARY KEY (code, id),
    CONSTRAINT promotion_redemptions_closed_when CHECK ((status = 'reserved') = (closed_at IS NULL)),
    CONSTRAINT promotion_redemptions_slot_when CHECK (status <> 'released' OR user_slot IS NULL)
);
CREATE UNIQUE INDEX promotion_redemptions_user_slots ON promotion_redemptions (code, user_id, user_slot) WHERE user_slot IS NOT NULL;
CREATE UNIQUE INDEX promotion_redemptions_one_per_booking ON promotion_redemptions (code, booking_id) WHERE status <> 'released';
CREATE INDEX promotion_redemptions_by_user ON promotion_redemptions (code, user_id) WHERE status <> 'released';

-- What codes took off a booking, as it was when they were applied. Group: booking_id.
CREATE TABLE booking_promotions (
    booking_id   uuid NOT NULL REFERENCES bookings (id),
    code         text NOT NULL,
    redemption_id uuid NOT NULL,
    name         text NOT NULL,
    combinable   boolean NOT NULL,
    discount     bigint NOT NULL CHECK (discount > 0),
    currency     text NOT NULL CHECK (currency ~ '^[A-Z]{3}$'),
    -- Of which fares: passenger, slice and amount of each.
    lines        jsonb NOT NULL,
    applied_at   timestamptz NOT NULL,
    PRIMARY KEY (booking_id, code)
);

-- Who may use a targeted code. Group: user_id.
CREATE TABLE promotion_audience (
    user_id      uuid NOT NULL,
    code         text NOT NULL,
    PRIMARY KEY (user_id, code)
);
CREATE INDEX promotion_audience_by_code ON promotion_audience (code);
