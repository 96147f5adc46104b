//! Payments against the test gateway on a socket.

mod bounced;
mod failed;
mod hostile;
mod methods;
mod poisoned;
mod saved;
mod second_person;
mod too_small;
mod webhooks;

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::json;
use server::identity::api::Role;

use crate::support::Airline;

pub(crate) async fn one_hold() -> (Airline, String, String) {
    one_hold_with(|_| {}).await
}

pub(crate) async fn one_hold_with(
    change: impl FnOnce(&mut ::platform::config::Config),
) -> (Airline, String, String) {
    let airline = Airline::with(change).await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let id = airline.hold(&token, &offer, "k1").await.expect(201).text("/id");
    (airline, token, id)
}

pub(crate) async fn status(airline: &Airline, token: &str, booking: &str) -> String {
    airline.call("GET", &format!("/bookings/{booking}"), Some(token), None).await.expect(200).text("/status")
}

#[tokio::test]
async fn a_declined_card_leaves_the_hold_and_another_card_pays() {
    let (airline, token, id) = one_hold().await;
    let declined = airline.pay(&token, &id, "4000000000000002", "p1").await.expect(201);
    assert_eq!(declined.text("/status"), "declined");
    assert!(!declined.text("/decline_code").is_empty());
    assert_eq!(status(&airline, &token, &id).await, "held");
    let replay = airline.pay(&token, &id, "4000000000000002", "p1").await.expect(201);
    assert_eq!(replay.bytes, declined.bytes);
    let paid = airline.pay(&token, &id, "4242424242424242", "p2").await.expect(201);
    assert_eq!(paid.text("/status"), "succeeded");
    let again = airline.pay(&token, &id, "4242424242424242", "p3").await.expect(409);
    assert_eq!(again.code(), "already_paid");
}

#[tokio::test]
async fn a_step_up_confirms_once_approved() {
    let (airline, token, id) = one_hold().await;
    let waiting = airline.pay(&token, &id, "4000002500003155", "p1").await.expect(201);
    assert_eq!(waiting.text("/status"), "requires_action");
    let challenge = waiting.text("/action_url");
    let page = reqwest::get(&challenge).await.expect("the challenge page");
    assert_eq!(page.status().as_u16(), 200);
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    let approved = client.post(format!("{challenge}/approve")).send().await.expect("an answer");
    assert!(approved.status().is_success() || approved.status().is_redirection(), "{}", approved.status());
    airline.later(SignedDuration::from_secs(6));
    airline.run_job("reconcile_payments").await;
    let payment = airline
        .call("GET", &format!("/payments/{}", waiting.text("/id")), Some(&token), None)
        .await
        .expect(200);
    assert_eq!(payment.text("/status"), "succeeded");
    assert_eq!(payment.json["action_url"], json!(null));
    assert_eq!(status(&airline, &token, &id).await, "confirmed");
}

#[tokio::test]
async fn a_refused_step_up_declines() {
    let (airline, token, id) = one_hold().await;
    let waiting = airline.pay(&token, &id, "4000002500003155", "p1").await.expect(201);
    let client =
        reqwest::Client::builder().redirect(reqwest::redirect::Policy::none()).build().expect("a client");
    client.post(format!("{}/refuse", waiting.text("/action_url"))).send().await.expect("an answer");
    airline.later(SignedDuration::from_secs(6));
    airline.run_job("reconcile_payments").await;
    let payment = airline
        .call("GET", &format!("/payments/{}", waiting.text("/id")), Some(&token), None)
        .await
        .expect(200);
    assert_eq!(payment.text("/status"), "declined");
    assert_eq!(status(&airline, &token, &id).await, "held");
}

#[tokio::test]
async fn an_abandoned_step_up_is_given_up_and_the_hold_expires() {
    let (airline, token, id) = one_hold().await;
    let waiting = airline.pay(&token, &id, "4000002500003155", "p1").await.expect(201);
    airline.later(SignedDuration::from_mins(16));
    airline.run_job("expire_holds").await;
    assert_eq!(status_after_login(&airline, &id).await, "held", "the payment freezes the hold");
    airline.run_job("reconcile_payments").await;
    airline.run_job("expire_holds").await;
    assert_eq!(status_after_login(&airline, &id).await, "expired");
    let book = airline.gateway_book().await;
    assert!(!book.to_string().contains("\"succeeded\""), "nothing was charged: {book} {}", waiting.json);
}

async fn status_after_login(airline: &Airline, booking: &str) -> String {
    let login = json!({"email": "traveller@example.com", "password": "a password of some length"});
    let token = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
    status(airline, &token, booking).await
}

