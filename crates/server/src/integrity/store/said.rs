//! The invariants of what travellers say.

use super::Invariant;

/// All of them.
pub(in crate::integrity) const INVARIANTS: &[Invariant] = &[
    Invariant {
        name: "reviews_of_travellers",
        says: "whoever reviewed a flight had a ticket for it",
        sql: "SELECT format('review %s: user %s, flight %s, booking %s', r.id, r.user_id, r.flight_id, r.booking_id) FROM reviews r
              WHERE NOT EXISTS (
                  SELECT FROM bookings b JOIN booking_segments s ON s.booking_id = b.id
                      JOIN ticket_coupons c ON c.booking_id = s.booking_id AND c.segment_no = s.segment_no
                  WHERE b.id = r.booking_id AND b.user_id = r.user_id AND s.flight_id = r.flight_id)",
    },
    Invariant {
        name: "reviews_counted",
        says: "the stars and averages of a flight number are those of its published reviews",
        sql: "WITH said AS (
                  SELECT flight_number, ARRAY[count(*) FILTER (WHERE stars = 1), count(*) FILTER (WHERE stars = 2),
                      count(*) FILTER (WHERE stars = 3), count(*) FILTER (WHERE stars = 4), count(*) FILTER (WHERE stars = 5),
                      COALESCE(sum(crew), 0), count(crew), COALESCE(sum(comfort), 0), count(comfort),
                      COALESCE(sum(punctuality), 0), count(punctuality)] AS sums
                  FROM reviews WHERE status = 'published' GROUP BY flight_number),
              kept AS (
                  SELECT flight_number, ARRAY[stars_1, stars_2, stars_3, stars_4, stars_5, crew_sum, crew_count, comfort_sum,
                      comfort_count, punctuality_sum, punctuality_count] AS sums
                  FROM flight_ratings)
              SELECT format('flight %s: kept %s, said %s', flight_number, k.sums, s.sums) FROM said s FULL JOIN kept k USING (flight_number)
              WHERE COALESCE(k.sums, array_fill(0::bigint, '{11}')) <> COALESCE(s.sums, array_fill(0::bigint, '{11}'))",
    },
    Invariant {
        name: "support_messages",
        says: "the messages of a support ticket are 1, 2, 3 and so on, and files belong to one of them",
        sql: "SELECT format('ticket %s: %s messages, %s up to %s', t.id, t.messages, m.count, m.max)
              FROM support_tickets t LEFT JOIN LATERAL (
                  SELECT count(*), max(number) FROM support_messages m WHERE m.user_id = t.user_id AND m.ticket_id = t.id) AS m ON true
              WHERE t.messages <> m.count OR t.messages <> COALESCE(m.max, 0)
              UNION ALL
              SELECT format('file %s of message %s of ticket %s', a.id, a.message, a.ticket_id) FROM support_attachments a
              WHERE a.message IS NOT NULL AND NOT EXISTS (SELECT FROM support_messages m
                  WHERE m.user_id = a.user_id AND m.ticket_id = a.ticket_id AND m.number = a.message)",
    },
    Invariant {
        name: "erased_say_nothing",
        says: "nothing is kept that an account wrote, reported, sent, watched or asked for which is erased",
        sql: "SELECT format('%s %s of account %s', kind, id, user_id) FROM (
                  SELECT 'review' AS kind, id, user_id FROM reviews
                  UNION ALL SELECT 'report of', review_id, user_id FROM review_reports
                  UNION ALL SELECT 'ticket', id, user_id FROM support_tickets
                  UNION ALL SELECT 'notification', id, user_id FROM notifications
                  UNION ALL SELECT 'mail', id, owner FROM mails WHERE of_account
                  UNION ALL SELECT 'file', id, user_id FROM support_attachments
                  UNION ALL SELECT 'browser', id, user_id FROM push_subscriptions
                  UNION ALL SELECT 'watch', id, user_id FROM price_watches) AS said
              WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = said.user_id AND u.erased_at IS NULL)",
    },
    Invariant {
        name: "watches_told",
        says: "a price watch has told something as often as it knows, and no notification of it is of a later time",
        sql: "SELECT format('watch %s: %s times, notification %s', w.id, w.times, n.version)
              FROM price_watches w JOIN notifications n ON n.user_id = w.user_id AND n.fact = 'wtc_' || replace(w.id::text, '-', '')
              WHERE n.version > w.times",
    },
];
