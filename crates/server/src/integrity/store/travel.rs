//! Invariants of check-in and boarding.

use crate::integrity::api::Invariant;

pub(super) const CHECKED_IN: Invariant = Invariant {
    name: "checked_in",
    says: "who is checked in has a ticket that says so, or that they boarded, and the other way round",
    sql: "SELECT format('booking %s passenger %s segment %s: %s, coupon %s', booking_id, passenger_no, segment_no, i.status, c.status)
          FROM (SELECT booking_id, passenger_no, segment_no, status FROM check_ins WHERE status = 'checked_in') AS i
          FULL JOIN (SELECT booking_id, passenger_no, segment_no, status FROM ticket_coupons
                     WHERE status IN ('checked_in', 'boarded', 'flown')) AS c
              USING (booking_id, passenger_no, segment_no)
          WHERE i.status IS NULL OR c.status IS NULL",
};

pub(super) const CHECK_IN_NUMBERS: Invariant = Invariant {
    name: "check_in_numbers",
    says: "the sequence numbers of a flight are 1, 2, 3 and so on, without a gap",
    sql: "SELECT format('flight %s: last %s, %s numbers up to %s', flight_id, f.last_number, c.count, c.max)
          FROM flight_check_ins f
          FULL JOIN (SELECT flight_id, count(*), max(number) FROM check_ins GROUP BY flight_id) AS c USING (flight_id)
          WHERE COALESCE(f.last_number, -1) <> COALESCE(c.max, 0) OR COALESCE(c.count, 0) <> COALESCE(c.max, 0)",
};

pub(super) const CHECK_IN_ROOM: Invariant = Invariant {
    name: "check_in_room",
    says: "no more are checked in to a cabin than it has seats",
    sql: "SELECT format('flight %s cabin %s: %s of %s', c.flight_id, c.cabin, c.count, i.capacity)
          FROM (SELECT flight_id, cabin, count(*) FROM check_ins WHERE status = 'checked_in' AND seated
                GROUP BY flight_id, cabin) AS c
          LEFT JOIN inventory i ON i.flight_id = c.flight_id AND i.cabin = c.cabin
          WHERE c.count > COALESCE(i.capacity, 0)",
};

pub(super) const BOARDING_PASSES: Invariant = Invariant {
    name: "boarding_passes",
    says: "whoever is checked in has one good boarding pass, with their number and seat, and nobody else has one",
    sql: "SELECT format('booking %s passenger %s flight %s: pass %s seat %s, seat %s', booking_id, passenger_no, flight_id, p.number,
                        p.seat, s.seat)
          FROM (SELECT flight_id, booking_id, passenger_no, number FROM check_ins WHERE status = 'checked_in') AS i
          FULL JOIN (SELECT flight_id, booking_id, passenger_no, number, seat FROM boarding_passes WHERE ended_at IS NULL) AS p
              USING (flight_id, booking_id, passenger_no)
          LEFT JOIN LATERAL (
              SELECT seat FROM seat_assignments a WHERE a.flight_id = p.flight_id AND a.booking_id = p.booking_id
                  AND a.passenger_no = p.passenger_no AND EXISTS (SELECT FROM booking_extras e WHERE e.booking_id = a.booking_id
                      AND e.extra_no = a.extra_no AND e.status = 'issued')) AS s ON true
          WHERE i.number IS DISTINCT FROM p.number OR s.seat IS DISTINCT FROM p.seat",
};

pub(super) const CHECK_IN_GUARDED: Invariant = Invariant {
    name: "check_in_guarded",
    says: "no child or infant is checked in without an adult of the booking, and no infant without a lap",
    sql: "SELECT format('flight %s booking %s: %s adults, %s children, %s infants', flight_id, booking_id, adults, children, infants)
          FROM (SELECT i.flight_id, i.booking_id, count(*) FILTER (WHERE p.kind = 'adult') AS adults,
                       count(*) FILTER (WHERE p.kind = 'child') AS children, count(*) FILTER (WHERE p.kind = 'infant') AS infants
                FROM check_ins i JOIN booking_passengers p USING (booking_id, passenger_no)
                WHERE i.status = 'checked_in' GROUP BY i.flight_id, i.booking_id) AS parties
          WHERE infants > adults OR (adults = 0 AND children > 0)",
};

pub(super) const BOARDED: Invariant = Invariant {
    name: "boarded",
    says: "whoever has boarded has a ticket that says so, flown once the flight has left with them, was checked in, and was let on with \
           a pass that was issued; and the other way round",
    sql: "SELECT format('flight %s booking %s passenger %s: coupon %s, boarded %s', b.flight_id,
                        COALESCE(b.booking_id, c.booking_id), COALESCE(b.passenger_no, c.passenger_no), c.status,
                        b.boarded_at)
          FROM boardings b
          FULL JOIN (SELECT booking_id, passenger_no, segment_no, status FROM ticket_coupons
                     WHERE status IN ('boarded', 'flown')) AS c USING (booking_id, passenger_no, segment_no)
          LEFT JOIN check_ins i ON i.flight_id = b.flight_id AND i.booking_id = b.booking_id AND i.passenger_no = b.passenger_no
              AND i.number = b.number AND i.status = 'checked_in'
          LEFT JOIN boarding_passes p ON p.flight_id = b.flight_id AND p.booking_id = b.booking_id
              AND p.passenger_no = b.passenger_no AND p.version = b.version AND p.number = b.number
          WHERE i.number IS NULL OR p.version IS NULL
              OR c.status IS DISTINCT FROM CASE WHEN b.flown_at IS NULL THEN 'boarded' ELSE 'flown' END",
};

pub(super) const BOARDING_CLOSED: Invariant = Invariant {
    name: "boarding_closed",
    says: "once boarding is closed and settled nobody waits for a flight that flies, checked in or not",
    sql:
        "SELECT format('flight %s: booking %s passenger %s waits', f.flight_id, c.booking_id, c.passenger_no)
          FROM flight_check_ins f JOIN booking_segments s ON s.flight_id = f.flight_id
               JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
                   AND c.status IN ('open', 'checked_in')
          WHERE f.settled_whole
              AND NOT EXISTS (SELECT FROM flights WHERE id = f.flight_id AND cancelled_at IS NOT NULL)",
};
