-- Whether everybody who had a ticket for the flight was looked at when it was settled. Earlier releases made no-shows of those alone who were
-- checked in, and set `settled_at`: whoever was not has an open ticket for a flight that has left, and is looked for once more.
ALTER TABLE flight_check_ins ADD COLUMN settled_whole boolean NOT NULL DEFAULT false;
CREATE INDEX flight_check_ins_not_whole ON flight_check_ins (closed_at) WHERE closed_at IS NOT NULL AND NOT settled_whole;
