-- Web push: where browsers take what their owners are told, and what is on its way there.

-- A browser that takes pushes for somebody. Distribution group: user_id.
CREATE TABLE push_subscriptions (
    user_id        uuid NOT NULL,
    -- Version 7, so that the later is the higher.
    id             uuid NOT NULL,
    -- The session in which it was made: when that is ended, so is this.
    session_id     uuid NOT NULL,
    -- The blind index of where pushes go. Whoever knows that place can ask for nothing there without our key.
    endpoint_index bytea NOT NULL,
    -- The place, the browser's keys (RFC 8291) and what its owner calls it.
    content_sealed bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    -- When a push was last taken there; since when none is, and how many came to nothing since.
    reached_at     timestamptz,
    failing_since  timestamptz,
    misses         smallint NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, id),
    CONSTRAINT push_subscriptions_once UNIQUE (user_id, endpoint_index)
);
CREATE INDEX push_subscriptions_by_place ON push_subscriptions (endpoint_index);
CREATE INDEX push_subscriptions_by_session ON push_subscriptions (session_id);

-- A notification on its way to a browser, until it is there or not worth it. What it says is asked for when it is sent.
-- Distribution group: user_id.
CREATE TABLE pushes (
    user_id         uuid NOT NULL,
    -- By chance.
    id              uuid NOT NULL,
    -- Without a foreign key: whoever tells waits for nobody who ends a session.
    subscription_id uuid NOT NULL,
    notification_id uuid NOT NULL,
    locale          text NOT NULL CHECK (locale IN ('en', 'hi')),
    -- Told to many at once; it goes after what is somebody's own.
    is_bulk         boolean NOT NULL,
    created_at      timestamptz NOT NULL,
    due_at          timestamptz NOT NULL,
    gives_up_at     timestamptz NOT NULL,
    tries           integer NOT NULL DEFAULT 0,
    PRIMARY KEY (user_id, id),
    CONSTRAINT pushes_once UNIQUE (user_id, subscription_id, notification_id)
);
CREATE INDEX pushes_due ON pushes (is_bulk, due_at);
CREATE INDEX pushes_over ON pushes (gives_up_at);
