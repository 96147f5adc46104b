-- What staff announce: to an account, to whoever flies on a flight, or on the flights of a route on some days. A reference table.
CREATE TABLE announcements (
    id            uuid PRIMARY KEY,
    author_id     uuid NOT NULL,
    -- Whom it is for, as it was asked.
    audience      jsonb NOT NULL,
    -- The account, if it is for one: it goes with that account.
    user_id       uuid,
    -- Titles and texts by language: the airline's words to many. What is said to one account is sealed under its key.
    texts         jsonb,
    texts_sealed  bytea,
    status        text NOT NULL CHECK (status IN ('draft', 'sent', 'withdrawn')),
    -- How many it was for when its author looked.
    recipients    integer NOT NULL CHECK (recipients >= 0),
    created_at    timestamptz NOT NULL,
    sent_at       timestamptz,
    withdrawn_at  timestamptz,
    CONSTRAINT announcements_said CHECK ((texts IS NULL) <> (texts_sealed IS NULL) AND (texts_sealed IS NULL) = (user_id IS NULL)),
    CONSTRAINT announcements_times CHECK ((sent_at IS NOT NULL) = (status <> 'draft') AND (withdrawn_at IS NOT NULL) = (status = 'withdrawn'))
);
CREATE INDEX announcements_of_user ON announcements (user_id) WHERE user_id IS NOT NULL;
-- Who was told one of them.
CREATE INDEX notifications_announced ON notifications (fact) WHERE topic = 'announced';
