-- What flights cost, day by day, and what they cost before: filled from the search feed by one worker at a time.

-- Up to which entry of the search feed prices are known; NULL before the first look. Whoever writes prices locks this row first and
-- reads flights after that, so that no older look overwrites a newer one. One row. Local.
CREATE TABLE price_head (
    only_one     boolean PRIMARY KEY DEFAULT true CHECK (only_one),
    seq          bigint,
    -- What the cheapest fare family of each cabin makes of a filed fare, as it was at the last look: ratio and addition, cabin by cabin.
    -- Families are filed rarely and not told by the feed; with others all dates are looked at anew.
    tariffs      bigint[]
);
INSERT INTO price_head DEFAULT VALUES;

-- Dates of which all flights are still to be looked at: an import changed them, or the feed could not be followed. Local.
CREATE TABLE price_dates (
    date         date PRIMARY KEY
);

-- What one adult pays at least on the direct flights of a route and local date, now. Distribution group: origin.
CREATE TABLE price_days (
    origin       text NOT NULL,
    destination  text NOT NULL,
    date         date NOT NULL,
    cabin        smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    -- For a party that needs one seat, two … nine: minor units, NULL where nothing is open that seats all of them.
    prices       bigint[] NOT NULL,
    -- When the next class or flight closes by the clock, of which the feed says nothing; NULL when nothing is open.
    due_at       timestamptz,
    PRIMARY KEY (origin, destination, date, cabin),
    CONSTRAINT price_days_of_nine CHECK (array_length(prices, 1) = 9)
) WITH (fillfactor = 80); -- room for the next version of a row on its own page
CREATE INDEX price_days_of_date ON price_days (date, origin);
CREATE INDEX price_days_due ON price_days (due_at) WHERE due_at IS NOT NULL;

-- What price_days said for one seat, by the day (UTC) on which it said so. A row for each day on which it changed: on those between it
-- was what it was last. Distribution group: origin.
CREATE TABLE price_history (
    origin       text NOT NULL,
    destination  text NOT NULL,
    date         date NOT NULL,
    cabin        smallint NOT NULL CHECK (cabin BETWEEN 0 AND 3),
    day          date NOT NULL,
    -- Of what could be bought; NULL if nothing could.
    low          bigint,
    high         bigint,
    -- The last of the day; NULL if nothing could be bought any more.
    last         bigint,
    PRIMARY KEY (origin, destination, date, cabin, day),
    CONSTRAINT price_history_between CHECK (low <= high AND last BETWEEN low AND high)
);
-- For the job that deletes what flew long ago.
CREATE INDEX price_history_of_date ON price_history (date);
