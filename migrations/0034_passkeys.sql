-- Passkeys (WebAuthn): a challenge is kept from the moment it is given out until an answer comes, and is good for one.

CREATE TABLE passkey_challenges (
    challenge    bytea PRIMARY KEY,
    -- What it was given out for; whose account that is about, where it is known.
    purpose      text NOT NULL CHECK (purpose IN ('register', 'sign_in', 'second_factor')),
    user_id      uuid REFERENCES users (id) ON DELETE CASCADE,
    -- What the answer is checked against.
    state        bytea NOT NULL,
    expires_at   timestamptz NOT NULL
);
CREATE INDEX passkey_challenges_over ON passkey_challenges (expires_at);

-- Of a passkey: the hash of its id, which is one account's only (WebAuthn section 7.1, step 22).
ALTER TABLE second_factors ADD COLUMN credential_hash bytea UNIQUE;
