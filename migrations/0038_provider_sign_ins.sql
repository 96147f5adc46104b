-- Sign-ins that were sent to a provider and have not come back. Distribution group: state. Each is good once, for ten minutes, in
-- the browser it was begun in.

CREATE TABLE provider_sign_ins (
    -- SHA-256 of what the provider is told to send back, and of the cookie of the browser.
    state        bytea PRIMARY KEY CHECK (octet_length(state) = 32),
    browser      bytea NOT NULL CHECK (octet_length(browser) = 32),
    provider     text NOT NULL,
    issuer       text NOT NULL,
    -- The account and the session that want a link; nothing where somebody signs in.
    user_id      uuid,
    session_id   uuid,
    -- What the provider's answer is checked with, and where the browser goes on.
    secrets_sealed bytea NOT NULL,
    expires_at   timestamptz NOT NULL,
    CONSTRAINT provider_sign_ins_link CHECK ((user_id IS NULL) = (session_id IS NULL))
);
CREATE INDEX provider_sign_ins_over ON provider_sign_ins (expires_at);
