-- What staff did: written in the transaction that does it, never changed, and chained by hash afterwards.

-- One act. Distribution group: lane; there is one so far.
CREATE TABLE audit_records (
    lane         smallint NOT NULL DEFAULT 0 CHECK (lane = 0),
    -- Version 7, so that the later is the higher.
    id           uuid NOT NULL,
    recorded_at  timestamptz NOT NULL,
    -- Who: the account and the role it acted in, and the program it came through if it was one.
    actor        uuid NOT NULL,
    role         text NOT NULL,
    client       text,
    -- From where.
    address      text NOT NULL,
    -- In which request, as in the logs.
    request_id   text NOT NULL,
    -- What was done, such as `flight.update`, to what, by its id on the wire.
    action       text NOT NULL CHECK (action ~ '^[a-z_]+\.[a-z_]+$'),
    object       text NOT NULL CHECK (length(object) BETWEEN 1 AND 200),
    -- The object as it was and as it is: JSON as text, because the chain is about its bytes. No secrets, no travellers' data.
    before       json,
    after        json,
    PRIMARY KEY (lane, id)
);
CREATE INDEX audit_records_by_object ON audit_records (object, id);
CREATE INDEX audit_records_by_actor ON audit_records (actor, id);

-- The chain: a link for each record, with a keyed hash over the record and the link before. It is made afterwards by a job, so
-- that nobody who writes a record waits for who wrote the one before.
CREATE TABLE audit_links (
    lane         smallint NOT NULL DEFAULT 0 CHECK (lane = 0),
    -- 1, 2, 3 … without a gap.
    position     bigint NOT NULL CHECK (position > 0),
    record       uuid NOT NULL,
    hash         bytea NOT NULL CHECK (octet_length(hash) = 32),
    linked_at    timestamptz NOT NULL,
    PRIMARY KEY (lane, position),
    CONSTRAINT audit_links_once UNIQUE (lane, record)
);

-- What is written stays written, as in the ledger: not even the role that owns the tables may change it.
REVOKE UPDATE, DELETE, TRUNCATE ON audit_records, audit_links FROM PUBLIC, CURRENT_USER;
