//! Deliveries: tries, their log, their end; one receiver's trouble is its own.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::webhooks::api as webhooks;

use super::Scene;

#[tokio::test]
async fn tries_grow_rarer_for_three_days_and_then_it_is_given_up() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/status", &["*"]).await;
    scene.receiver.answer_with(503);
    scene.confirm(1, 1).await;
    assert_eq!(scene.send().await, 1);
    let first = scene.airline.app.now();
    // Seconds until the next try; each may be a fifth more or less.
    let pauses = [5, 30, 120, 600, 1_800, 3_600, 7_200, 14_400];
    let mut tries = 1;
    loop {
        let delivery = scene.deliveries(&id).await.remove(0);
        if delivery["status"] == "failed" {
            assert_eq!(delivery["next_try_at"], json!(null));
            break;
        }
        let next: Timestamp = delivery["next_try_at"].as_str().expect("a time").parse().expect("an instant");
        let now = scene.airline.app.now();
        let pause = next.duration_since(now).as_millis();
        let planned = 1_000 * pauses.get(tries - 1).copied().unwrap_or(28_800_i128);
        assert!((planned * 4 / 5..=planned * 6 / 5).contains(&pause), "after try {tries}: {pause} ms");
        scene.airline.clock.set(next - SignedDuration::from_millis(1));
        assert_eq!(scene.send().await, 0, "a millisecond early");
        scene.airline.clock.set(next);
        assert_eq!(scene.send().await, 1);
        tries += 1;
        assert!(tries < 30, "it is never given up");
    }
    let took = scene.airline.app.now().duration_since(first).as_secs() / 3_600;
    assert!((60..=72).contains(&took), "given up after {took} hours");
    assert!((14..=20).contains(&tries), "{tries} tries");
    let delivery = scene.deliveries(&id).await.remove(0);
    let attempts = delivery["attempts"].as_array().expect("attempts");
    assert_eq!((attempts.len(), scene.receiver.received().len()), (tries, tries));
    let numbers: Vec<i64> = attempts.iter().filter_map(|attempt| attempt["attempt"].as_i64()).collect();
    assert!(numbers.iter().copied().eq(1..=i64::try_from(tries).expect("few")), "{numbers:?}");
    assert!(attempts.iter().all(|attempt| attempt["response_status"] == 503));
}

#[tokio::test]
async fn a_webhook_that_nothing_reaches_for_three_days_is_disabled_and_can_begin_anew() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/status", &["*"]).await;
    scene.receiver.answer_with(500);
    scene.confirm(1, 1).await;
    scene.send().await;
    assert_eq!(scene.get(&id).await["failing_since"], "2026-06-01T12:00:00Z");
    // Two and a half days: still tried.
    scene.airline.later(SignedDuration::from_hours(60));
    scene.confirm(2, 1).await;
    while scene.send().await > 0 {}
    assert_eq!(scene.get(&id).await["enabled"], true);
    scene.airline.later(SignedDuration::from_hours(12));
    while scene.send().await > 0 {}
    let webhook = scene.get(&id).await;
    assert_eq!((&webhook["enabled"], &webhook["disabled_reason"]), (&json!(false), &json!("failing")));
    scene.confirm(3, 1).await;
    assert_eq!(scene.send().await, 0, "nothing is queued or sent while it is disabled");
    let refused =
        scene.call("POST", &format!("/{id}/replay"), Some(json!({"since": "2026-06-01T00:00:00Z"}))).await;
    assert_eq!(refused.expect(409).code(), "webhook_disabled");

    scene.receiver.answer_with(200);
    scene.airline.later(SignedDuration::from_hours(9));
    let enabled = scene.call("PATCH", &format!("/{id}"), Some(json!({"enabled": true}))).await.expect(200);
    assert_eq!(
        (&enabled.json["disabled_reason"], &enabled.json["failing_since"]),
        (&json!(null), &json!(null))
    );
    assert!(scene.send().await > 0, "what was pending goes on");
    let statuses: Vec<Value> = scene.deliveries(&id).await.iter().map(|one| one["status"].clone()).collect();
    assert!(statuses.iter().all(|status| status == "delivered" || status == "failed"), "{statuses:?}");
    assert!(statuses.contains(&json!("delivered")));
}

