-- Accounts. Distribution group: user_id. Columns named *_sealed hold AES-256-GCM ciphertext under the user's own key
-- (platform::seal); dropping the key erases the person.

CREATE TABLE users (
    id            uuid PRIMARY KEY,
    email_sealed  bytea NOT NULL,
    name_sealed   bytea NOT NULL,
    phone_sealed  bytea,
    locale        text NOT NULL DEFAULT 'en' CHECK (locale IN ('en', 'hi')),
    password_hash text NOT NULL,
    role          text NOT NULL DEFAULT 'traveller' CHECK (role IN ('traveller', 'admin')),
    created_at    timestamptz NOT NULL,
    email_verified_at timestamptz
);

-- The user's data key, wrapped by the master key that master_key names.
CREATE TABLE user_keys (
    user_id       uuid PRIMARY KEY REFERENCES users (id) ON DELETE CASCADE,
    wrapped_key   bytea NOT NULL,
    master_key    smallint NOT NULL
);

-- Blind index: a keyed hash of the normalised address finds the account without storing the address. A table of its
-- own, because it is looked up by another key than the user's.
CREATE TABLE user_emails (
    email_index   bytea PRIMARY KEY,
    user_id       uuid NOT NULL
);
