//! What staff do with webhooks: add, change, rotate, test, delete.

use jiff::SignedDuration;
use serde_json::json;

use super::Scene;

/// The signatures of a delivery that a secret made.
fn made_by(secret: &str, header: &str, body: &str) -> usize {
    use hmac::Mac;
    let time = header.strip_prefix("t=").and_then(|rest| rest.split(',').next()).expect("a time");
    let mut mac =
        <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(secret.as_bytes()).expect("a key");
    mac.update(format!("{time}.{body}").as_bytes());
    let good: String = mac.finalize().into_bytes().iter().map(|byte| format!("{byte:02x}")).collect();
    header.split(",v1=").skip(1).filter(|signature| *signature == good).count()
}

#[tokio::test]
async fn a_secret_is_shown_once_and_is_at_rest_only_sealed() {
    let scene = Scene::new().await;
    let (id, secret) = scene.webhook("/ok", &["booking.*"]).await;
    assert!(secret.starts_with("whsec_") && secret.len() == 54, "{secret}");
    let one = scene.call("GET", &format!("/{id}"), None).await.expect(200);
    let all = scene.call("GET", "", None).await.expect(200);
    scene.confirm(1, 1).await;
    scene.send().await;
    let log = scene.call("GET", &format!("/{id}/deliveries"), None).await.expect(200);
    for reply in [&one, &all, &log] {
        assert!(!String::from_utf8_lossy(&reply.bytes).contains(&secret));
        assert!(!String::from_utf8_lossy(&reply.bytes).contains("sealed"));
    }
    assert_eq!(all.json["webhooks"][0], one.json);
    let plain = "SELECT count(*) FROM webhook_endpoints e WHERE e::text LIKE '%whsec%' OR encode(secret_sealed, 'escape') LIKE '%whsec%'";
    assert_eq!(scene.airline.count(plain).await, 0);
}

#[tokio::test]
async fn a_delivery_is_signed_with_both_secrets_while_they_rotate() {
    let scene = Scene::new().await;
    let (id, first) = scene.webhook("/ok", &["*"]).await;
    let rotate = |hours: i64| {
        let (scene, path) = (&scene, format!("/{id}/rotate-secret"));
        async move {
            scene.call("POST", &path, Some(json!({"keep_hours": hours}))).await.expect(200).text("/secret")
        }
    };
    let deliver = || async {
        scene.confirm(1, 1).await;
        assert_eq!(scene.send().await, 1);
        scene.receiver.received().pop().expect("it came")
    };
    let signed_by = |received: &super::receiver::Received, secrets: &[&String]| {
        let header = received.header("udaan-signature").to_owned();
        assert_eq!(header.matches(",v1=").count(), secrets.len(), "{header}");
        for secret in secrets {
            assert_eq!(made_by(secret, &header, &received.body), 1, "{header}");
        }
        assert_eq!(made_by(secrets[0], &header, &format!("{} ", received.body)), 0, "another body");
    };
    let received = deliver().await;
    signed_by(&received, &[&first]);
    assert!(received.header("udaan-signature").starts_with("t=1780315200,"), "the time of sending");
    let second = rotate(24).await;
    signed_by(&deliver().await, &[&second, &first]);
    scene.airline.later(SignedDuration::from_hours(24) - SignedDuration::from_secs(1));
    signed_by(&deliver().await, &[&second, &first]);
    scene.airline.later(SignedDuration::from_secs(1));
    signed_by(&deliver().await, &[&second]);
    let third = rotate(24).await;
    let fourth = rotate(0).await;
    signed_by(&deliver().await, &[&fourth]);
    assert!([&first, &second, &third].iter().all(|old| **old != fourth));
    for hours in [-1, 169] {
        let refused =
            scene.call("POST", &format!("/{id}/rotate-secret"), Some(json!({"keep_hours": hours}))).await;
        assert_eq!(refused.expect(422).code(), "invalid_field");
    }
}

#[tokio::test]
async fn what_is_sent_says_what_it_is() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/ok?who=me", &["booking.confirmed"]).await;
    scene.confirm(1, 2).await;
    scene.send().await;
    let received = &scene.receiver.at_path("/ok")[0];
    let told = received.json();
    assert_eq!(told["type"], "booking.confirmed");
    assert_eq!(told["data"], json!({"booking_id": "bkg_00000000000000000000000000000001", "tickets": 2}));
    assert_eq!(told["created_at"], "2026-06-01T12:00:00Z");
    assert_eq!(received.header("udaan-event"), "booking.confirmed");
    assert_eq!(received.header("content-type"), "application/json");
    assert_eq!(received.header("host"), scene.receiver.address.to_string());
    let delivery = &scene.deliveries(&id).await[0];
    assert_eq!(received.header("udaan-delivery"), delivery["id"]);
    assert_eq!((&delivery["event_id"], &delivery["body"]), (&told["id"], &json!(received.body)));
}

