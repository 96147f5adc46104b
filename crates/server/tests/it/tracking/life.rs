//! The life of a watch.

use jiff::SignedDuration;
use serde_json::json;
use server::identity::api::Role;

use super::{CARD, Watched, usd};

#[tokio::test]
async fn a_fall_is_told_once_and_again_after_it_recovered() {
    let all = Watched::new().await;
    let id = all.of_route(json!({"drop_percent": 10})).await;
    let watch = all.get(&id).await;
    assert_eq!(
        (&watch["status"], &watch["price"], &watch["compared_with"]),
        (&json!("watching"), &usd(20_000), &usd(20_000))
    );
    all.costs(18_001).await;
    assert_eq!(all.told().await, Vec::<String>::new(), "not enough");
    all.costs(18_000).await;
    let first = "From Allentown (ABE) to Atlanta (ATL) on 10 June 2026 you fly for 180.00 USD now; it was 200.00 USD. \
                 Prices move: this one holds until somebody takes it.";
    assert_eq!(all.told().await, [first]);
    all.costs(18_000).await;
    all.costs(18_500).await;
    all.costs(17_900).await;
    assert_eq!(all.told_in_all().await, 1, "a twitch is no news");
    let watch = all.get(&id).await;
    assert_eq!(
        (&watch["status"], &watch["times_told"], &watch["compared_with"]),
        (&json!("told"), &json!(1), &usd(18_000))
    );
    all.costs(20_000).await;
    all.airline.later(SignedDuration::from_mins(59));
    all.costs(17_900).await;
    assert_eq!(all.told_in_all().await, 1, "as if seats had been held");
    all.costs(20_000).await;
    all.airline.later(SignedDuration::from_mins(60));
    all.costs(17_900).await;
    assert_eq!(all.told_in_all().await, 2);
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn a_class_that_cannot_seat_the_party_is_no_news() {
    let all = Watched::new().await;
    let two = all.of_route(json!({"target": usd(15_000), "seats": 2})).await;
    let one = all.of_route(json!({"target": usd(15_000)})).await;
    all.on("2026-06-10", "fare_4 = 10000, limit_2 = 1, limit_3 = 1, limit_4 = 1").await;
    all.look().await;
    all.tell().await;
    assert_eq!(all.get(&two).await["price"], usd(20_000));
    assert_eq!(
        (&all.get(&one).await["times_told"], &all.get(&two).await["times_told"]),
        (&json!(1), &json!(0))
    );
    all.on("2026-06-10", "limit_2 = 2, limit_3 = 2, limit_4 = 2").await;
    all.look().await;
    all.tell().await;
    assert_eq!(
        (&all.get(&one).await["times_told"], &all.get(&two).await["times_told"]),
        (&json!(1), &json!(1))
    );
}

#[tokio::test]
async fn of_several_dates_the_cheapest_counts_and_is_named() {
    let all = Watched::new().await;
    let route = json!({"origin": "ABE", "destination": "ATL", "date": "2026-06-09", "to_date": "2026-06-13"});
    let body = json!({"route": route, "target": usd(15_000), "email": false});
    let id = all.watch(body).await.expect(201).text("/id");
    all.on("2026-06-12", "fare_1 = 14000").await;
    all.look().await;
    // Before it is told, another date becomes cheaper still.
    all.costs(13_000).await;
    let told = all.told().await;
    assert!(told.len() == 1 && told[0].contains("10 June 2026 you fly for 130.00 USD"), "{told:?}");
    assert_eq!(
        (&all.get(&id).await["price_date"], &all.get(&id).await["price"]),
        (&json!("2026-06-10"), &usd(13_000))
    );
    assert_eq!(
        all.airline.count("SELECT count(*) FROM mails WHERE notification_id IS NOT NULL").await,
        0,
        "no mail was wanted"
    );
}

#[tokio::test]
async fn what_is_dearer_again_before_it_is_told_is_not_told() {
    let all = Watched::new().await;
    let id = all.of_route(json!({"target": usd(15_000)})).await;
    all.look().await;
    all.on("2026-06-10", "fare_1 = 14000").await;
    all.look().await;
    all.costs(16_000).await;
    assert_eq!(all.told_in_all().await, 0);
    all.costs(15_000).await;
    assert_eq!((all.told_in_all().await, &all.get(&id).await["status"]), (1, &json!("told")));
}

#[tokio::test]
async fn a_flight_alone_is_watched_and_its_end_ends_it() {
    let all = Watched::new().await;
    let body = json!({"flight_id": all.flight, "drop_percent": 10});
    let id = all.watch(body).await.expect(201).text("/id");
    all.on("2026-06-12", "fare_1 = 100").await;
    all.costs(19_000).await;
    assert_eq!(all.told_in_all().await, 0, "another flight fell");
    all.costs(17_000).await;
    let told = all.told().await;
    assert!(told.len() == 1 && told[0].starts_with("KR1 from Allentown (ABE)"), "{told:?}");
    let watch = all.get(&id).await;
    assert_eq!(
        (&watch["flight_number"], &watch["expires_at"]),
        (&json!("KR1"), &json!("2026-06-11T04:00:00Z"))
    );
    all.airline.later(SignedDuration::from_hours(24 * 10));
    assert_eq!(all.get(&id).await["status"], "over");
    all.patch(&id, json!({"paused": true})).await.expect(409).has_code("watch_over");
    all.costs(10_000).await;
    assert_eq!(all.told_in_all().await, 1);
    all.airline.later(SignedDuration::from_hours(24 * 31));
    all.airline.run_job("prune_prices").await;
    assert_eq!(all.airline.count("SELECT count(*) FROM price_watches").await, 0);
    assert_eq!(all.airline.count("SELECT count(*) FROM price_days").await, 0);
    assert!(all.airline.count("SELECT count(*) FROM price_history").await > 0, "what it cost is kept longer");
    all.airline.later(SignedDuration::from_hours(24 * 400));
    all.airline.run_job("prune_prices").await;
    assert_eq!(all.airline.count("SELECT count(*) FROM price_history").await, 0);
}

#[tokio::test]
async fn what_was_bought_is_compared_with_what_was_paid_while_it_is_flown() {
    let all = Watched::new().await;
    let offer = all.airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let booking = all.airline.hold(&all.token, &offer, "hold").await.expect(201).text("/id");
    let body = json!({"flight_id": all.flight, "booking_id": booking, "drop_percent": 5});
    all.watch(body.clone()).await.expect(404);
    all.airline.pay(&all.token, &booking, CARD, "pay").await.expect(201);
    let other = all.airline.account("other@example.com", Role::Traveller).await;
    all.airline.call("POST", "/price-watches", Some(&other), Some(body.clone())).await.expect(404);
    // It has become dearer since, and is compared with what was paid.
    all.costs(30_000).await;
    let id = all.watch(body.clone()).await.expect(201).text("/id");
    assert_eq!(all.get(&id).await["compared_with"], usd(20_000));
    all.costs(21_000).await;
    assert_eq!(all.told_in_all().await, 0);
    all.costs(19_000).await;
    assert!(
        all.told().await[0].contains("costs 190.00 USD now; it was 200.00 USD"),
        "{:?}",
        all.told().await
    );
    all.patch(&id, json!({"target": usd(1)})).await.expect(422).has_code("invalid_field");
    all.airline.call("DELETE", &format!("/bookings/{booking}"), Some(&all.token), None).await.expect(200);
    all.costs(10_000).await;
    assert_eq!((all.told_in_all().await, &all.get(&id).await["status"]), (1, &json!("over")));
}

#[tokio::test]
async fn a_watch_pauses_and_begins_anew() {
    let all = Watched::new().await;
    let id = all.of_route(json!({"drop_percent": 10})).await;
    all.patch(&id, json!({"paused": true, "email": false})).await.expect(200);
    all.costs(15_000).await;
    let watch = all.get(&id).await;
    assert_eq!(
        (all.told_in_all().await, &watch["status"], &watch["email"]),
        (0, &json!("paused"), &json!(false))
    );
    assert_eq!(all.patch(&id, json!({"paused": false})).await.expect(200).json["compared_with"], usd(15_000));
    all.costs(14_000).await;
    assert_eq!(all.told_in_all().await, 0);
    all.costs(13_500).await;
    assert_eq!(all.told_in_all().await, 1);
    let target = all.patch(&id, json!({"target": usd(13_000)})).await.expect(200).json;
    assert_eq!((&target["target"], &target["drop_percent"]), (&usd(13_000), &json!(null)));
    all.costs(13_000).await;
    assert_eq!(all.told_in_all().await, 2);
    let path = format!("/price-watches/{id}");
    all.airline.call("DELETE", &path, Some(&all.token), None).await.expect(204);
    all.airline.call("GET", &path, Some(&all.token), None).await.expect(404);
}

#[tokio::test]
async fn what_cannot_be_watched_is_refused() {
    let all = Watched::new().await;
    let route = |origin: &str, destination: &str, date: &str, to_date: &str| json!({"origin": origin, "destination": destination, "date": date, "to_date": to_date});
    let good = route("ABE", "ATL", "2026-06-10", "2026-06-10");
    for (body, code) in [
        (json!({"drop_percent": 10}), "invalid_field"),
        (json!({"route": good, "flight_id": all.flight, "drop_percent": 10}), "invalid_field"),
        (json!({"route": good}), "invalid_field"),
        (json!({"route": good, "drop_percent": 10, "target": usd(1)}), "invalid_field"),
        (json!({"route": good, "drop_percent": 0}), "invalid_field"),
        (json!({"route": good, "drop_percent": 91}), "invalid_field"),
        (json!({"route": good, "target": usd(-1)}), "invalid_field"),
        (json!({"route": good, "target": {"amount": 1, "currency": "INR"}}), "invalid_field"),
        (json!({"route": good, "drop_percent": 10, "seats": 10}), "invalid_field"),
        (json!({"route": good, "drop_percent": 10, "seats": 0}), "invalid_field"),
        (
            json!({"route": good, "drop_percent": 10, "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"}),
            "invalid_field",
        ),
        (
            json!({"route": route("ABE", "XXX", "2026-06-10", "2026-06-10"), "drop_percent": 10}),
            "unknown_airport",
        ),
        (
            json!({"route": route("ABE", "ABE", "2026-06-10", "2026-06-10"), "drop_percent": 10}),
            "same_airport",
        ),
        (
            json!({"route": route("ABE", "ATL", "2026-05-31", "2026-06-10"), "drop_percent": 10}),
            "invalid_field",
        ),
        (
            json!({"route": route("ABE", "ATL", "2028-06-10", "2028-06-10"), "drop_percent": 10}),
            "invalid_field",
        ),
        (
            json!({"route": route("ABE", "ATL", "2026-06-10", "2026-06-09"), "drop_percent": 10}),
            "invalid_field",
        ),
        (
            json!({"route": route("ABE", "ATL", "2026-06-10", "2026-07-11"), "drop_percent": 10}),
            "invalid_field",
        ),
    ] {
        all.watch(body.clone()).await.expect(422).has_code(code);
    }
    let gone = json!({"flight_id": "flt_20261201000080008000b97700134001", "drop_percent": 10});
    all.watch(gone).await.expect(404).has_code("not_found");
    assert_eq!(all.airline.count("SELECT count(*) FROM price_watches").await, 0);
}

#[tokio::test]
async fn what_somebody_watches_is_theirs_and_goes_with_them() {
    let all = Watched::new().await;
    let id = all.of_route(json!({"drop_percent": 10})).await;
    let other = all.airline.account("other@example.com", Role::Traveller).await;
    let path = format!("/price-watches/{id}");
    for (method, body) in [("GET", None), ("PATCH", Some(json!({"paused": true}))), ("DELETE", None)] {
        all.airline.call(method, &path, Some(&other), body).await.expect(404);
    }
    let list = all.airline.call("GET", "/price-watches", Some(&other), None).await.expect(200);
    assert_eq!(list.json, json!({"watches": [], "most": 50}));
    let data = all.airline.call("GET", "/me/export", Some(&all.token), None).await.expect(200);
    assert_eq!(data.json["price_watches"], json!([all.get(&id).await]));
    all.airline.call("DELETE", "/me", Some(&all.token), None).await.expect(204);
    assert_eq!(all.airline.count("SELECT count(*) FROM price_watches").await, 0);
    all.costs(100).await;
    assert_eq!(all.told_in_all().await, 0);
}
