-- Events: what happened, recorded in the transaction in which it happened, told to whoever wants to know, and sent to
-- addresses outside.

-- What happened. Distribution group: lane, a hash of the subject.
CREATE TABLE outbox (
    lane         smallint NOT NULL CHECK (lane BETWEEN 0 AND 63),
    -- UUIDv7: its time is when it happened, by the clock of the server that wrote it. Never an order of events.
    id           uuid NOT NULL,
    -- Drawn by the INSERT, one at a time: of two events of a subject, the one whose transaction had to wait for the
    -- other's has the higher number. That order is the one events are told in (docs/events.md).
    sequence     bigint GENERATED ALWAYS AS IDENTITY (CACHE 1),
    -- The booking, flight or import it is about, by its id on the wire.
    subject      text NOT NULL,
    type         text NOT NULL,
    version      smallint NOT NULL CHECK (version > 0),
    -- Ids, states, amounts, codes and times. Never personal data.
    payload      jsonb NOT NULL,
    created_at   timestamptz NOT NULL,
    -- When a relay had handed it to the bus.
    relayed_at   timestamptz,
    PRIMARY KEY (lane, id)
);
-- What a relay reads; empty but for a moment.
CREATE INDEX outbox_unrelayed ON outbox (lane, sequence) WHERE relayed_at IS NULL;

-- Who relays a lane: a lease by the database's clock. Its row is also the fence: a relay that lost it takes no effect.
-- Group: lane.
CREATE TABLE outbox_lanes (
    lane         smallint PRIMARY KEY CHECK (lane BETWEEN 0 AND 63),
    holder       uuid,
    until        timestamptz NOT NULL DEFAULT '-infinity'
);
INSERT INTO outbox_lanes (lane) SELECT generate_series(0, 63);

-- Which consumer has had which event: written with the consumer's effect, so that the effect happens once. Group: lane.
CREATE TABLE outbox_inbox (
    lane         smallint NOT NULL,
    consumer     text NOT NULL,
    event_id     uuid NOT NULL,
    handled_at   timestamptz NOT NULL,
    PRIMARY KEY (lane, consumer, event_id)
);

-- Events that a consumer could not take, and those of the same subject behind them. Group: lane.
CREATE TABLE outbox_parked (
    lane         smallint NOT NULL,
    consumer     text NOT NULL,
    subject      text NOT NULL,
    sequence     bigint NOT NULL,
    event_id     uuid NOT NULL,
    tries        integer NOT NULL,
    -- NULL while it only waits for the one before it.
    next_try_at  timestamptz,
    last_error   text,
    parked_at    timestamptz NOT NULL,
    PRIMARY KEY (lane, consumer, subject, sequence)
);
CREATE INDEX outbox_parked_due ON outbox_parked (lane, next_try_at) WHERE next_try_at IS NOT NULL;

-- Addresses that are told of events. Distribution group: endpoint id.
CREATE TABLE webhook_endpoints (
    id           uuid PRIMARY KEY,
    -- The OAuth client it belongs to; the airline's own have none.
    client_id    uuid,
    created_by   uuid NOT NULL,
    url          text NOT NULL,
    description  text NOT NULL,
    -- Types of events: exact, 'booking.*', or '*'.
    filters      text[] NOT NULL CHECK (cardinality(filters) BETWEEN 1 AND 50),
    enabled      boolean NOT NULL,
    -- Why it is not enabled, when it was not a person who said so.
    disabled_reason text CHECK (disabled_reason IN ('failing', 'gone')),
    -- Signs deliveries; sealed under a key of the installation. In a rotation the one before signs too.
    secret_sealed bytea NOT NULL,
    previous_secret_sealed bytea,
    previous_until timestamptz,
    -- Since when nothing has reached it. NULL: the last delivery did.
    failing_since timestamptz,
    created_at   timestamptz NOT NULL,
    updated_at   timestamptz NOT NULL,
    deleted_at   timestamptz,
    -- One process at a time sends to an endpoint, by the database's clock; and when it was last served, so that all get a turn.
    lease_holder uuid,
    lease_until  timestamptz NOT NULL DEFAULT '-infinity',
    CONSTRAINT webhook_endpoints_rotation CHECK ((previous_secret_sealed IS NULL) = (previous_until IS NULL))
);

-- An event on its way to an address. Group: endpoint id.
CREATE TABLE webhook_deliveries (
    endpoint_id  uuid NOT NULL REFERENCES webhook_endpoints (id),
    id           uuid NOT NULL,
    event_id     uuid NOT NULL,
    event_type   text NOT NULL,
    subject      text NOT NULL,
    sequence     bigint NOT NULL,
    -- What is sent and signed, byte for byte.
    body         text NOT NULL,
    status       text NOT NULL CHECK (status IN ('pending', 'delivered', 'failed')),
    tries        integer NOT NULL DEFAULT 0,
    next_try_at  timestamptz,
    -- The delivery it repeats.
    replay_of    uuid,
    created_at   timestamptz NOT NULL,
    finished_at  timestamptz,
    PRIMARY KEY (endpoint_id, id),
    CONSTRAINT webhook_deliveries_due_when CHECK ((status = 'pending') = (next_try_at IS NOT NULL)),
    CONSTRAINT webhook_deliveries_finished_when CHECK ((status = 'pending') = (finished_at IS NULL))
);
CREATE INDEX webhook_deliveries_due ON webhook_deliveries (endpoint_id, next_try_at) WHERE status = 'pending';

-- What came of each try. Group: endpoint id.
CREATE TABLE webhook_attempts (
    endpoint_id  uuid NOT NULL,
    delivery_id  uuid NOT NULL,
    attempt_no   integer NOT NULL,
    started_at   timestamptz NOT NULL,
    duration_ms  integer NOT NULL,
    -- The status of the answer, or a word for why there was none.
    response_status smallint,
    error        text,
    -- The beginning of the answer, without our secrets.
    response_head text,
    PRIMARY KEY (endpoint_id, delivery_id, attempt_no),
    FOREIGN KEY (endpoint_id, delivery_id) REFERENCES webhook_deliveries ON DELETE CASCADE,
    CONSTRAINT webhook_attempts_outcome CHECK (num_nonnulls(response_status, error) >= 1)
);