#[tokio::test]
async fn a_webhook_gets_what_it_asked_for() {
    let scene = Scene::new().await;
    scene.webhook("/all", &["*"]).await;
    scene.webhook("/family", &["booking.*"]).await;
    scene.webhook("/exact", &["booking.confirmed", "flight.created"]).await;
    scene.webhook("/other", &["booking.completed", "refund.*"]).await;
    let (off, _) = scene.webhook("/off", &["*"]).await;
    scene.call("PATCH", &format!("/{off}"), Some(json!({"enabled": false}))).await.expect(200);
    scene.confirm(1, 1).await;
    let route = ("ABE", "ATL");
    scene.airline.flight(&scene.admin, "KR1", route, ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    scene.send().await;
    for (path, types) in [
        ("/all", &["booking.confirmed", "flight.created"][..]),
        ("/family", &["booking.confirmed"]),
        ("/exact", &["booking.confirmed", "flight.created"]),
        ("/other", &[]),
        ("/off", &[]),
    ] {
        let mut came: Vec<String> =
            scene.receiver.at_path(path).iter().map(|one| one.header("udaan-event").to_owned()).collect();
        came.sort();
        assert_eq!(came, types, "{path}");
    }
    assert!(scene.deliveries(&off).await.is_empty(), "nothing waits for the day it is enabled");
}

#[tokio::test]
async fn staff_change_and_delete_a_webhook() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/first", &["*"]).await;
    let path = format!("/{id}");
    scene.confirm(1, 1).await;
    scene.relay().await;
    let change = json!({"url": scene.receiver.url("/second"), "events": ["refund.*", "booking.*", "refund.*"],
        "description": "Ground handling"});
    let changed = scene.call("PATCH", &path, Some(change)).await.expect(200);
    assert_eq!(changed.json["events"], json!(["booking.*", "refund.*"]));
    assert_eq!(scene.send().await, 1);
    assert_eq!((scene.receiver.at_path("/first").len(), scene.receiver.at_path("/second").len()), (0, 1));
    scene.confirm(2, 1).await;
    scene.relay().await;
    scene.call("DELETE", &path, None).await.expect(204);
    assert_eq!(scene.send().await, 0, "nothing more is sent, not even what was queued");
    for (method, path) in [
        ("GET", path.clone()),
        ("DELETE", path.clone()),
        ("GET", format!("{path}/deliveries")),
        ("POST", format!("{path}/ping")),
    ] {
        assert_eq!(scene.call(method, &path, None).await.expect(404).code(), "not_found", "{method} {path}");
    }
    let jobs = server::webhooks::api::jobs(&scene.airline.app);
    let prune = jobs.iter().find(|job| job.name == "delete_old_webhook_deliveries").expect("a job");
    assert_eq!(prune.turn().await.expect("a turn"), 3, "two deliveries and the webhook");
    assert_eq!(scene.airline.count("SELECT count(*) FROM webhook_attempts").await, 0);
}

#[tokio::test]
async fn what_staff_may_not_ask_for() {
    let scene = Scene::new().await;
    let url = scene.receiver.url("/ok");
    for (body, field) in [
        (json!({"url": url, "events": []}), "events"),
        (json!({"url": url, "events": ["booking"]}), "events"),
        (json!({"url": url, "events": ["Booking.held"]}), "events"),
        (json!({"url": url, "events": vec!["a.b"; 51]}), "events"),
        (json!({"url": url, "events": ["*"], "description": "x".repeat(201)}), "description"),
        (json!({"url": "nonsense", "events": ["*"]}), "url"),
    ] {
        let refused = scene.call("POST", "", Some(body.clone())).await.expect(422);
        assert_eq!(refused.text("/field"), field, "{body}");
    }
    let fill = "INSERT INTO webhook_endpoints (id, created_by, url, description, filters, enabled, secret_sealed, created_at, updated_at)
                SELECT gen_random_uuid(), gen_random_uuid(), 'https://x.example', '', '{*}', false, '', now(), now()
                FROM generate_series(1, 100)";
    scene.airline.sql().await.batch(fill).await.expect("a hundred");
    let refused = scene.call("POST", "", Some(json!({"url": url, "events": ["*"]}))).await.expect(409);
    assert_eq!(refused.code(), "too_many_webhooks");
}

#[tokio::test]
async fn a_ping_tells_at_once_and_is_not_repeated() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/status", &["refund.*"]).await;
    scene.call("PATCH", &format!("/{id}"), Some(json!({"enabled": false}))).await.expect(200);
    let path = format!("/{id}/ping");
    let ping = || scene.call("POST", &path, None);
    let pinged = ping().await.expect(200);
    assert_eq!(
        (pinged.text("/type").as_str(), pinged.text("/status").as_str()),
        ("webhook.ping", "delivered")
    );
    assert_eq!(pinged.json["attempts"][0]["response_status"], 200);
    let told = scene.receiver.received()[0].json();
    assert_eq!((&told["type"], &told["data"]["webhook_id"]), (&json!("webhook.ping"), &json!(id)));
    scene.receiver.answer_with(500);
    let failed = ping().await.expect(200);
    assert_eq!((failed.text("/status").as_str(), &failed.json["next_try_at"]), ("failed", &json!(null)));
    assert_eq!(failed.json["attempts"][0]["response_status"], 500);
    scene.airline.later(SignedDuration::from_hours(1));
    assert_eq!(scene.send().await, 0);
    assert_eq!(scene.get(&id).await["failing_since"], json!(null), "a test says nothing about deliveries");
}
