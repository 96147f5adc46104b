-- Second factors: what an account's owner has besides a password. Every row lies with its account's, and goes with it.

CREATE TABLE second_factors (
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    id           uuid NOT NULL,
    kind         text NOT NULL CHECK (kind IN ('totp', 'passkey')),
    -- What its owner calls it.
    name_sealed  bytea NOT NULL,
    -- The secret an app makes codes from; of a passkey its public key, its id and what is known of it.
    secret_sealed bytea NOT NULL,
    -- The last step of time a code was taken of: none is good twice.
    last_step    bigint,
    added_at     timestamptz NOT NULL,
    -- Until its owner has shown a code of it, it counts for nothing.
    confirmed_at timestamptz,
    used_at      timestamptz,
    PRIMARY KEY (user_id, id)
);

-- Good once each; a keyed hash of each is kept.
CREATE TABLE recovery_codes (
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash         bytea NOT NULL,
    made_at      timestamptz NOT NULL,
    used_at      timestamptz,
    PRIMARY KEY (user_id, hash)
);

-- Sign-ins that wait for their second factor.
CREATE TABLE login_tokens (
    user_id      uuid NOT NULL REFERENCES users (id) ON DELETE CASCADE,
    hash         bytea NOT NULL,
    -- Whether a browser's session is to be opened.
    browser      boolean NOT NULL,
    wrong        smallint NOT NULL DEFAULT 0,
    expires_at   timestamptz NOT NULL,
    used_at      timestamptz,
    PRIMARY KEY (user_id, hash)
);
CREATE INDEX login_tokens_over ON login_tokens (expires_at);

-- When wrong codes came within the last hour. One row an account, so that who counts is alone.
CREATE TABLE second_factor_guesses (
    user_id      uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    wrong_at     timestamptz[] NOT NULL DEFAULT '{}'
);
