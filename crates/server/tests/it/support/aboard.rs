//! How everybody stands with a flight on its day: ticket, check-in, pass, seat and boarding together, so that a state that none of
//! the tables has by itself is seen.

use std::collections::BTreeMap;

use kernel::{BookingId, FlightId};

use super::Airline;

/// What a passenger's ticket, check-in, good passes, seats and boarding may be, all of them at once.
const LEGAL: [&str; 12] = [
    "open - 0 -",
    "open withdrawn 0 -",
    "open offloaded 0 -",
    "checked_in checked_in 1 -",
    "boarded checked_in 1 aboard",
    "flown checked_in 1 flown",
    "no_show - 0 -",
    "no_show withdrawn 0 -",
    "no_show offloaded 0 -",
    "refunded - 0 -",
    "refunded withdrawn 0 -",
    "refunded offloaded 0 -",
];

impl Airline {
    /// Each passenger with a ticket for the flight, by booking and number: the states of coupon and check-in, the number of good passes,
    /// and the boarding. It fails on a state that must not be, on a seat of two, and on whoever has flown or missed a flight that is
    /// not closed or has not left.
    #[track_caller]
    pub(crate) fn standing(
        &self,
        flight: &str,
    ) -> impl Future<Output = BTreeMap<(BookingId, i16), String>> + '_ {
        let place = std::panic::Location::caller();
        let flight: FlightId = flight.parse().expect("a flight id");
        async move {
            let sql = self.sql().await;
            let rows = sql
                .query(
                    "SELECT c.booking_id, c.passenger_no,
                         c.status || ' ' || COALESCE(i.status, '-') || ' ' ||
                         (SELECT count(*) FROM boarding_passes p WHERE p.flight_id = s.flight_id AND p.booking_id = c.booking_id
                              AND p.passenger_no = c.passenger_no AND p.ended_at IS NULL)::text || ' ' ||
                         CASE WHEN b.booking_id IS NULL THEN '-' WHEN b.flown_at IS NULL THEN 'aboard' ELSE 'flown' END
                     FROM booking_segments s JOIN ticket_coupons c USING (booking_id, segment_no)
                         LEFT JOIN check_ins i ON i.flight_id = s.flight_id AND i.booking_id = c.booking_id
                             AND i.passenger_no = c.passenger_no
                         LEFT JOIN boardings b ON b.flight_id = s.flight_id AND b.booking_id = c.booking_id
                             AND b.passenger_no = c.passenger_no
                     WHERE s.flight_id = $1 ORDER BY 1, 2",
                    &[&flight.uuid()],
                )
                .await
                .expect("asked");
            let standing: BTreeMap<_, String> =
                rows.iter().map(|row| ((BookingId::from_uuid(row.get(0)), row.get(1)), row.get(2))).collect();
            for (who, stands) in &standing {
                assert!(LEGAL.contains(&&**stands), "{place}: {who:?} is {stands:?}");
            }
            let seats = "SELECT count(*) - count(DISTINCT seat) FROM boarding_passes
                         WHERE flight_id = $1 AND ended_at IS NULL AND seat IS NOT NULL";
            let shared: i64 = sql.query_one(seats, &[&flight.uuid()]).await.expect("asked").get(0);
            assert_eq!(shared, 0, "{place}: a seat on two passes");
            let closed =
                "SELECT EXISTS (SELECT FROM flight_check_ins WHERE flight_id = $1 AND closed_at IS NOT NULL)";
            let closed: bool = sql.query_one(closed, &[&flight.uuid()]).await.expect("asked").get(0);
            let missed = standing.values().any(|stands| stands.starts_with("no_show"));
            assert!(closed || !missed, "{place}: somebody missed a flight whose gate is open: {standing:?}");
            standing
        }
    }
}
