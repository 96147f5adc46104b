//! Invariants: they hold after work, and each finds the damage it is for.

use serde_json::json;
use server::integrity::api::{check, invariants};

use crate::support::{Airline, booking_body, request, send};

/// A confirmed booking, a held one, and one that was cancelled and refunded.
async fn three_bookings() -> (Airline, String) {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let terms = json!({"name": "A tenth off", "audience": "public", "per_user_limit": 3, "total_limit": 3,
        "benefit": {"kind": "percent", "basis_points": 1_000}});
    let promotion = json!({"code": "TENTH", "terms": terms});
    airline.call("POST", "/admin/promotions", Some(&admin), Some(promotion)).await.expect(201);
    for key in ["k1", "k2", "k3"] {
        let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
        let mut body = booking_body(&offer);
        body["promotion_code"] = json!("TENTH");
        let held = airline.call_keyed("POST", "/bookings", Some(&token), Some(body), Some(key)).await;
        let id = held.expect(201).text("/id");
        if key != "k2" {
            airline.pay(&token, &id, "4242424242424242", key).await.expect(201);
        }
        if key == "k3" {
            airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
        }
    }
    airline.run_jobs().await;
    (airline, admin)
}

/// What is broken, by name, after some damage.
async fn found_after(damage: &str) -> Vec<&'static str> {
    let (airline, _) = three_bookings().await;
    airline.assert_sound().await;
    airline.sql().await.batch(damage).await.unwrap_or_else(|error| panic!("{damage}: {error}"));
    let later = airline.app.now() + jiff::SignedDuration::from_hours(1);
    let findings = check(&airline.app.db, later, 24).await.expect("asked");
    findings.into_iter().filter(|finding| finding.broken > 0).map(|finding| finding.invariant.name).collect()
}

/// An extra of each booking that fits: number, kind, state, price, seat, document.
macro_rules! extra {
    ($values:literal) => {
        concat!(
            "INSERT INTO booking_extras (booking_id, extra_no, kind, status, price, seat, emd_number, order_no, passenger_no, slice_no,
                                         segments, flights, code, name, quantity, unit_price, value, currency, refund, stocked,
                                         created_at, issued_at)
             SELECT id, v.*, 0, 1, 1, '{1}', ARRAY[gen_random_uuid()], 'x', 'x', 1, v.price, v.price, 'USD', '[]', false, now(),
                    CASE WHEN v.emd IS NOT NULL THEN now() END
             FROM bookings, (VALUES (", $values, ")) AS v (number, kind, status, price, seat, emd)"
        )
    };
}

