-- Support tickets. What people write is sealed under the key of the account that asks; so is what they attach.

-- Distribution group: user_id.
CREATE TABLE support_tickets (
    user_id       uuid NOT NULL,
    -- Version 7, so that the later is the higher.
    id            uuid NOT NULL,
    category      text NOT NULL,
    booking_id    uuid,
    subject_sealed bytea NOT NULL,
    -- The language whoever asked read our pages in.
    language      text NOT NULL,
    status        text NOT NULL CHECK (status IN ('open', 'waiting_customer', 'waiting_staff', 'resolved', 'closed')),
    -- Who of the staff looks after it.
    assigned_to   uuid,
    -- When staff should have answered what was asked last; NULL while nobody waits for them.
    answer_due_at timestamptz,
    -- When staff should have answered first, and when they did.
    first_due_at  timestamptz NOT NULL,
    first_answered_at timestamptz,
    resolved_at   timestamptz,
    -- How many messages it has.
    messages      integer NOT NULL CHECK (messages > 0),
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    CONSTRAINT support_tickets_due_when CHECK ((answer_due_at IS NOT NULL) = (status IN ('open', 'waiting_staff'))),
    CONSTRAINT support_tickets_resolved_when CHECK ((resolved_at IS NOT NULL) = (status IN ('resolved', 'closed')))
);
CREATE INDEX support_tickets_by_id ON support_tickets (id);
-- The queue of staff.
CREATE INDEX support_tickets_due ON support_tickets (answer_due_at, id) WHERE answer_due_at IS NOT NULL;
-- What is closed when nobody says that it is not dealt with, and forgotten later.
CREATE INDEX support_tickets_resolved ON support_tickets (resolved_at) WHERE resolved_at IS NOT NULL;

-- Distribution group: user_id.
CREATE TABLE support_messages (
    user_id       uuid NOT NULL,
    ticket_id     uuid NOT NULL,
    number        integer NOT NULL CHECK (number > 0),
    -- NULL: whoever asked.
    staff_id      uuid,
    -- Among staff: whoever asked does not see it.
    internal      boolean NOT NULL,
    text_sealed   bytea NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, ticket_id, number),
    CONSTRAINT support_messages_internal CHECK (NOT internal OR staff_id IS NOT NULL),
    FOREIGN KEY (user_id, ticket_id) REFERENCES support_tickets ON DELETE CASCADE
);

-- A file that somebody attached, or is about to: without a message it is forgotten after a day. Distribution group: user_id.
CREATE TABLE support_attachments (
    user_id       uuid NOT NULL,
    id            uuid NOT NULL,
    -- Who of the staff sent it; NULL: whoever asked.
    staff_id      uuid,
    -- For whom staff sent it, or what it was attached to.
    ticket_id     uuid,
    message       integer,
    name_sealed   bytea NOT NULL,
    -- By its first bytes, whatever it was said to be.
    media_type    text NOT NULL,
    bytes         integer NOT NULL CHECK (bytes > 0),
    content_sealed bytea NOT NULL,
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (user_id, id),
    CONSTRAINT support_attachments_message CHECK (message IS NULL OR ticket_id IS NOT NULL),
    FOREIGN KEY (user_id, ticket_id) REFERENCES support_tickets ON DELETE CASCADE
);
-- Pictures and sealed bytes do not get smaller.
ALTER TABLE support_attachments ALTER COLUMN content_sealed SET STORAGE EXTERNAL;
CREATE INDEX support_attachments_by_id ON support_attachments (id);
CREATE INDEX support_attachments_loose ON support_attachments (created_at) WHERE message IS NULL;
