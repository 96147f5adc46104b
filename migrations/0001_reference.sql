-- Reference data: small, the same for everybody, read far more often than written.

CREATE TABLE airports (
    code         text PRIMARY KEY CHECK (code ~ '^[A-Z]{3}$'),
    name         text NOT NULL,
    city         text NOT NULL,
    subdivision  text NOT NULL,
    country      text NOT NULL,
    latitude     double precision NOT NULL,
    longitude    double precision NOT NULL,
    timezone     text NOT NULL,
    -- Departures a week in the timetable: ranks the answers to "which airport do you mean".
    weekly_departures integer NOT NULL DEFAULT 0
);

-- What a connection costs against the sum of its legs (design: a market ratio filed as data, 1 where none).
CREATE TABLE market_ratios (
    origin       text NOT NULL,
    destination  text NOT NULL,
    cabin        smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    ratio_ppm    integer NOT NULL CHECK (ratio_ppm BETWEEN 1 AND 10000000),
    PRIMARY KEY (origin, destination, cabin)
);

-- One row per import: its own record, and the lock that keeps two imports apart.
CREATE TABLE imports (
    id           uuid PRIMARY KEY,
    kind         text NOT NULL,
    source       text NOT NULL,
    sha256       text NOT NULL,
    from_date    date,
    to_date      date,
    flights_added integer NOT NULL,
    imported_at  timestamptz NOT NULL
);

-- A named lease: one process at a time does the named work; a dead holder's lease runs out.
CREATE TABLE leases (
    name         text PRIMARY KEY,
    holder       uuid NOT NULL,
    until        timestamptz NOT NULL
);