#[tokio::test]
async fn a_success_ends_the_count_of_failures() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/status", &["*"]).await;
    scene.receiver.answer_with(500);
    scene.confirm(1, 1).await;
    scene.send().await;
    scene.receiver.answer_with(204);
    scene.airline.later(SignedDuration::from_secs(6));
    assert_eq!(scene.send().await, 1);
    let webhook = scene.get(&id).await;
    assert_eq!((&webhook["enabled"], &webhook["failing_since"]), (&json!(true), &json!(null)));
    let delivery = &scene.deliveries(&id).await[0];
    assert_eq!(
        (&delivery["status"], delivery["attempts"].as_array().map(Vec::len)),
        (&json!("delivered"), Some(2))
    );
}

#[tokio::test]
async fn an_address_that_is_gone_is_not_tried_again() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/status", &["*"]).await;
    scene.receiver.answer_with(410);
    scene.confirm(1, 1).await;
    scene.send().await;
    let webhook = scene.get(&id).await;
    assert_eq!((&webhook["enabled"], &webhook["disabled_reason"]), (&json!(false), &json!("gone")));
    assert_eq!(scene.deliveries(&id).await[0]["status"], "failed");
}

#[tokio::test]
async fn the_log_shows_the_beginning_of_an_answer_without_our_secrets() {
    let scene = Scene::new().await;
    let (id, secret) = scene.webhook("/echo", &["*"]).await;
    scene.confirm(1, 1).await;
    scene.send().await;
    let delivery = &scene.deliveries(&id).await[0];
    let shown = delivery["attempts"][0]["response"].as_str().expect("an answer");
    assert_eq!(shown.chars().count(), 1_024);
    let received = &scene.receiver.received()[0];
    let signature = received.header("udaan-signature").split("v1=").nth(1).expect("a signature").to_owned();
    assert!(
        shown.contains("[redacted]") && !shown.contains(&signature) && !shown.contains(&secret),
        "{shown}"
    );
    assert!(delivery["attempts"][0]["duration_ms"].is_i64());
    let by_id = scene
        .call("GET", &format!("/{id}/deliveries/{}", delivery["id"].as_str().expect("an id")), None)
        .await;
    assert_eq!(&by_id.expect(200).json, delivery);
}

#[tokio::test]
async fn the_log_has_pages_and_a_filter() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/status", &["*"]).await;
    for number in 1..=5 {
        scene.receiver.answer_with(if number == 3 { 400 } else { 200 });
        scene.confirm(number, 1).await;
        scene.send().await;
        scene.airline.later(SignedDuration::from_millis(1));
    }
    let path = format!("/{id}/deliveries");
    let pending = scene.call("GET", &format!("{path}?status=pending"), None).await.expect(200);
    assert_eq!(pending.json["deliveries"].as_array().map(Vec::len), Some(1));
    let first = scene.call("GET", &format!("{path}?limit=3"), None).await.expect(200);
    let cursor = first.text("/next_cursor");
    let rest = scene.call("GET", &format!("{path}?limit=3&cursor={cursor}"), None).await.expect(200);
    let subjects = |page: &Value| -> Vec<String> {
        let deliveries = page["deliveries"].as_array().expect("deliveries").iter();
        deliveries.map(|one| one["subject"].as_str().expect("a subject")[35..].to_owned()).collect()
    };
    assert_eq!(
        (subjects(&first.json), subjects(&rest.json)),
        (["5", "4", "3"].map(str::to_owned).to_vec(), ["2", "1"].map(str::to_owned).to_vec())
    );
    assert_eq!(rest.json["next_cursor"], json!(null));
    for query in ["status=sent", "limit=0", "limit=101", "cursor=evt_1"] {
        let refused = scene.call("GET", &format!("{path}?{query}"), None).await.expect(422);
        assert_eq!(refused.code(), "invalid_field", "{query}");
    }
}

#[tokio::test]
async fn events_of_a_booking_arrive_in_order_and_each_once() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/ok", &["*"]).await;
    for tickets in 1..=9 {
        for booking in [1, 2, 3] {
            scene.confirm(booking, tickets).await;
        }
    }
    assert_eq!(scene.send().await, 27);
    for booking in ["1", "2", "3"] {
        let of_booking = scene.receiver.received().into_iter().map(|one| one.json());
        let mine = of_booking
            .filter(|told| told["subject"].as_str().is_some_and(|subject| subject.ends_with(booking)));
        let tickets: Vec<i64> = mine.filter_map(|told| told["data"]["tickets"].as_i64()).collect();
        assert_eq!(tickets, [1, 2, 3, 4, 5, 6, 7, 8, 9], "booking {booking}");
    }
    // Handed over again, as after a relay's death, they make no second delivery.
    scene.airline.sql().await.batch("UPDATE outbox SET relayed_at = NULL").await.expect("as if never marked");
    assert_eq!(scene.send().await, 0);
    assert_eq!(scene.deliveries(&id).await.len(), 27);
}

