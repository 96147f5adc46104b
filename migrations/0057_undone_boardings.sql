-- Readings at a gate that let somebody on board whom staff took off again: asked for once more, they board nobody. Distribution group:
-- flight_id.
CREATE TABLE undone_boardings (
    flight_id uuid NOT NULL,
    -- The place in the order of check-in.
    number    smallint NOT NULL CHECK (number BETWEEN 1 AND 9999),
    -- The reader, and what it called the reading.
    device    text NOT NULL,
    scan      text NOT NULL,
    undone_at timestamptz NOT NULL,
    PRIMARY KEY (flight_id, number, device, scan)
);