#[tokio::test]
async fn an_answer_lost_after_the_charge_is_unknown_and_then_found() {
    let (airline, token, id) = one_hold().await;
    let unknown = airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    assert_eq!(unknown.text("/status"), "unknown");
    let second = airline.pay(&token, &id, "4242424242424242", "p2").await.expect(409);
    assert_eq!(second.code(), "payment_in_progress", "nobody is charged twice");
    airline.later(SignedDuration::from_secs(6));
    airline.run_job("reconcile_payments").await;
    assert_eq!(status(&airline, &token, &id).await, "confirmed");
    let book = airline.gateway_book().await;
    assert_eq!(book["payment_intents"].as_array().map(Vec::len), Some(1), "{book}");
}

#[tokio::test]
async fn a_request_lost_before_any_effect_is_declined_after_a_minute_and_not_before() {
    let (airline, token, id) = one_hold().await;
    let unknown = airline.pay(&token, &id, "4000000000000416", "p1").await.expect(201);
    let path = format!("/payments/{}", unknown.text("/id"));
    airline.later(SignedDuration::from_secs(6));
    airline.run_job("reconcile_payments").await;
    let payment = airline.call("GET", &path, Some(&token), None).await.expect(200);
    assert_eq!(payment.text("/status"), "unknown", "it may still arrive");
    airline.later(SignedDuration::from_secs(61));
    airline.run_job("reconcile_payments").await;
    let payment = airline.call("GET", &path, Some(&token), None).await.expect(200);
    assert_eq!(
        (payment.text("/status"), payment.text("/decline_code")),
        ("declined".into(), "not_received".into())
    );
    airline.pay(&token, &id, "4242424242424242", "p2").await.expect(201);
    assert_eq!(status(&airline, &token, &id).await, "confirmed");
}

#[tokio::test]
async fn an_error_after_the_charge_is_not_a_decline() {
    let (airline, token, id) = one_hold().await;
    let unknown = airline.pay(&token, &id, "4000000000000500", "p1").await.expect(201);
    assert_eq!(unknown.text("/status"), "unknown");
    airline.later(SignedDuration::from_secs(6));
    airline.run_job("reconcile_payments").await;
    assert_eq!(status(&airline, &token, &id).await, "confirmed");
}

#[tokio::test]
async fn with_the_gateway_down_nothing_is_lost_and_it_recovers() {
    let (airline, token, id) = one_hold_with(|config| config.gateway.url = "http://127.0.0.1:9".into()).await;
    let unknown = airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    assert_eq!(unknown.text("/status"), "unknown");
    airline.later(SignedDuration::from_secs(120));
    airline.run_job("reconcile_payments").await;
    assert_eq!(status(&airline, &token, &id).await, "held", "an outage says nothing about the payment");
}

#[tokio::test(flavor = "multi_thread")]
async fn ten_payments_at_once_charge_once() {
    let (airline, token, id) = one_hold().await;
    let attempts = (0..10).map(|n| {
        let (airline, token, id) = (&airline, &token, &id);
        async move { airline.pay(token, id, "4242424242424242", &format!("p{n}")).await }
    });
    let replies = join_all(attempts).await;
    let paid = replies.iter().filter(|reply| reply.status == 201).count();
    assert_eq!(paid, 1, "{replies:?}");
    let book = airline.gateway_book().await;
    assert_eq!(book["payment_intents"].as_array().map(Vec::len), Some(1), "{book}");
    assert_eq!(airline.count("SELECT count(*) FROM tickets").await, 1);
}

/// The guard taken away: without the frozen hold and the unique index two payments go out.
#[tokio::test(flavor = "multi_thread")]
async fn control_without_the_guards_two_charges_go_out() {
    let (airline, token, id) = one_hold().await;
    airline.sql().await.batch("DROP INDEX payments_one_live_per_order").await.expect("dropped");
    airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    airline.sql().await.batch("UPDATE bookings SET paying = false").await.expect("thawed");
    airline.pay(&token, &id, "4242424242424242", "p2").await.expect(201);
    let book = airline.gateway_book().await;
    assert_eq!(book["payment_intents"].as_array().map(Vec::len), Some(2), "{book}");
}

