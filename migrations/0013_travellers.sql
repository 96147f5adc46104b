-- People an account books for. Distribution group: user_id. Their names and birthdays are sealed under the account's key.

CREATE TABLE saved_travellers (
    user_id        uuid NOT NULL,
    id             uuid NOT NULL,
    details_sealed bytea NOT NULL,
    created_at     timestamptz NOT NULL,
    PRIMARY KEY (user_id, id)
);
