-- What exchanged tickets leave behind in the fares that took their place: an amount and the percentage of it that comes
-- back at most when the traveller gives the new ticket back (domain::refund::exchange), the most restricted first. Fares of
-- changes made before this keep the terms they were sold with.
ALTER TABLE booking_fares
    ADD COLUMN carried jsonb NOT NULL DEFAULT '[]',
    ADD CONSTRAINT booking_fares_carried_list CHECK (jsonb_typeof(carried) = 'array');
