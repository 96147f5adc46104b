-- Showing whose an address is, and counting guesses.

-- One-time tokens: what a mail carries to show that its reader is the account's owner. Distribution group: user_id.
CREATE TABLE account_tokens (
    user_id      uuid NOT NULL,
    -- SHA-256 of the secret half; the secret itself is in the mail and nowhere else.
    hash         bytea NOT NULL CHECK (octet_length(hash) = 32),
    purpose      text NOT NULL
        CHECK (purpose IN ('verify_address', 'reset_password', 'change_address', 'restore_address')),
    -- The address it is about, where that is not the account's own.
    address_sealed bytea,
    created_at   timestamptz NOT NULL,
    expires_at   timestamptz NOT NULL,
    PRIMARY KEY (user_id, hash),
    CONSTRAINT account_tokens_address
        CHECK ((address_sealed IS NOT NULL) = (purpose IN ('change_address', 'restore_address')))
);
CREATE INDEX account_tokens_over ON account_tokens (expires_at);

-- An address that was changed finds its account no more, and nobody else gets it while its owner may take it back.
ALTER TABLE user_emails ADD COLUMN former_until timestamptz;
CREATE INDEX user_emails_of_accounts ON user_emails (user_id);

-- What is tried, by anybody, on one subject: a keyed hash. Distribution group: subject. `free_at` is when nothing of it counts
-- any more; each attempt moves it on.
CREATE TABLE attempts (
    subject      bytea PRIMARY KEY,
    free_at      timestamptz NOT NULL
);
CREATE INDEX attempts_over ON attempts (free_at);