/// The process that claimed a delivery died before the answer: the claim runs out and the delivery is tried again.
#[tokio::test]
async fn a_delivery_whose_sender_died_is_sent_again() {
    let scene = Scene::new().await;
    scene.webhook("/hang", &["*"]).await;
    scene.confirm(1, 1).await;
    scene.relay().await;
    let app = scene.airline.app.clone();
    let dying = tokio::spawn(async move { webhooks::send_due(&app).await });
    scene.receiver.wait_for("/hang", 1).await;
    dying.abort();
    let _killed = dying.await;
    let lapse = "UPDATE webhook_endpoints SET lease_until = clock_timestamp() - interval '1 second'";
    scene.airline.sql().await.batch(lapse).await.expect("the lease ran out");
    assert_eq!(scene.send().await, 0, "it is claimed");
    scene.airline.later(SignedDuration::from_mins(2));
    let app = scene.airline.app.clone();
    let again = tokio::spawn(async move { webhooks::send_due(&app).await });
    scene.receiver.wait_for("/hang", 2).await;
    scene.receiver.let_go();
    assert_eq!(again.await.expect("it ran").expect("sent"), 1);
    let ids: Vec<Value> = scene.receiver.received().iter().map(|one| one.json()["id"].clone()).collect();
    assert_eq!(ids[0], ids[1], "the receiver knows the event again");
}

/// One receiver hangs; the other gets what happened before, and what happens meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn a_slow_receiver_delays_no_other() {
    let scene = Scene::with(|config| config.webhooks.answer_ms = 600_000).await;
    scene.webhook("/hang", &["*"]).await;
    scene.webhook("/ok", &["*"]).await;
    let jobs = webhooks::jobs(&scene.airline.app);
    let send = jobs.iter().find(|job| job.name == "send_webhooks").expect("a job");
    scene.confirm(1, 1).await;
    scene.relay().await;
    assert_eq!(send.turn().await.expect("a turn that does not wait"), 2);
    scene.receiver.wait_for("/hang", 1).await;
    scene.receiver.wait_for("/ok", 1).await;
    for number in 2..=4 {
        scene.confirm(number, 1).await;
        scene.relay().await;
        // The turn after the one that still marks the last as delivered finds the next.
        while scene.receiver.at_path("/ok").len() < usize::try_from(number).expect("few") {
            send.turn().await.expect("a turn that does not wait");
            tokio::time::sleep(std::time::Duration::from_millis(5)).await;
        }
    }
    assert_eq!(scene.receiver.at_path("/hang").len(), 1, "it has one batch at a time, and still the first");
    scene.receiver.let_go();
}

#[tokio::test]
async fn answers_that_never_come_never_end_or_send_elsewhere() {
    let scene = Scene::with(|config| config.webhooks.answer_ms = 300).await;
    let hangs = scene.webhook("/hang", &["*"]).await.0;
    let endless = scene.webhook("/endless", &["*"]).await.0;
    let elsewhere = scene.webhook("/redirect", &["*"]).await.0;
    let closed =
        tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a socket").local_addr().expect("one");
    let body = json!({"url": format!("http://{closed}/"), "events": ["*"]});
    let nobody = scene.call("POST", "", Some(body)).await.expect(201).text("/webhook/id");
    scene.confirm(1, 1).await;
    assert_eq!(scene.send().await, 4);
    for (id, status, response_status, error) in [
        (hangs, "pending", json!(null), json!("time_out")),
        (endless, "delivered", json!(200), json!(null)),
        (elsewhere, "pending", json!(302), json!("redirect_not_followed")),
        (nobody, "pending", json!(null), json!("unreachable")),
    ] {
        let delivery = scene.deliveries(&id).await.remove(0);
        let attempt = &delivery["attempts"][0];
        assert_eq!(
            (&delivery["status"], &attempt["response_status"], &attempt["error"]),
            (&json!(status), &response_status, &error)
        );
    }
    assert!(scene.receiver.at_path("/ok").is_empty(), "the redirect was not followed");
}

