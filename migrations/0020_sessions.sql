-- Sessions: who is signed in, on what, since when. A session is an account's, so its rows lie with the account's.

ALTER TABLE users DROP CONSTRAINT users_role_check;
ALTER TABLE users ADD CONSTRAINT users_role_check
    CHECK (role IN ('traveller', 'agent', 'operations', 'revenue', 'support', 'admin'));
ALTER TABLE users ADD COLUMN disabled_at timestamptz;
-- The few accounts of staff, to be listed without walking past all the others.
CREATE INDEX users_staff ON users (id) WHERE role <> 'traveller';

CREATE TABLE sessions (
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    -- Of a browser: the hash of what its cookie holds. Of a program: nothing, it has refresh tokens.
    cookie_hash  bytea,
    -- The program it was opened by, and what that may do; without one it is our own app, which may do what the account may.
    client_id    uuid,
    scopes       text[] NOT NULL DEFAULT '{}',
    -- The address and the program's name for itself, for the list of sessions.
    device_sealed bytea NOT NULL,
    started_at   timestamptz NOT NULL,
    seen_at      timestamptz NOT NULL,
    -- When the account's owner last proved who they are, and when with a second factor.
    proven_at    timestamptz NOT NULL,
    second_factor_at timestamptz,
    idle_minutes integer NOT NULL,
    ends_at      timestamptz NOT NULL,
    ended_at     timestamptz,
    end_cause    text,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX sessions_over ON sessions (ends_at);
CREATE INDEX sessions_of_clients ON sessions (client_id) WHERE client_id IS NOT NULL AND ended_at IS NULL;

-- A refresh token is used once. Its successor is the row that names it as parent; of several, the last turn counts.
CREATE TABLE refresh_tokens (
    user_id      uuid NOT NULL,
    session_id   uuid NOT NULL,
    hash         bytea NOT NULL,
    parent       bytea,
    turn         smallint NOT NULL DEFAULT 0,
    issued_at    timestamptz NOT NULL,
    used_at      timestamptz,
    superseded_at timestamptz,
    PRIMARY KEY (user_id, session_id, hash),
    FOREIGN KEY (user_id, session_id) REFERENCES sessions (user_id, id) ON DELETE CASCADE
);

-- Sessions that ended before their time. Every process reads what is new here each second, so that access tokens of theirs
-- are refused although nobody looks them up.
CREATE TABLE ended_sessions (
    session_id   uuid PRIMARY KEY,
    ended_at     timestamptz NOT NULL DEFAULT clock_timestamp()
);
CREATE INDEX ended_sessions_since ON ended_sessions (ended_at);
