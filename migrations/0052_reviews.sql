-- What travellers think of flights.

-- A review: one of each account and dated flight. The comment is for everybody to read; it goes when its account is erased. One that staff
-- hid or are to look at is emptied when its writer takes it back, so that what they write next waits for staff too.
-- Distribution group: flight_number.
CREATE TABLE reviews (
    flight_number text NOT NULL,
    -- Version 7, so that the later is the higher.
    id            uuid NOT NULL,
    user_id       uuid NOT NULL,
    flight_id     uuid NOT NULL,
    booking_id    uuid NOT NULL,
    stars         smallint NOT NULL CHECK (stars BETWEEN 1 AND 5),
    crew          smallint CHECK (crew BETWEEN 1 AND 5),
    comfort       smallint CHECK (comfort BETWEEN 1 AND 5),
    punctuality   smallint CHECK (punctuality BETWEEN 1 AND 5),
    comment       text,
    -- The language its writer read our pages in.
    language      text NOT NULL,
    status        text NOT NULL CHECK (status IN ('pending', 'published', 'hidden', 'withdrawn')),
    -- Why staff hid it.
    hidden_because text,
    -- How many asked staff to look at it since they last did.
    reports       integer NOT NULL DEFAULT 0 CHECK (reports >= 0),
    -- Rises when its writer says something else, so that staff decide about what they read.
    version       integer NOT NULL DEFAULT 1,
    created_at    timestamptz NOT NULL,
    changed_at    timestamptz NOT NULL,
    PRIMARY KEY (flight_number, id),
    CONSTRAINT reviews_once UNIQUE (flight_number, user_id, flight_id),
    CONSTRAINT reviews_hidden_why CHECK ((status = 'hidden') >= (hidden_because IS NOT NULL))
);
CREATE INDEX reviews_by_stars ON reviews (flight_number, stars, id) WHERE status = 'published';
CREATE INDEX reviews_by_user ON reviews (user_id, id);
CREATE INDEX reviews_by_id ON reviews (id);
-- What waits for staff.
CREATE INDEX reviews_waiting ON reviews (id) WHERE status = 'pending' OR (status <> 'withdrawn' AND reports > 0);

-- Who asked staff to look at a review. Distribution group: flight_number.
CREATE TABLE review_reports (
    flight_number text NOT NULL,
    review_id     uuid NOT NULL,
    user_id       uuid NOT NULL,
    reason        text NOT NULL CHECK (reason IN ('offensive', 'personal_data', 'spam', 'off_topic')),
    created_at    timestamptz NOT NULL,
    PRIMARY KEY (flight_number, review_id, user_id),
    FOREIGN KEY (flight_number, review_id) REFERENCES reviews ON DELETE CASCADE
);
CREATE INDEX review_reports_by_user ON review_reports (user_id);

-- What the published reviews of a flight number come to. Changed with them, in their transaction. Distribution group: flight_number.
CREATE TABLE flight_ratings (
    flight_number text PRIMARY KEY,
    -- How many gave one star, two, three, four, five.
    stars_1       bigint NOT NULL CHECK (stars_1 >= 0),
    stars_2       bigint NOT NULL CHECK (stars_2 >= 0),
    stars_3       bigint NOT NULL CHECK (stars_3 >= 0),
    stars_4       bigint NOT NULL CHECK (stars_4 >= 0),
    stars_5       bigint NOT NULL CHECK (stars_5 >= 0),
    crew_sum      bigint NOT NULL,
    crew_count    bigint NOT NULL CHECK (crew_count >= 0),
    comfort_sum   bigint NOT NULL,
    comfort_count bigint NOT NULL CHECK (comfort_count >= 0),
    punctuality_sum   bigint NOT NULL,
    punctuality_count bigint NOT NULL CHECK (punctuality_count >= 0),
    -- For processes that keep the averages in memory.
    changed_at    timestamptz NOT NULL
);
CREATE INDEX flight_ratings_changed ON flight_ratings (changed_at);
