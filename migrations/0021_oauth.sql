-- Programs that call the API in somebody's name or in their own, and the codes they are given on the way.

CREATE TABLE oauth_clients (
    id           uuid PRIMARY KEY,
    name         text NOT NULL,
    -- Hashes of its secrets: the current one, and the one before until a time. Without any it is a public client (RFC 6749
    -- section 2.1): an app on somebody's device that can keep none.
    secret_hash  bytea,
    older_hash   bytea,
    older_until  timestamptz,
    redirect_uris text[] NOT NULL,
    -- What it may ask for at most.
    scopes       text[] NOT NULL,
    -- The account it acts for by itself (client credentials); without one it cannot.
    acts_for     uuid REFERENCES users (id),
    created_at   timestamptz NOT NULL,
    disabled_at  timestamptz
);

-- An authorization code, kept for as long as its use tells of theft.
CREATE TABLE oauth_codes (
    hash         bytea PRIMARY KEY,
    client_id    uuid NOT NULL,
    user_id      uuid NOT NULL,
    redirect_uri text NOT NULL,
    challenge    text NOT NULL,
    scopes       text[] NOT NULL,
    second_factor boolean NOT NULL,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    session_id   uuid
);
CREATE INDEX oauth_codes_over ON oauth_codes (expires_at);
