-- An account whose owner had it deleted: the row stays under its number, for what points to it; nothing in it says whose it was.

ALTER TABLE users ADD COLUMN erased_at timestamptz;
ALTER TABLE users ADD CONSTRAINT users_erased
    CHECK (erased_at IS NULL OR (disabled_at IS NOT NULL AND phone_sealed IS NULL AND email_verified_at IS NULL
        AND octet_length(email_sealed) = 0 AND octet_length(name_sealed) = 0 AND password_hash = ''));
