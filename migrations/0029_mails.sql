-- Mails on their way. Distribution group: owner, the account they are to, or for an address without one the mail itself.

CREATE TABLE mails (
    owner          uuid NOT NULL,
    -- Version 7, so that the later is the higher. It is in the Message-ID: whoever gets a mail twice can tell.
    id             uuid NOT NULL,
    -- Whether the owner is an account, under whose key the content is then sealed; the installation's otherwise.
    of_account     boolean NOT NULL,
    -- Which text, in which language.
    template       text NOT NULL,
    locale         text NOT NULL CHECK (locale IN ('en', 'hi')),
    -- Address and arguments. Gone when it is over: they may hold what opens an account.
    content_sealed bytea,
    created_at     timestamptz NOT NULL,
    -- When it is tried next; nothing when it is over, or where mails are kept and not sent (a demo without a mail server).
    due_at         timestamptz,
    -- After this nobody wants it any more.
    gives_up_at    timestamptz NOT NULL,
    tries          integer NOT NULL DEFAULT 0,
    sent_at        timestamptz,
    failed_at      timestamptz,
    -- What the mail server answered, as its code, or `late`.
    failure        text,
    PRIMARY KEY (owner, id),
    CONSTRAINT mails_over_once CHECK (sent_at IS NULL OR failed_at IS NULL),
    CONSTRAINT mails_over_without_content
        CHECK ((sent_at IS NULL AND failed_at IS NULL) OR (content_sealed IS NULL AND due_at IS NULL))
);
CREATE INDEX mails_due ON mails (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX mails_by_time ON mails (id);