#[tokio::test]
async fn a_refund_that_finds_no_gateway_is_sent_again() {
    let (airline, token, id) = one_hold().await;
    airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    // The refund is ordered as by a cancellation, and its first sending is lost.
    let sql = airline.sql().await;
    sql.batch("CREATE FUNCTION lost() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN NEW.next_try_at := NEW.next_try_at + interval '4 s'; RETURN NEW; END $$;
               CREATE TRIGGER lost BEFORE INSERT ON refunds FOR EACH ROW EXECUTE FUNCTION lost()").await.expect("a trigger");
    let cancelled = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(cancelled.text("/refunds/0/status"), "pending");
    airline.later(SignedDuration::from_secs(5));
    assert_eq!(airline.run_job("send_refunds").await, 1);
    let booking = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(booking.text("/refunds/0/status"), "succeeded");
    assert_eq!(airline.run_job("send_refunds").await, 0);
}

#[tokio::test]
async fn in_production_a_card_number_is_refused_and_a_token_pays() {
    let (airline, token, id) =
        one_hold_with(|config| config.mode = ::platform::config::Mode::Production).await;
    let refused = airline.pay(&token, &id, "4242424242424242", "p1").await.expect(422);
    assert_eq!(refused.code(), "card_number_refused");
    let body = json!({"booking_id": id, "method": {"type": "card", "token": "pm_card_visa"}});
    let paid =
        airline.call_keyed("POST", "/payments", Some(&token), Some(body), Some("p2")).await.expect(201);
    assert_eq!(paid.text("/status"), "succeeded");
}

#[tokio::test]
async fn card_numbers_are_nowhere_in_the_database() {
    let (airline, token, id) = one_hold().await;
    airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    let dump = "SELECT (SELECT string_agg(p::text, ' ') FROM payments p) || (SELECT string_agg(i::text, ' ') FROM idempotency_keys i)";
    let dump: String = airline.sql().await.query_one(dump, &[]).await.expect("rows").get(0);
    assert!(!dump.contains("4242424242424242") && dump.contains("4242"));
}

#[tokio::test]
async fn a_charge_that_comes_after_it_was_given_up_for_lost_goes_back() {
    let (airline, token, id) = one_hold().await;
    // The request is lost on the way and given up after a minute; then it arrives at the gateway after all.
    let lost = airline.pay(&token, &id, "4000000000000416", "p1").await.expect(201);
    let payment = lost.text("/id");
    airline.later(SignedDuration::from_secs(61));
    airline.run_job("reconcile_payments").await;
    let form = [
        ("amount", "20000"),
        ("currency", "usd"),
        ("confirm", "true"),
        ("payment_method", "pm_card_visa"),
        ("metadata[payment]", payment.as_str()),
    ];
    let late = reqwest::Client::new().post(format!("http://{}/v1/payment_intents", airline.gateway));
    let late = late.bearer_auth("sk_test_udaan").form(&form).send().await.expect("an answer");
    assert_eq!(late.status().as_u16(), 200);
    airline.later(SignedDuration::from_mins(31));
    assert_eq!(airline.run_job("reconcile_payments").await, 1);
    airline.run_job("send_refunds").await;
    assert_eq!(airline.run_job("reconcile_payments").await, 0);
    let path = format!("/bookings/{id}");
    let booking = airline.call("GET", &path, Some(&token), None).await.expect(200);
    assert_eq!(booking.text("/refunds/0/status"), "succeeded", "{}", booking.json);
    assert_eq!(airline.count("SELECT count(*) FROM tickets").await, 0);
    let book = airline.gateway_book().await;
    assert_eq!(book["refunds"].as_array().map(Vec::len), Some(1), "{book}");
}

#[tokio::test]
async fn a_flight_cancelled_meanwhile_is_not_paid_for() {
    let (airline, token, id) = one_hold().await;
    airline.sql().await.batch("UPDATE flights SET declared_status = 'cancelled'").await.expect("cancelled");
    let refused = airline.pay(&token, &id, "4242424242424242", "p1").await.expect(409);
    assert_eq!(refused.code(), "flight_cancelled");
    assert_eq!(airline.count("SELECT count(*) FROM bookings WHERE paying").await, 0, "the hold runs on");
    airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
}

#[tokio::test]
async fn a_ticket_on_a_cancelled_flight_is_refunded_also_after_its_time() {
    let (airline, token, id) = one_hold().await;
    airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    airline.sql().await.batch("UPDATE flights SET declared_status = 'cancelled'").await.expect("cancelled");
    airline.later(SignedDuration::from_hours(24 * 9));
    let cancelled = airline.call("DELETE", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(cancelled.text("/refunds/0/status"), "succeeded");
}

#[tokio::test]
async fn a_charge_the_gateway_refuses_is_declined_and_the_hold_runs_on() {
    let (airline, token, id) =
        one_hold_with(|config| config.gateway.secret_key = "sk_test_revoked".into()).await;
    let declined = airline.pay(&token, &id, "4242424242424242", "p1").await.expect(201);
    assert_eq!(declined.text("/status"), "declined");
    assert_eq!(status(&airline, &token, &id).await, "held");
}

/// A payment whose answer was lost after the charge, and a hold that was given up before anybody asked again.
async fn paid_too_late() -> (Airline, String, String) {
    let (airline, token, id) = one_hold().await;
    let unknown = airline.pay(&token, &id, "4000000000000408", "p1").await.expect(201);
    assert_eq!(unknown.text("/status"), "unknown");
    airline.later(SignedDuration::from_mins(15 + 59));
    assert_eq!(airline.run_job("expire_holds").await, 0, "a payment keeps its seats for a while");
    airline.later(SignedDuration::from_mins(2));
    assert_eq!(airline.run_job("expire_holds").await, 1, "and not for ever");
    assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, 0);
    (airline, token, id)
}

#[tokio::test]
async fn money_that_comes_after_the_hold_takes_the_same_seats_if_they_are_there() {
    let (airline, token, id) = paid_too_late().await;
    assert_eq!(status(&airline, &token, &id).await, "expired");
    airline.run_job("reconcile_payments").await;
    let booking = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    assert_eq!(
        (booking.text("/status"), booking.text("/payments/0/status")),
        ("confirmed".into(), "succeeded".into())
    );
    assert_eq!(booking.json["refunds"], json!([]));
    assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM tickets").await, 1);
    airline.assert_sound().await;
}

/// Moving a flight moves the trips of who is booked on it, and at that moment nobody was.
#[tokio::test]
async fn a_trip_that_was_paid_too_late_has_the_times_its_flight_was_moved_to() {
    let (airline, token, id) = paid_too_late().await;
    let flight = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
    let path = format!("/flights/{}", flight.text("/segments/0/flight_id"));
    let moved = json!({"departs_local": "2026-06-10T11:35", "arrives_local": "2026-06-10T13:35"});
    let admin = airline.account("operations@example.com", Role::Admin).await;
    airline.call("PUT", &path, Some(&admin), Some(moved)).await.expect(200);
    airline.run_job("reconcile_payments").await;
    assert_eq!(status(&airline, &token, &id).await, "confirmed");
    let trip = "SELECT count(*) FROM bookings b JOIN user_bookings u ON u.booking_id = b.id
                WHERE b.trip_ends_at = '2026-06-10T17:35Z' AND u.trip_ends_at = b.trip_ends_at";
    assert_eq!(airline.count(trip).await, 1);
}

#[tokio::test]
async fn money_that_comes_after_the_seats_are_gone_goes_back_in_full() {
    for loss in [
        "UPDATE inventory SET taken = capacity",
        "UPDATE inventory SET on_sale = false",
        "UPDATE flights SET declared_status = 'cancelled'",
    ] {
        let (airline, token, id) = paid_too_late().await;
        airline.sql().await.batch(loss).await.expect("lost");
        let taken = airline.count("SELECT taken::bigint FROM inventory").await;
        airline.run_jobs().await;
        let booking = airline.call("GET", &format!("/bookings/{id}"), Some(&token), None).await.expect(200);
        assert_eq!(
            (booking.text("/status"), booking.text("/payments/0/status")),
            ("expired".into(), "succeeded".into()),
            "{loss}"
        );
        assert_eq!(booking.text("/refunds/0/status"), "succeeded", "{loss}");
        assert_eq!(booking.json["refunds"][0]["amount"], booking.json["payments"][0]["amount"]);
        assert_eq!(airline.count("SELECT taken::bigint FROM inventory").await, taken, "{loss}");
        assert_eq!(airline.count("SELECT count(*) FROM tickets").await, 0, "{loss}");
    }
}

#[tokio::test]
async fn what_is_charged_is_what_the_traveller_agreed_to() {
    let (airline, token, id) = one_hold().await;
    let pay = |amount: i64, key: &'static str| {
        let method = json!({"type": "card", "number": "4242424242424242"});
        let total = json!({"amount": amount, "currency": "USD"});
        let body = json!({"booking_id": id, "expected_total": total, "method": method});
        let (airline, token) = (&airline, &token);
        async move { airline.call_keyed("POST", "/payments", Some(token), Some(body), Some(key)).await }
    };
    let refused = pay(19_999, "p1").await.expect(409);
    assert_eq!((refused.code(), refused.json["price"]["amount"].as_i64()), ("price_changed", Some(20_000)));
    assert_eq!(airline.count("SELECT count(*) FROM bookings WHERE paying").await, 0, "the hold runs on");
    assert_eq!(pay(20_000, "p2").await.expect(201).text("/status"), "succeeded");
}