/// Each invariant with damage that it must find. Constraints that would refuse the damage are taken away first.
const DAMAGE: &[(&str, &str)] = &[
    ("seats_counted", "UPDATE inventory SET taken = taken + 1"),
    (
        "never_oversold",
        "ALTER TABLE inventory DROP CONSTRAINT inventory_never_oversold; UPDATE inventory SET taken = capacity + 1",
    ),
    ("ticketed", "DELETE FROM ticket_coupons; DELETE FROM tickets"),
    (
        "no_ticket_without_booking",
        "UPDATE ticket_coupons c SET status = 'open' FROM bookings b WHERE b.id = c.booking_id AND b.status = 'cancelled'",
    ),
    (
        "paid_is_ticketed",
        "UPDATE bookings SET status = 'expired', closed_at = now() WHERE status = 'confirmed'",
    ),
    ("ticketed_is_paid", "UPDATE payments SET status = 'declined'"),
    ("fares_add_up", "UPDATE booking_fares SET base = base + 1"),
    (
        "fares_carried",
        "UPDATE booking_fares SET carried = jsonb_build_array(jsonb_build_object('amount', base + 1, 'percent', 75))",
    ),
    ("price_in_ledger", "UPDATE bookings SET total = total + 1 WHERE status = 'confirmed'"),
    ("nothing_owed", "DELETE FROM ledger_postings WHERE kind = 'capture'"),
    (
        "ledger_balances",
        "ALTER TABLE ledger_postings DROP CONSTRAINT ledger_postings_balance; UPDATE ledger_postings SET amounts[1] = amounts[1] + 1",
    ),
    ("gateway_in_ledger", "UPDATE payments SET amount = amount + 1"),
    ("refunds_counted", "DELETE FROM refunds"),
    ("refunds_in_ledger", "UPDATE refunds SET status = 'pending', settled_at = NULL"),
    ("refunds_not_stuck", "UPDATE refunds SET status = 'failed'"),
    ("refunds_replaced_once", "UPDATE refunds SET status = 'failed', replaced_by = gen_random_uuid()"),
    (
        "refunds_settled_outside",
        "UPDATE refunds SET method = 'cheque', reference = '1', note = 'posted', settled_by = gen_random_uuid()",
    ),
    ("cancelled_paid_back", "UPDATE flights SET cancelled_at = '2026-01-01'"),
    ("payments_looked_after", "UPDATE payments SET status = 'unknown', settled_at = NULL WHERE refunded = 0"),
    ("holds_end", "UPDATE bookings SET hold_expires_at = created_at WHERE status = 'held'"),
    ("freezes_have_payments", "UPDATE bookings SET paying = true WHERE status = 'held'"),
    ("promotions_counted", "UPDATE promotion_counters SET taken = taken - 1"),
    (
        "promotions_per_user",
        "UPDATE promotion_redemptions SET user_limit = NULL, user_slot = NULL; \
        UPDATE promotion_redemptions SET user_limit = 1",
    ),
    (
        "promotions_reserved",
        "UPDATE promotion_redemptions SET status = 'reserved', closed_at = NULL WHERE status = 'redeemed'",
    ),
    (
        "promotions_first_booking",
        "INSERT INTO promotion_first_bookings VALUES (gen_random_uuid(), gen_random_uuid())",
    ),
    ("promotions_discount", "UPDATE booking_fares SET discount = discount + 1, base = base + 1"),
    (
        "waivers_add_up",
        "INSERT INTO booking_waivers SELECT id, 0, 30, 'USD', '[]', '[]', now() FROM bookings WHERE status = 'held'",
    ),
    (
        "hold_slots",
        "UPDATE user_bookings SET hold_slot = 1 WHERE booking_id = (SELECT id FROM bookings WHERE status = 'confirmed')",
    ),
    (
        "seats_assigned",
        "INSERT INTO seat_assignments VALUES (gen_random_uuid(), '12A', gen_random_uuid(), 1, 1, 1)",
    ),
    ("extras_counted", "INSERT INTO flight_extras VALUES (gen_random_uuid(), 'bag_23', 5, 1)"),
    (
        "extras_follow_bookings",
        concat!(extra!("1, 'meal', 'reserved', 0, NULL, NULL"), " WHERE bookings.status = 'cancelled'"),
    ),
    (
        "one_seat_each",
        concat!(
            extra!("1, 'seat', 'reserved', 0, '12A', NULL"),
            " WHERE bookings.status = 'held';",
            extra!("2, 'seat', 'reserved', 0, '12B', NULL"),
            " WHERE bookings.status = 'held'"
        ),
    ),
    (
        "extras_marked",
        concat!(extra!("1, 'meal', 'reserved', 0, NULL, NULL"), " WHERE bookings.status = 'held'"),
    ),
    (
        "extras_in_ledger",
        concat!(
            extra!("1, 'meal', 'issued', 1200, NULL, '9998200000001'"),
            " WHERE bookings.status = 'confirmed'"
        ),
    ),
    (
        "documents_differ",
        concat!(
            extra!("1, 'meal', 'issued', 0, NULL, '9998200000001'"),
            " WHERE bookings.status = 'confirmed';",
            extra!("2, 'meal', 'issued', 0, NULL, '9998200000001'"),
            " WHERE bookings.status = 'confirmed'"
        ),
    ),
    ("checked_in", "UPDATE ticket_coupons SET status = 'checked_in' WHERE status = 'open'"),
    ("check_in_numbers", "INSERT INTO flight_check_ins VALUES (gen_random_uuid(), 1)"),
    (
        "check_in_room",
        "INSERT INTO check_ins SELECT i.flight_id, gen_random_uuid(), 1, 1, n, i.cabin, true, 'checked_in', 'online', now(), now()
         FROM inventory i, generate_series(1, i.capacity + 1) AS n",
    ),
    (
        "check_in_guarded",
        "INSERT INTO check_ins SELECT gen_random_uuid(), b.id, 2, 1, 1, 0, true, 'checked_in', 'online', now(), now() FROM bookings b;
         INSERT INTO booking_passengers (booking_id, passenger_no, kind, price, details_sealed)
         SELECT id, 2, 'child', 0, '' FROM bookings",
    ),
    (
        "boarding_passes",
        "INSERT INTO boarding_passes SELECT flight_id, gen_random_uuid(), 1, 1, 1, 1, 'online', NULL, now() FROM inventory",
    ),
    (
        "boarded",
        "INSERT INTO boardings SELECT flight_id, gen_random_uuid(), 1, 1, 1, 1, NULL, 'left', '1', now(), gen_random_uuid(), NULL FROM inventory",
    ),
    (
        "boarding_closed",
        "INSERT INTO flight_check_ins (flight_id, last_number, closed_at, settled_at, settled_whole)
             SELECT flight_id, 1, now(), now(), true FROM inventory;
         UPDATE ticket_coupons SET status = 'checked_in';
         INSERT INTO check_ins SELECT s.flight_id, c.booking_id, c.passenger_no, c.segment_no, row_number() OVER (), 0, true,
             'checked_in', 'online', now(), now() FROM ticket_coupons c JOIN booking_segments s USING (booking_id, segment_no)",
    ),
    (
        "notifications_current",
        "INSERT INTO notifications (user_id, id, topic, fact, version, state, params, created_at)
         SELECT b.user_id, gen_random_uuid(), 'gate', 'x/gate', n, 'B4', '{}', now()
         FROM (SELECT user_id FROM bookings LIMIT 1) AS b, generate_series(1, 2) AS n",
    ),
    (
        "announcements_sent",
        "WITH drafted AS (
             INSERT INTO announcements (id, author_id, audience, texts, status, recipients, created_at)
             SELECT '0193f2a1-c5d0-7bb2-a4d1-c0ffee000011', user_id, '{}', '{}', 'draft', 1, now() FROM bookings LIMIT 1 RETURNING author_id)
         INSERT INTO notifications (user_id, id, topic, fact, version, state, params, created_at)
         SELECT author_id, gen_random_uuid(), 'announced', 'announcement/ann_0193f2a1c5d07bb2a4d1c0ffee000011', 1, '', '{}', now() FROM drafted",
    ),
    (
        "live_numbers",
        "INSERT INTO live_log (seq, topic, event, data, created_at) VALUES (1000000, 'ops', 'x', '{}', now())",
    ),
    (
        "reviews_of_travellers",
        "INSERT INTO reviews (flight_number, id, user_id, flight_id, booking_id, stars, language, status, created_at, changed_at)
         SELECT 'KR1', gen_random_uuid(), gen_random_uuid(), flight_id, booking_id, 1, 'en', 'hidden', now(), now()
         FROM booking_segments",
    ),
    ("reviews_counted", "INSERT INTO flight_ratings VALUES ('KR1', 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, 0, now())"),
    (
        "support_messages",
        "INSERT INTO support_tickets SELECT user_id, id, 'other', NULL, '', 'en', 'open', NULL, now(), now(), NULL, NULL, 2, now(), now()
         FROM bookings",
    ),
    (
        "erased_say_nothing",
        "INSERT INTO support_attachments VALUES (gen_random_uuid(), gen_random_uuid(), NULL, NULL, NULL, '', 'image/png', 1, '', now())",
    ),
    (
        "erased_say_nothing",
        "INSERT INTO push_subscriptions VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', '', now())",
    ),
    (
        "erased_say_nothing",
        "INSERT INTO price_watches (user_id, id, slot, origin, destination, from_date, to_date, cabin, seats, target, by_mail, expires_at,
             created_at)
         VALUES (gen_random_uuid(), gen_random_uuid(), 1, 'ABE', 'ATL', '2026-06-10', '2026-06-10', 0, 1, 1, true, now(), now())",
    ),
    (
        "watches_told",
        "WITH one AS (SELECT user_id, id FROM bookings LIMIT 1),
             watch AS (INSERT INTO price_watches (user_id, id, slot, origin, destination, from_date, to_date, cabin, seats, target, by_mail,
                           expires_at, created_at)
                       SELECT user_id, id, 1, 'ABE', 'ATL', '2026-06-10', '2026-06-10', 0, 1, 1, true, now(), now() FROM one)
         INSERT INTO notifications (user_id, id, topic, fact, version, state, params, created_at)
         SELECT user_id, id, 'price_dropped', 'wtc_' || replace(id::text, '-', ''), 1, '', '{}', now() FROM one",
    ),
];

