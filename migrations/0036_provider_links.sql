-- Identities that providers of OpenID Connect vouch for, and whose accounts they open. Distribution group: identity, the key they
-- are looked up by: a keyed hash of issuer and subject, so that an identity has one account.

CREATE TABLE provider_links (
    identity     bytea PRIMARY KEY CHECK (octet_length(identity) = 32),
    user_id      uuid NOT NULL,
    -- The setting's name for the provider when it was used last, and who it is for good.
    provider     text NOT NULL,
    issuer       text NOT NULL,
    -- The subject and the address the provider named, for the account's owner.
    details_sealed bytea NOT NULL,
    linked_at    timestamptz NOT NULL,
    used_at      timestamptz
);
CREATE INDEX provider_links_of_accounts ON provider_links (user_id);
