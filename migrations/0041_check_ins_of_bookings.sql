-- Check-ins are looked up by booking with every look at a booking's check-in, and those that stand are paged by booking.
CREATE INDEX check_ins_of_booking ON check_ins (booking_id);
CREATE INDEX check_ins_standing ON check_ins (booking_id) WHERE status = 'checked_in';