#[tokio::test(flavor = "multi_thread")]
async fn each_invariant_finds_its_damage() {
    let mut told: Vec<&str> = DAMAGE.iter().map(|(name, _)| *name).collect();
    told.dedup();
    let all: Vec<&str> = invariants().map(|invariant| invariant.name).collect();
    assert_eq!(told, all, "each invariant has damage here");
    for (name, damage) in DAMAGE {
        let found = found_after(damage).await;
        assert!(found.contains(name), "{name} does not see {damage:?}; found {found:?}");
    }
}

/// The job as every working process runs it; switched on here, because the tests' own setting has it off.
async fn job_turn(airline: &Airline) {
    let job = server::integrity::api::job(&airline.app).expect("the job is on");
    job.turn().await.expect("a turn");
}

#[tokio::test]
async fn staff_see_what_the_last_check_found_and_travellers_do_not() {
    let (airline, admin) = three_bookings().await;
    let see = || airline.call("GET", "/admin/integrity", Some(&admin), None);
    let none = see().await.expect(200);
    assert_eq!((&none.json["sound"], &none.json["invariants"]), (&json!(null), &json!([])));
    job_turn(&airline).await;
    let sound = see().await.expect(200);
    let told = sound.json["invariants"].as_array().map(Vec::len);
    assert_eq!((&sound.json["sound"], told), (&json!(true), Some(invariants().count())));
    airline.sql().await.batch("UPDATE inventory SET taken = taken + 1").await.expect("damaged");
    // The check rests until its time has come, and staff can end that.
    job_turn(&airline).await;
    assert_eq!(see().await.expect(200).json["sound"], true);
    let asked = airline.call("POST", "/admin/integrity", Some(&admin), None).await.expect(202);
    assert_eq!(asked.json["state"], "due");
    job_turn(&airline).await;
    let broken = see().await.expect(200);
    assert_eq!(broken.json["sound"], false);
    assert!(broken.text("/invariants/0/examples/0").contains("taken 3"), "{}", broken.json);
    for method in ["GET", "POST"] {
        let asked = request(method, "/admin/integrity", None, None, None);
        assert_eq!(send(airline.router(), asked).await.status, 401);
    }
}

