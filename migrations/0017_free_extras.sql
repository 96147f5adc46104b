-- Promotion codes that give an extra: what of an extra's price a code has taken off, and which extra of the booking it was.
-- `price` and `value` are what is left, so that what is paid, posted and given back is the lower price.
ALTER TABLE booking_extras ADD COLUMN discount bigint NOT NULL DEFAULT 0 CHECK (discount >= 0);
ALTER TABLE booking_promotions ADD COLUMN extra_no smallint;
