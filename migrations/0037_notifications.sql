-- What people are told, and what is still to be told.

-- What somebody was told: their inbox. Distribution group: user_id.
CREATE TABLE notifications (
    user_id       uuid NOT NULL,
    -- Version 7, so that the later is the higher.
    id            uuid NOT NULL,
    -- Which text; its kind, which preferences are about, follows from it.
    topic         text NOT NULL,
    -- What it is about, and which word of it this is. Nobody is told a version of a fact twice.
    fact          text NOT NULL,
    version       integer NOT NULL CHECK (version > 0),
    -- What the fact was, as words that can be compared: the next version tells another.
    state         text NOT NULL,
    booking_id    uuid,
    flight_id     uuid,
    -- What fills the text in: codes, numbers, times and amounts. Never personal data.
    params        jsonb NOT NULL,
    created_at    timestamptz NOT NULL,
    read_at       timestamptz,
    -- When a later version took its place.
    superseded_at timestamptz,
    PRIMARY KEY (user_id, id),
    CONSTRAINT notifications_once UNIQUE (user_id, fact, version)
);
CREATE INDEX notifications_unread ON notifications (user_id) WHERE read_at IS NULL AND superseded_at IS NULL;
-- For the job that deletes old ones. Rows come in the order of their ids, or nearly so.
CREATE INDEX notifications_by_time ON notifications USING brin (id);

-- What somebody does not want by which way, or wants beyond what is usual. Distribution group: user_id.
CREATE TABLE notification_preferences (
    user_id       uuid NOT NULL,
    kind          text NOT NULL,
    channel       text NOT NULL,
    wanted        boolean NOT NULL,
    PRIMARY KEY (user_id, kind, channel)
);

-- Flights and bookings of which there is news. A row goes when everybody it concerns was told; that of a reminder stays, so that there is
-- one. Local, by subject.
CREATE TABLE news (
    -- The booking or flight, by its id on the wire.
    subject       text NOT NULL,
    fact          text NOT NULL,
    topic         text,
    params        jsonb NOT NULL,
    -- Of the last event of it: a booking's come in their order.
    sequence      bigint NOT NULL,
    -- How far a flight's bookings were told.
    told_until    uuid,
    -- When it is looked at next; NULL when it is over.
    due_at        timestamptz,
    tries         integer NOT NULL DEFAULT 0,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (subject, fact)
);
CREATE INDEX news_due ON news (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX news_over ON news (created_at) WHERE due_at IS NULL;
