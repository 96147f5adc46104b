-- What is told to open sockets (docs/live.md).

-- What was told, before it has its number. Any transaction may write here: nobody waits for anybody. Local.
CREATE TABLE live_inbox (
    id           bigint GENERATED ALWAYS AS IDENTITY (CACHE 1) PRIMARY KEY,
    -- Who may hear it and what it is about: flight:…, booking:…, inbox:…, ops.
    topic        text NOT NULL,
    -- What happened, in the words of events.
    event        text NOT NULL,
    -- Ids, states, codes and times. Never personal data.
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL
);

-- The number given last, and the highest that is kept no more. One row.
CREATE TABLE live_head (
    only_one     boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    seq          bigint NOT NULL DEFAULT 0,
    floor        bigint NOT NULL DEFAULT 0
);
INSERT INTO live_head DEFAULT VALUES;

-- What was told, by numbers without a gap that become visible in their order, kept for those who were away for a while. Local.
CREATE TABLE live_log (
    seq          bigint PRIMARY KEY,
    topic        text NOT NULL,
    event        text NOT NULL,
    data         jsonb NOT NULL,
    created_at   timestamptz NOT NULL
);
CREATE INDEX live_log_of_topic ON live_log (topic, seq);

-- Tickets that open a socket once, each for seconds; the hash of what was handed out. Local.
CREATE TABLE live_tickets (
    hash         bytea PRIMARY KEY,
    user_id      uuid NOT NULL,
    session_id   uuid NOT NULL,
    client_id    uuid,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX live_tickets_expired ON live_tickets (expires_at);
