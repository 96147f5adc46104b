-- A seat that was given at check-in to whoever had chosen none, as opposed to one that they chose or paid for: it goes back when they are not
-- checked in any more. Those that were given before are taken for chosen.
ALTER TABLE booking_extras ADD COLUMN given boolean NOT NULL DEFAULT false;
