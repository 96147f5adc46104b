-- A user's bookings in the order of their trips: what lies ahead, the soonest first, and what is past, the latest first.
CREATE INDEX user_bookings_in_order ON user_bookings (user_id, trip_ends_at, booking_id);
