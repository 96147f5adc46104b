-- How often a hold could not be given up: it is tried ever more rarely. A migration alters one table that is in use, so that it
-- never holds a lock of one while it waits for that of another (docs/locking.md).
ALTER TABLE bookings ADD COLUMN sweep_failures smallint NOT NULL DEFAULT 0;
