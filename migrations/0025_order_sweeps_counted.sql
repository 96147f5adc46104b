-- How often an order could not be given up, as with holds.
ALTER TABLE booking_orders ADD COLUMN sweep_failures smallint NOT NULL DEFAULT 0;
