-- Exceptions to the minimum connection times of the settings. Reference data, filed from a file as a whole.
--
-- A row is for an airport, for two airlines that connect there or anywhere, or for both; '' is any. The most special row
-- counts: airlines at the airport, airlines, the airport. Minutes by which of the two flights cross a border.
CREATE TABLE connection_times (
    airport      text NOT NULL CHECK (airport ~ '^([A-Z]{3})?$'),
    arriving     text NOT NULL CHECK (arriving ~ '^([A-Z0-9]{2}[A-Z]?)?$'),
    leaving      text NOT NULL CHECK (leaving ~ '^([A-Z0-9]{2}[A-Z]?)?$'),
    domestic     smallint NOT NULL CHECK (domestic BETWEEN 0 AND 1440),
    domestic_to_international smallint NOT NULL CHECK (domestic_to_international BETWEEN 0 AND 1440),
    international_to_domestic smallint NOT NULL CHECK (international_to_domestic BETWEEN 0 AND 1440),
    international smallint NOT NULL CHECK (international BETWEEN 0 AND 1440),
    PRIMARY KEY (airport, arriving, leaving),
    CONSTRAINT connection_times_airlines_come_in_pairs CHECK ((arriving = '') = (leaving = '')),
    CONSTRAINT connection_times_of_something CHECK (airport <> '' OR arriving <> '')
);
