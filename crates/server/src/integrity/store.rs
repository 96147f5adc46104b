//! The invariants as queries. Each finds nothing when all is well; a row is one text that names the place and what is wrong.

pub(super) mod checks;
pub(super) mod said;
mod travel;

use jiff::Timestamp;
use platform::db::{DbError, Sql};

use super::api::Invariant;

/// The moment the check is made at, by the clock of the application.
macro_rules! now {
    () => {
        "current_setting('udaan.now')::timestamptz"
    };
}

/// How long after its time something may still be open: the jobs that close it run every second or so.
macro_rules! overdue {
    () => {
        concat!(now!(), " - interval '15 minutes'")
    };
}

/// How long travellers may choose another flight before a cancelled one is paid back (`booking.choice_hours`).
macro_rules! choice {
    () => {
        "current_setting('udaan.choice')::interval"
    };
}

/// What each booking has on the ledger, by account.
macro_rules! balances {
    () => {
        "WITH balances AS (
             SELECT p.booking_id, e.account, sum(e.amount) AS amount
             FROM ledger_postings p, unnest(p.accounts, p.amounts) AS e (account, amount) GROUP BY 1, 2)"
    };
}

/// Those of what is sold and flown.
pub(super) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "seats_counted",
        says: "the seats taken on a flight, in each class and those below it, are those of its held and ticketed passengers \
               and of changes waiting to be paid (flights of the last three days and all to come)",
        sql: concat!(
            "WITH recent AS (SELECT id FROM flights WHERE departs_at > ", now!(), " - interval '3 days'),
             seated AS (
                 SELECT s.flight_id, s.cabin, s.class_rank
                 FROM recent JOIN booking_segments s ON s.flight_id = recent.id JOIN bookings b ON b.id = s.booking_id
                      JOIN booking_passengers p ON p.booking_id = b.id AND p.kind <> 'infant'
                      LEFT JOIN ticket_coupons c ON c.booking_id = b.id AND c.passenger_no = p.passenger_no
                           AND c.segment_no = s.segment_no
                 WHERE b.status = 'held' OR c.status IN ('open', 'checked_in', 'boarded', 'flown', 'no_show')
                 UNION ALL
                 SELECT replace(g ->> 'flight', 'flt_', '')::uuid,
                        array_position('{economy,premium_economy,business,first}', g ->> 'cabin') - 1,
                        (g ->> 'class_rank')::smallint
                 FROM booking_orders o, jsonb_array_elements(o.terms -> 'segments') AS g,
                      generate_series(1, (o.terms ->> 'seats')::integer)
                 WHERE o.status = 'open' AND o.kind = 'change'),
             counted AS (
                 SELECT flight_id, cabin, count(*) AS all_classes, count(*) FILTER (WHERE class_rank >= 2) AS from_2,
                        count(*) FILTER (WHERE class_rank >= 3) AS from_3, count(*) FILTER (WHERE class_rank >= 4) AS from_4
                 FROM seated GROUP BY flight_id, cabin)
             SELECT format('flight %s cabin %s: taken %s, %s, %s, %s; counted %s, %s, %s, %s', i.flight_id, i.cabin, i.taken,
                           i.taken_2, i.taken_3, i.taken_4, all_classes, from_2, from_3, from_4)
             FROM recent JOIN inventory i ON i.flight_id = recent.id LEFT JOIN counted c USING (flight_id, cabin)
             WHERE (i.taken, i.taken_2, i.taken_3, i.taken_4)
                   <> (COALESCE(all_classes, 0), COALESCE(from_2, 0), COALESCE(from_3, 0), COALESCE(from_4, 0))"
        ),
    },
    Invariant {
        name: "never_oversold",
        says: "no flight has more seats taken than its cabin and its overbooking allow",
        sql: "SELECT format('flight %s cabin %s: %s of %s + %s', flight_id, cabin, taken, capacity, overbooking)
              FROM inventory WHERE taken > capacity + overbooking",
    },
    Invariant {
        name: "ticketed",
        says: "in a confirmed booking every passenger has a ticket, every flight a coupon, and somebody still flies",
        sql: "SELECT format('booking %s', b.id) FROM bookings b
              WHERE b.status = 'confirmed' AND (
                  EXISTS (SELECT FROM booking_passengers p WHERE p.booking_id = b.id AND NOT EXISTS (
                      SELECT FROM tickets t WHERE t.booking_id = b.id AND t.passenger_no = p.passenger_no))
                  OR EXISTS (SELECT FROM booking_segments s WHERE s.booking_id = b.id AND NOT EXISTS (
                      SELECT FROM ticket_coupons c WHERE c.booking_id = b.id AND c.segment_no = s.segment_no))
                  OR NOT EXISTS (SELECT FROM ticket_coupons c WHERE c.booking_id = b.id
                      AND c.status NOT IN ('refunded', 'exchanged', 'void')))",
    },
    Invariant {
        name: "no_ticket_without_booking",
        says: "nobody can fly on a booking that is held, expired or cancelled",
        sql: "SELECT format('booking %s is %s, passenger %s segment %s is %s', b.id, b.status, c.passenger_no, c.segment_no, c.status)
              FROM ticket_coupons c JOIN bookings b ON b.id = c.booking_id
              WHERE b.status IN ('held', 'expired', 'cancelled') AND c.status IN ('open', 'checked_in')",
    },
    Invariant {
        name: "paid_is_ticketed",
        says: "who has paid has a booking, or the money is on its way back",
        sql: concat!(
            "SELECT format('payment %s of booking %s, which is %s', p.id, b.id, b.status)
             FROM payments p JOIN bookings b ON b.id = p.booking_id
             WHERE p.status = 'succeeded' AND p.order_no = 0 AND p.refunded < p.amount AND p.settled_at < ", overdue!(),
            " AND b.status NOT IN ('confirmed', 'completed', 'cancelled')"
        ),
    },
    Invariant {
        name: "ticketed_is_paid",
        says: "a booking is confirmed only when it is paid, or costs nothing",
        sql: "SELECT format('booking %s', b.id) FROM bookings b
              WHERE b.status IN ('confirmed', 'completed') AND b.total > 0 AND NOT EXISTS (
                  SELECT FROM payments p WHERE p.booking_id = b.id AND p.order_no = 0 AND p.status = 'succeeded')",
    },
    Invariant {
        name: "fares_add_up",
        says: "what a held booking costs is the sum of its fares and of what is reserved with it",
        sql: "SELECT format('booking %s: %s, fares %s, extras %s', b.id, b.total, f.total, e.total)
              FROM bookings b JOIN LATERAL (
                  SELECT sum(f.base - f.discount + (SELECT COALESCE(sum((t ->> 'amount')::bigint), 0)
                                                    FROM jsonb_array_elements(f.taxes) AS t)) AS total
                  FROM booking_fares f WHERE f.booking_id = b.id) AS f ON true JOIN LATERAL (
                  SELECT COALESCE(sum(e.price), 0) AS total FROM booking_extras e
                  WHERE e.booking_id = b.id AND e.order_no = 0 AND e.status = 'reserved') AS e ON true
              WHERE b.status = 'held' AND b.total <> f.total + e.total",
    },
    Invariant {
        name: "fares_carried",
        says: "what was carried over into a fare is no more than the fare, and some of it never comes back",
        sql: "SELECT format('booking %s passenger %s slice %s: %s', booking_id, passenger_no, slice_no, carried)
              FROM booking_fares WHERE carried <> '[]' AND NOT (
                  (SELECT sum((c ->> 'amount')::bigint) FROM jsonb_array_elements(carried) AS c) <= base - discount
                  AND (SELECT bool_and((c ->> 'amount')::bigint > 0 AND (c ->> 'percent')::int BETWEEN 0 AND 99)
                       FROM jsonb_array_elements(carried) AS c))",
    },
    Invariant {
        name: "price_in_ledger",
        says: "what a booking costs is what the ledger says was sold and kept",
        sql: concat!(
            balances!(),
            " SELECT format('booking %s: %s, ledger %s', b.id, b.total, -COALESCE(sum(l.amount), 0))
              FROM bookings b LEFT JOIN balances l ON l.booking_id = b.id AND l.account NOT IN ('traveller', 'gateway', 'refunds', 'settled_outside')
              WHERE b.confirmed_at IS NOT NULL
              GROUP BY b.id, b.total HAVING b.total <> -COALESCE(sum(l.amount), 0)"
        ),
    },
    Invariant {
        name: "nothing_owed",
        says: "what was sold to a traveller is paid, and what was overpaid is ordered back",
        sql: concat!(
            balances!(),
            " SELECT format('booking %s: %s', booking_id, amount) FROM balances WHERE account = 'traveller' AND amount <> 0"
        ),
    },
    Invariant {
        name: "ledger_balances",
        says: "every posting of the ledger adds up to zero",
        sql: "SELECT format('booking %s, %s of %s', booking_id, kind, reference) FROM ledger_postings WHERE sum_of(amounts) <> 0",
    },
    Invariant {
        name: "gateway_in_ledger",
        says: "the money at the gateway is what payments brought less what refunds took",
        sql: concat!(
            balances!(),
            ", books AS (
                 SELECT booking_id, sum(amount) AS amount FROM (
                     SELECT booking_id, amount FROM payments WHERE status = 'succeeded' OR (status = 'declined' AND refunded > 0)
                     UNION ALL SELECT booking_id, -amount FROM refunds WHERE status = 'succeeded' AND method = 'gateway') AS moved
                 GROUP BY booking_id)
             SELECT format('booking %s: payments %s, ledger %s', booking_id, COALESCE(b.amount, 0), COALESCE(l.amount, 0))
             FROM books b FULL JOIN (SELECT * FROM balances WHERE account = 'gateway') AS l USING (booking_id)
             WHERE COALESCE(b.amount, 0) <> COALESCE(l.amount, 0)"
        ),
    },
    Invariant {
        name: "refunds_counted",
        says: "what is marked as returned of a payment is the sum of its refunds, one that was sent in place of another instead of \
               it, and never more than it brought",
        sql: "SELECT format('payment %s: %s marked, %s refunded of %s', p.id, p.refunded, COALESCE(sum(r.amount), 0), p.amount)
              FROM payments p LEFT JOIN refunds r ON r.booking_id = p.booking_id AND r.payment_id = p.id AND r.replaced_by IS NULL
              GROUP BY p.booking_id, p.id, p.refunded, p.amount
              HAVING p.refunded <> COALESCE(sum(r.amount), 0) OR p.refunded > p.amount",
    },
    Invariant {
        name: "refunds_in_ledger",
        says: "what the ledger says is on its way back is what refunds have not settled yet",
        sql: concat!(
            balances!(),
            ", open AS (SELECT booking_id, sum(amount) AS amount FROM refunds
                      WHERE status <> 'succeeded' AND replaced_by IS NULL GROUP BY booking_id)
             SELECT format('booking %s: refunds %s, ledger %s', booking_id, COALESCE(o.amount, 0), -COALESCE(l.amount, 0))
             FROM open o FULL JOIN (SELECT * FROM balances WHERE account = 'refunds') AS l USING (booking_id)
             WHERE COALESCE(o.amount, 0) <> -COALESCE(l.amount, 0)"
        ),
    },
    Invariant {
        name: "refunds_not_stuck",
        says: "no refund that the gateway refused for good, or that came back, waits for staff, and each that is open is tried again",
        sql: "SELECT format('refund %s of booking %s is %s', id, booking_id, status) FROM refunds
              WHERE (status = 'failed' AND replaced_by IS NULL) OR (status = 'pending' AND next_try_at IS NULL)",
    },
    Invariant {
        name: "refunds_replaced_once",
        says: "a refund that was replaced has another in its place, of as much of the same payment",
        sql: "SELECT format('refund %s of booking %s, replaced by %s', o.id, o.booking_id, o.replaced_by)
              FROM refunds o LEFT JOIN refunds n ON n.booking_id = o.booking_id AND n.id = o.replaced_by
                   AND n.payment_id = o.payment_id AND n.amount = o.amount AND n.currency = o.currency
                   AND n.ordered_as = COALESCE(o.ordered_as, o.id)
              WHERE o.replaced_by IS NOT NULL AND n.id IS NULL",
    },
    Invariant {
        name: "refunds_settled_outside",
        says: "what went back without the gateway is in the ledger on the account for that, refund by refund, and nothing else is",
        sql: "WITH outside AS (
                  SELECT p.booking_id, p.reference, -sum(e.amount) AS amount
                  FROM ledger_postings p, unnest(p.accounts, p.amounts) AS e (account, amount)
                  WHERE e.account = 'settled_outside' GROUP BY 1, 2)
              SELECT format('booking %s refund %s: refunded %s, ledger %s', COALESCE(r.booking_id, o.booking_id),
                            COALESCE(r.id, o.reference), COALESCE(r.amount, 0), COALESCE(o.amount, 0))
              FROM (SELECT * FROM refunds WHERE method <> 'gateway') AS r
                   FULL JOIN outside o ON o.booking_id = r.booking_id AND o.reference = COALESCE(r.posted_as, r.ordered_as, r.id)
              WHERE COALESCE(r.amount, 0) <> COALESCE(o.amount, 0)",
    },
    Invariant {
        name: "cancelled_paid_back",
        says: "nobody has a ticket of a flight that was cancelled once the time to choose another is over, unless that other one is being paid",
        sql: concat!(
            "SELECT DISTINCT format('booking %s is %s, flight %s was cancelled at %s', b.id, b.status, f.id, f.cancelled_at)
             FROM flights f JOIN booking_segments s ON s.flight_id = f.id JOIN bookings b ON b.id = s.booking_id
                  JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
             WHERE f.cancelled_at < ", overdue!(), " - ", choice!(), " AND b.confirmed_at < ", overdue!(), " - interval '1 minute'
               AND c.status IN ('open', 'checked_in')
               AND NOT EXISTS (SELECT FROM booking_orders o WHERE o.booking_id = b.id AND o.status = 'open')"
        ),
    },
    Invariant {
        name: "payments_looked_after",
        says: "somebody asks the gateway about every payment whose outcome is open",
        sql: concat!(
            "SELECT format('payment %s of booking %s is %s', id, booking_id, status) FROM payments
             WHERE status NOT IN ('succeeded', 'declined') AND (next_check_at IS NULL OR next_check_at < ", overdue!(), ")"
        ),
    },
    Invariant {
        name: "holds_end",
        says: "an unpaid hold or order does not outlive its deadline",
        sql: concat!(
            "SELECT format('booking %s', id) FROM bookings
             WHERE status = 'held' AND NOT paying AND hold_expires_at < ", overdue!(),
            " UNION ALL SELECT format('order %s of booking %s', order_no, booking_id) FROM booking_orders
             WHERE status = 'open' AND NOT paying AND expires_at < ", overdue!()
        ),
    },
    Invariant {
        name: "freezes_have_payments",
        says: "a hold or order is frozen only while a payment of it is open",
        sql: "SELECT format('booking %s', b.id) FROM bookings b
              WHERE b.paying AND NOT EXISTS (SELECT FROM payments p WHERE p.booking_id = b.id AND p.order_no = 0
                  AND p.status NOT IN ('succeeded', 'declined'))
              UNION ALL SELECT format('order %s of booking %s', o.order_no, o.booking_id) FROM booking_orders o
              WHERE o.paying AND NOT EXISTS (SELECT FROM payments p WHERE p.booking_id = o.booking_id
                  AND p.order_no = o.order_no AND p.status NOT IN ('succeeded', 'declined'))",
    },
    Invariant {
        name: "promotions_counted",
        says: "the uses taken of a promotion code are those that are reserved or redeemed, and no more than its limit",
        sql: "SELECT format('%s: %s counted of %s, %s taken', c.code, c.taken, c.total_limit, count(r.id))
              FROM promotion_counters c LEFT JOIN promotion_redemptions r ON r.code = c.code AND r.status <> 'released'
              GROUP BY c.code, c.taken, c.total_limit HAVING c.taken <> count(r.id) OR c.taken > c.total_limit",
    },
    Invariant {
        name: "promotions_per_user",
        says: "nobody uses a promotion code more often than its limit for one traveller allowed, and each use has a number of its own",
        sql: "SELECT format('%s, user %s: %s uses of %s', code, user_id, count(*), max(user_limit))
              FROM promotion_redemptions WHERE status <> 'released' AND user_limit IS NOT NULL GROUP BY code, user_id
              HAVING count(*) > max(user_limit) OR count(*) <> count(DISTINCT user_slot)",
    },
    Invariant {
        name: "promotions_reserved",
        says: "a use of a promotion code is reserved by a held booking, redeemed by one that was paid, and by no other",
        sql: "SELECT format('%s, booking %s is %s: %s', r.code, r.booking_id, b.status, r.status)
              FROM promotion_redemptions r LEFT JOIN bookings b ON b.id = r.booking_id
              WHERE (r.status = 'reserved') <> (b.status IS NOT DISTINCT FROM 'held' AND r.status <> 'released')
                 OR (r.status = 'redeemed' AND b.confirmed_at IS NULL)
              UNION ALL SELECT format('%s took %s off booking %s and has no use of it', p.code, p.discount, p.booking_id)
              FROM booking_promotions p JOIN bookings b ON b.id = p.booking_id
              WHERE (b.status = 'held' OR b.confirmed_at IS NOT NULL) AND NOT EXISTS (
                  SELECT FROM promotion_redemptions r WHERE r.code = p.code AND r.id = p.redemption_id
                    AND r.booking_id = p.booking_id AND r.discount = p.discount AND r.status <> 'released')",
    },
    Invariant {
        name: "promotions_first_booking",
        says: "codes for a first booking are on one booking of a traveller, which is held or was paid",
        sql: "SELECT format('traveller %s, booking %s has no such code', f.user_id, f.booking_id)
              FROM promotion_first_bookings f WHERE NOT EXISTS (
                  SELECT FROM booking_promotions p JOIN bookings b ON b.id = p.booking_id
                  WHERE p.booking_id = f.booking_id AND p.first_booking AND b.user_id = f.user_id
                    AND (b.status = 'held' OR b.confirmed_at IS NOT NULL))
              UNION ALL SELECT format('booking %s has no place', b.id)
              FROM booking_promotions p JOIN bookings b ON b.id = p.booking_id
              WHERE p.first_booking AND (b.status = 'held' OR b.confirmed_at IS NOT NULL) AND NOT EXISTS (
                  SELECT FROM promotion_first_bookings f WHERE f.user_id = b.user_id AND f.booking_id = b.id)",
    },
    Invariant {
        name: "promotions_discount",
        says: "what is off a booking's fares and extras is what its promotion codes took off and what was too little to charge, one by one",
        sql: "SELECT format('booking %s: fares %s, promotions %s', booking_id, COALESCE(f.discount, 0), COALESCE(p.discount, 0))
              FROM (SELECT booking_id, passenger_no, slice_no, discount FROM booking_fares WHERE discount > 0) AS f
              FULL JOIN (
                  SELECT booking_id, passenger_no, slice_no, sum(amount) AS discount FROM (
                      SELECT booking_id, passenger_no, slice_no, amount
                      FROM booking_promotions, jsonb_to_recordset(lines) AS l (passenger_no smallint, slice_no smallint, amount bigint)
                      UNION ALL SELECT booking_id, passenger_no, slice_no, base
                      FROM booking_waivers, jsonb_to_recordset(fares) AS l (passenger_no smallint, slice_no smallint, base bigint)
                      WHERE base > 0) AS off
                  GROUP BY booking_id, passenger_no, slice_no) AS p USING (booking_id, passenger_no, slice_no)
              WHERE f.discount IS DISTINCT FROM p.discount
              UNION ALL SELECT format('%s of booking %s: %s, its lines differ', code, booking_id, discount) FROM booking_promotions
              WHERE extra_no IS NULL AND discount <> (SELECT sum((l ->> 'amount')::bigint) FROM jsonb_array_elements(lines) AS l)
              UNION ALL SELECT format('booking %s extra %s: %s, promotions %s', booking_id, extra_no, COALESCE(e.discount, 0), COALESCE(p.discount, 0))
              FROM (SELECT booking_id, extra_no, discount FROM booking_extras WHERE discount > 0 AND status <> 'removed') AS e
              FULL JOIN (
                  SELECT booking_id, extra_no, sum(discount)::bigint AS discount FROM (
                      SELECT booking_id, extra_no, discount FROM booking_promotions WHERE extra_no IS NOT NULL
                      UNION ALL SELECT booking_id, extra_no, l.amount
                      FROM booking_waivers, jsonb_to_recordset(extras) AS l (extra_no smallint, amount bigint)) AS off
                  GROUP BY booking_id, extra_no) AS p USING (booking_id, extra_no)
              WHERE e.discount IS DISTINCT FROM p.discount",
    },
    Invariant {
        name: "waivers_add_up",
        says: "what was too little to charge is what is off fares and extras for it, and nothing was charged instead",
        sql: "SELECT format('booking %s order %s: %s, its lines %s, charged %s', w.booking_id, w.order_no, w.amount, f.amount + e.amount, p.amount)
              FROM booking_waivers w JOIN LATERAL (
                  SELECT COALESCE(sum(base + taxes), 0) AS amount FROM jsonb_to_recordset(w.fares) AS l (base bigint, taxes bigint)) AS f ON true
              JOIN LATERAL (SELECT COALESCE(sum(l.amount), 0) AS amount FROM jsonb_to_recordset(w.extras) AS l (amount bigint)) AS e ON true
              JOIN LATERAL (SELECT COALESCE(sum(p.amount), 0) AS amount FROM payments p
                  WHERE p.booking_id = w.booking_id AND p.order_no = w.order_no AND p.status = 'succeeded') AS p ON true
              WHERE w.amount <> f.amount + e.amount OR p.amount > 0",
    },
    Invariant {
        name: "hold_slots",
        says: "only held bookings count as a user's live holds",
        sql: "SELECT format('booking %s is %s', b.id, b.status) FROM user_bookings u JOIN bookings b ON b.id = u.booking_id
              WHERE u.hold_slot IS NOT NULL AND b.status <> 'held'",
    },
    Invariant {
        name: "seats_assigned",
        says: "who chose a seat has it, and nobody else has one, or the mask for an infant",
        sql: "SELECT format('booking %s extra %s: seat %s of flight %s', e.booking_id, e.extra_no, e.seat, e.flights[1])
              FROM booking_extras e WHERE e.kind = 'seat' AND e.status IN ('reserved', 'issued') AND NOT EXISTS (
                  SELECT FROM seat_assignments s WHERE s.flight_id = e.flights[1] AND s.seat = e.seat
                      AND s.booking_id = e.booking_id AND s.extra_no = e.extra_no)
              UNION ALL
              SELECT format('seat %s of flight %s', s.seat, s.flight_id) FROM seat_assignments s WHERE NOT EXISTS (
                  SELECT FROM booking_extras e WHERE e.booking_id = s.booking_id AND e.extra_no = s.extra_no
                      AND e.seat = s.seat AND e.status IN ('reserved', 'issued'))
              UNION ALL
              SELECT format('mask at %s of flight %s', l.block, l.flight_id) FROM lap_infants l WHERE NOT EXISTS (
                  SELECT FROM booking_extras e WHERE e.booking_id = l.booking_id AND e.extra_no = l.extra_no
                      AND e.mask = l.block AND e.status IN ('reserved', 'issued'))",
    },
    Invariant {
        name: "extras_counted",
        says: "what is taken of an extra on a flight is what its bookings have, and no more than there was",
        sql: "WITH counted AS (
                  SELECT f.flight AS flight_id, e.code, sum(e.quantity) AS taken
                  FROM booking_extras e, unnest(e.flights) AS f (flight)
                  WHERE e.stocked AND e.status IN ('reserved', 'issued') GROUP BY 1, 2)
              SELECT format('flight %s %s: taken %s of %s, counted %s', flight_id, code, f.taken, f.stock, c.taken)
              FROM flight_extras f FULL JOIN counted c USING (flight_id, code)
              WHERE COALESCE(f.taken, 0) <> COALESCE(c.taken, 0) OR f.taken > f.stock",
    },
    Invariant {
        name: "extras_follow_bookings",
        says: "what is reserved waits for a hold or an open order, and what is issued belongs to somebody who flies or has flown",
        sql: "SELECT format('booking %s extra %s is %s', e.booking_id, e.extra_no, e.status)
              FROM booking_extras e JOIN bookings b ON b.id = e.booking_id
                   LEFT JOIN booking_orders o ON o.booking_id = e.booking_id AND o.order_no = e.order_no
              WHERE (e.status = 'reserved' AND e.order_no = 0 AND b.status <> 'held')
                 OR (e.status = 'reserved' AND e.order_no > 0 AND o.status IS DISTINCT FROM 'open')
                 OR (e.status = 'issued' AND b.status NOT IN ('confirmed', 'completed'))
                 OR (e.status = 'issued' AND NOT EXISTS (
                     SELECT FROM ticket_coupons c WHERE c.booking_id = e.booking_id AND c.passenger_no = e.passenger_no
                         AND c.segment_no = ANY(e.segments) AND c.status NOT IN ('refunded', 'exchanged', 'void')))",
    },
    Invariant {
        name: "one_seat_each",
        says: "a passenger has one seat on a flight, and waits for at most one other",
        sql: "SELECT format('booking %s passenger %s segment %s: %s seats %s', booking_id, passenger_no, segments[1], count(*), status)
              FROM booking_extras WHERE kind = 'seat' AND status IN ('reserved', 'issued')
              GROUP BY booking_id, passenger_no, segments[1], status HAVING count(*) > 1",
    },
    Invariant {
        name: "extras_marked",
        says: "a booking with seats or extras says so: nobody looks for those of one that does not",
        sql: "SELECT DISTINCT format('booking %s', b.id) FROM booking_extras e JOIN bookings b ON b.id = e.booking_id
              WHERE NOT b.has_extras",
    },
    Invariant {
        name: "extras_in_ledger",
        says: "what the ledger says was sold of extras has documents, and nothing else has",
        sql: "WITH sold AS (
                  SELECT p.booking_id, -sum(s.amount) AS amount FROM ledger_postings p, unnest(p.accounts, p.amounts) AS s (account, amount)
                  WHERE p.kind = 'sale' AND s.account LIKE 'extra:%' GROUP BY 1),
              issued AS (SELECT booking_id, sum(price) AS amount FROM booking_extras WHERE emd_number IS NOT NULL GROUP BY 1)
              SELECT format('booking %s: issued %s, ledger %s', booking_id, COALESCE(i.amount, 0), COALESCE(s.amount, 0))
              FROM issued i FULL JOIN sold s USING (booking_id) WHERE COALESCE(i.amount, 0) <> COALESCE(s.amount, 0)",
    },
    Invariant {
        name: "documents_differ",
        says: "no two extras have the same document number, and none has that of a ticket",
        sql: "SELECT format('document %s: %s times', number, count(*)) FROM (
                  SELECT emd_number AS number FROM booking_extras WHERE emd_number IS NOT NULL
                  UNION ALL SELECT number FROM tickets) AS documents
              GROUP BY number HAVING count(*) > 1",
    },
    travel::CHECKED_IN,
    travel::CHECK_IN_NUMBERS,
    travel::CHECK_IN_ROOM,
    travel::CHECK_IN_GUARDED,
    travel::BOARDING_PASSES,
    travel::BOARDED,
    travel::BOARDING_CLOSED,
    Invariant {
        name: "notifications_current",
        says: "of what somebody was told of a fact, nothing counts that was told before something else",
        sql: "SELECT format('account %s %s version %s', n.user_id, n.fact, n.version) FROM notifications n
              WHERE n.superseded_at IS NULL AND EXISTS (SELECT FROM notifications later WHERE later.user_id = n.user_id
                  AND later.fact = n.fact AND later.version > n.version)",
    },
    Invariant {
        name: "announcements_sent",
        says: "nobody was told of an announcement that was not sent",
        sql: "SELECT format('account %s: %s is a draft', n.user_id, a.id) FROM announcements a
              JOIN notifications n ON n.topic = 'announced' AND n.fact = 'announcement/ann_' || replace(a.id::text, '-', '')
              WHERE a.status = 'draft'",
    },
    Invariant {
        name: "live_numbers",
        says: "what was told to sockets has numbers without a gap, up to the last that was given",
        sql: "SELECT format('%s to %s, %s rows', h.floor, h.seq, l.count) FROM live_head h, (SELECT count(*), max(seq) FROM live_log) AS l
              WHERE l.count <> h.seq - h.floor OR COALESCE(l.max, h.floor) <> h.seq",
    },
];

/// One moment for all queries, nothing written, and more time than a request has.
pub(super) async fn begin_reading(sql: &Sql, now: Timestamp, choice_hours: i64) -> Result<(), DbError> {
    let set =
        "SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY; SET LOCAL statement_timeout = '5min'";
    let given = format!("SET LOCAL udaan.now = '{now}'; SET LOCAL udaan.choice = '{choice_hours} hours'");
    sql.batch(&format!("{set}; {given}")).await
}

/// Where an invariant is broken.
pub(super) async fn broken(sql: &Sql, query: &'static str) -> Result<Vec<String>, DbError> {
    Ok(sql.query(query, &[]).await?.iter().map(|row| row.get(0)).collect())
}