#[tokio::test]
async fn old_deliveries_go_and_pending_ones_stay() {
    let scene = Scene::new().await;
    scene.webhook("/status", &["*"]).await;
    scene.confirm(1, 1).await;
    scene.send().await;
    scene.receiver.answer_with(500);
    scene.confirm(2, 1).await;
    scene.send().await;
    scene.airline.later(SignedDuration::from_hours(30 * 24));
    let jobs = webhooks::jobs(&scene.airline.app);
    let prune = jobs.iter().find(|job| job.name == "delete_old_webhook_deliveries").expect("a job");
    assert_eq!(prune.turn().await.expect("a turn"), 0, "not a millisecond early");
    scene.airline.later(SignedDuration::from_millis(1));
    assert_eq!(prune.turn().await.expect("a turn"), 1);
    let left = "SELECT count(*) FROM webhook_deliveries WHERE status = 'pending'";
    assert_eq!(scene.airline.count(left).await, 1);
    assert_eq!(scene.airline.count("SELECT count(*) FROM webhook_deliveries").await, 1);
}

fn job(scene: &Scene, name: &str) -> ::platform::jobs::Job {
    let jobs = webhooks::jobs(&scene.airline.app);
    jobs.into_iter().find(|job| job.name == name).expect("a job")
}

#[tokio::test]
async fn what_waits_for_a_disabled_webhook_is_given_up_after_three_days() {
    let scene = Scene::new().await;
    let (disabled, _) = scene.webhook("/status", &["*"]).await;
    let (enabled, _) = scene.webhook("/other", &["*"]).await;
    scene.receiver.answer_with(500);
    scene.confirm(1, 1).await;
    scene.send().await;
    scene.airline.later(SignedDuration::from_hours(1));
    scene.confirm(2, 1).await;
    scene.relay().await;
    scene.call("PATCH", &format!("/{disabled}"), Some(json!({"enabled": false}))).await.expect(200);
    scene.airline.later(SignedDuration::from_hours(71));
    let give_up = job(&scene, "give_up_webhook_deliveries");
    assert_eq!(give_up.turn().await.expect("a turn"), 0, "not a millisecond early");
    scene.airline.later(SignedDuration::from_millis(1));
    assert_eq!(give_up.turn().await.expect("a turn"), 1);
    let statuses = async |webhook: &str| -> Vec<Value> {
        scene.deliveries(webhook).await.iter().map(|one| one["status"].clone()).collect()
    };
    assert_eq!(statuses(&disabled).await, ["pending", "failed"], "the newest first");
    assert_eq!(statuses(&enabled).await, ["pending", "delivered"], "an enabled one is still tried");

    // Enabled an hour later, before the job came: what is too old by then is not sent.
    scene.airline.later(SignedDuration::from_hours(1));
    scene.confirm(3, 1).await;
    scene.receiver.answer_with(200);
    let before = scene.receiver.at_path("/status").len();
    scene.call("PATCH", &format!("/{disabled}"), Some(json!({"enabled": true}))).await.expect(200);
    scene.send().await;
    assert_eq!(statuses(&disabled).await, ["delivered", "failed", "failed"]);
    assert_eq!(scene.receiver.at_path("/status").len(), before + 1);
}

/// A batch of the oldest that must stay does not keep those behind it from being deleted.
#[tokio::test]
async fn old_deliveries_go_though_many_older_ones_wait() {
    let scene = Scene::new().await;
    scene.webhook("/status", &["*"]).await;
    scene.confirm(1, 1).await;
    scene.send().await;
    let sql = scene.airline.sql().await;
    let waiting = "INSERT INTO webhook_deliveries
        SELECT (jsonb_populate_record(d, jsonb_build_object('status', 'pending', 'finished_at', null,
            'next_try_at', d.created_at, 'id', '00000000-0000-7000-8000-' || lpad(n::text, 12, '0')))).*
        FROM webhook_deliveries d, generate_series(1, 1100) AS n";
    sql.batch(waiting).await.expect("queued");
    scene.airline.later(SignedDuration::from_hours(31 * 24));
    let prune = job(&scene, "delete_old_webhook_deliveries");
    assert_eq!(prune.turn().await.expect("a turn"), 1);
    assert_eq!(scene.airline.count("SELECT count(*) FROM webhook_deliveries").await, 1_100);
}
