-- What the gateway tells us, and the methods travellers keep with it.

-- Events that were taken, by the gateway's own ids: an event counts once, however often it comes. What it is about is looked up
-- at the gateway, so nothing of its content is kept. Group: id.
CREATE TABLE gateway_events (
    id              text PRIMARY KEY,
    kind            text NOT NULL,
    -- The gateway's id of what it is about.
    object_id       text NOT NULL,
    happened_at     timestamptz NOT NULL,
    received_at     timestamptz NOT NULL,
    deliveries      integer NOT NULL DEFAULT 1
);
CREATE INDEX gateway_events_old ON gateway_events (received_at);

-- A user as the gateway knows them. Group: user_id.
CREATE TABLE gateway_customers (
    user_id         uuid PRIMARY KEY,
    customer_id     text NOT NULL,
    created_at      timestamptz NOT NULL
);

-- Methods kept for later payments. Group: user_id.
CREATE TABLE saved_methods (
    user_id         uuid NOT NULL,
    id              uuid NOT NULL,
    status          text NOT NULL CHECK (status IN ('pending', 'requires_action', 'ready', 'failed', 'removing')),
    -- What the traveller sees of it: kind, brand and last four digits.
    method          jsonb NOT NULL,
    -- The gateway's token for it, and its ids of the setup and of the method once they are known.
    token           text NOT NULL,
    setup_id        text,
    gateway_method  text,
    action_url      text,
    failure_code    text,
    next_check_at   timestamptz,
    checks          integer NOT NULL DEFAULT 0,
    created_at      timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX saved_methods_open ON saved_methods (next_check_at) WHERE next_check_at IS NOT NULL;