/// What is written in the ledger stays there, for the role that serves too: the installation's own, which owns the tables.
#[tokio::test]
async fn the_ledger_cannot_be_rewritten_by_the_role_that_owns_it() {
    let (airline, _) = three_bookings().await;
    let sql = airline.sql().await;
    sql.batch("CREATE ROLE ledger_probe; GRANT ledger_probe TO CURRENT_USER").await.unwrap_or(());
    sql.batch(
        "GRANT ALL ON SCHEMA public TO ledger_probe; ALTER TABLE ledger_postings OWNER TO ledger_probe",
    )
    .await
    .expect("owned");
    for (statement, allowed) in [
        ("UPDATE ledger_postings SET amounts = amounts", false),
        ("DELETE FROM ledger_postings", false),
        ("TRUNCATE ledger_postings", false),
        (
            "INSERT INTO ledger_postings SELECT gen_random_uuid(), gen_random_uuid(), kind, reference, currency, accounts, amounts, posted_at FROM ledger_postings LIMIT 1",
            true,
        ),
    ] {
        let tx = airline.app.db.begin().await.expect("a transaction");
        tx.batch("SET LOCAL ROLE ledger_probe").await.expect("a role");
        let done = tx.batch(statement).await;
        assert_eq!(done.is_ok(), allowed, "{statement}: {done:?}");
        if let Err(error) = done {
            assert!(error.to_string().contains("42501"), "{statement}: {error}");
        }
    }
}
