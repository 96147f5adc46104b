-- Codes for a first booking are on one booking of a traveller at a time, whatever their codes: two unpaid holds would have
-- had a discount each, and both could be paid. Distribution group: user_id.
CREATE TABLE promotion_first_bookings (
    user_id      uuid PRIMARY KEY,
    booking_id   uuid NOT NULL
);

-- Whether the code was for a first booking when it was applied. Of those there are, one booking of each traveller has the place:
-- one that was paid before one that is held.
ALTER TABLE booking_promotions ADD COLUMN first_booking boolean NOT NULL DEFAULT false;
INSERT INTO promotion_first_bookings (user_id, booking_id)
SELECT DISTINCT ON (r.user_id) r.user_id, r.booking_id
FROM promotion_redemptions r JOIN promotions p ON p.code = r.code
WHERE r.status <> 'released' AND (p.terms ->> 'first_booking')::boolean
ORDER BY r.user_id, r.status = 'redeemed' DESC, r.reserved_at;
UPDATE booking_promotions b SET first_booking = true
FROM promotion_first_bookings f, promotions p
WHERE f.booking_id = b.booking_id AND p.code = b.code AND (p.terms ->> 'first_booking')::boolean;
