-- Prices that somebody watches.

-- A watch of a route and its dates, of a flight, or of a flight that was bought. Nothing of it is personal but whose it is.
-- Distribution group: user_id.
CREATE TABLE price_watches (
    user_id      uuid NOT NULL,
    -- Version 7, so that the later is the higher.
    id           uuid NOT NULL,
    -- Which of the account's it is: there are as many as an account may have.
    slot         smallint NOT NULL CHECK (slot >= 1),
    origin       text NOT NULL,
    destination  text NOT NULL,
    from_date    date NOT NULL,
    to_date      date NOT NULL,
    -- The flight, where not all of the route are watched; and the booking it was bought with.
    flight_id    uuid,
    booking_id   uuid,
    cabin        smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    -- How many must have seats in one class.
    seats        smallint NOT NULL CHECK (seats BETWEEN 1 AND 9),
    -- What is waited for: this price or less, or so many percent less. Minor units, as all that follow.
    target       bigint CHECK (target >= 0),
    drop_percent smallint CHECK (drop_percent BETWEEN 1 AND 90),
    by_mail      boolean NOT NULL,
    -- What is remembered (domain::tracking::Watch).
    reference    bigint,
    told         bigint,
    above_since  timestamptz,
    due_price    bigint,
    due_date     date,
    -- Prices above the one and below the other change nothing, so that a change looks only at the watches that it concerns.
    quiet_low    bigint,
    quiet_high   bigint,
    -- False until it was looked at since it began, began anew or went on.
    looked_at    boolean NOT NULL DEFAULT false,
    -- When what is due is told, or tried again; and how often that failed.
    try_at       timestamptz,
    tries        integer NOT NULL DEFAULT 0,
    -- How often it told something: the version of its notification.
    times        integer NOT NULL DEFAULT 0 CHECK (times >= 0),
    told_at      timestamptz,
    paused_at    timestamptz,
    -- The end of its last date.
    expires_at   timestamptz NOT NULL,
    created_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    CONSTRAINT price_watches_slots UNIQUE (user_id, slot),
    CONSTRAINT price_watches_dates CHECK (from_date <= to_date),
    CONSTRAINT price_watches_of_a_flight CHECK (flight_id IS NULL OR from_date = to_date),
    CONSTRAINT price_watches_bought CHECK (booking_id IS NULL OR flight_id IS NOT NULL),
    CONSTRAINT price_watches_one_wish CHECK (num_nonnulls(target, drop_percent) = 1),
    CONSTRAINT price_watches_due CHECK ((due_price IS NULL) = (due_date IS NULL) AND (due_price IS NULL OR try_at IS NOT NULL))
);
CREATE INDEX price_watches_by_route ON price_watches (origin, destination, cabin, to_date, from_date) WHERE flight_id IS NULL AND paused_at IS NULL;
CREATE INDEX price_watches_by_flight ON price_watches (flight_id) WHERE flight_id IS NOT NULL AND paused_at IS NULL;
CREATE INDEX price_watches_new ON price_watches (user_id, id) WHERE NOT looked_at AND paused_at IS NULL;
CREATE INDEX price_watches_due_at ON price_watches (try_at) WHERE due_price IS NOT NULL AND paused_at IS NULL;
CREATE INDEX price_watches_over ON price_watches (expires_at);
