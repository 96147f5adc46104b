//! Sending again.

use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Scene;

#[tokio::test]
async fn a_delivery_is_sent_again_under_its_events_id() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/ok", &["*"]).await;
    scene.confirm(1, 1).await;
    scene.send().await;
    let first = scene.deliveries(&id).await.remove(0);
    let path = format!("/{id}/deliveries/{}/replay", first["id"].as_str().expect("an id"));
    let again = scene.call("POST", &path, None).await.expect(201);
    assert_eq!((&again.json["replay_of"], &again.json["status"]), (&first["id"], &json!("pending")));
    assert_eq!(scene.send().await, 1);
    let received = scene.receiver.received();
    assert_eq!(received[0].body, received[1].body, "byte for byte");
    assert_ne!(received[0].header("udaan-delivery"), received[1].header("udaan-delivery"));
    let (other, _) = scene.webhook("/other", &["*"]).await;
    let elsewhere = format!("/{other}/deliveries/{}/replay", first["id"].as_str().expect("an id"));
    assert_eq!(scene.call("POST", &elsewhere, None).await.expect(404).code(), "not_found");
}

#[tokio::test]
async fn a_span_of_time_is_sent_again() {
    let scene = Scene::new().await;
    for number in 0..6 {
        scene.confirm(number, 1).await;
        scene.airline.later(SignedDuration::from_hours(1));
    }
    let route = ("ABE", "ATL");
    scene.airline.flight(&scene.admin, "KR1", route, ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    scene.relay().await;
    // Added afterwards, it has had nothing of all this.
    let (id, _) = scene.webhook("/ok", &["booking.*"]).await;
    assert_eq!(scene.send().await, 0);
    scene.airline.later(SignedDuration::from_hours(1));
    let path = format!("/{id}/replay");
    let span = |since: &str, until: Value| json!({"since": since, "until": until});
    let replay = |body: Value| async {
        scene.call("POST", &path, Some(body)).await.expect(200).json["queued"].clone()
    };
    assert_eq!(replay(span("2026-06-01T13:00:00Z", json!("2026-06-01T15:00:00Z"))).await, 2);
    assert_eq!(scene.send().await, 2);
    assert_eq!(replay(span("2026-06-01T00:00:00Z", json!(null))).await, 6, "of its own types");
    let all = json!({"since": "2026-06-01T00:00:00Z", "events": ["*"]});
    assert_eq!(replay(all).await, 7, "of those asked for");
    assert_eq!(scene.send().await, 13);
    let came: Vec<String> = scene
        .receiver
        .received()
        .iter()
        .map(|one| one.json()["id"].as_str().expect("an id").to_owned())
        .collect();
    assert_eq!(came.len(), 15);
    assert_eq!(came.iter().collect::<std::collections::BTreeSet<_>>().len(), 7);
    for body in [
        span("2026-06-01T15:00:00Z", json!("2026-06-01T15:00:00Z")),
        json!({"since": "2026-06-01T00:00:00Z", "events": ["x"]}),
    ] {
        assert_eq!(scene.call("POST", &path, Some(body)).await.expect(422).code(), "invalid_field");
    }
}

#[tokio::test]
async fn a_span_with_too_much_in_it_queues_nothing() {
    let scene = Scene::new().await;
    let (id, _) = scene.webhook("/ok", &["*"]).await;
    let fill = "INSERT INTO outbox (lane, id, subject, type, version, payload, created_at, relayed_at)
                SELECT n % 64, ('019e832f-3a00-7000-8000-' || lpad(to_hex(n), 12, '0'))::uuid, 'bkg_1', 'test.step', 1, '{}',
                       '2026-06-01T12:00:00Z', now() FROM generate_series(1, 10001) AS n";
    scene.airline.sql().await.batch(fill).await.expect("many");
    let (path, body) =
        (format!("/{id}/replay"), json!({"since": "2026-06-01T11:00:00Z", "until": "2026-06-01T13:00:00Z"}));
    let refused = scene.call("POST", &path, Some(body.clone())).await.expect(422);
    assert_eq!(refused.text("/field"), "until");
    assert_eq!(scene.airline.count("SELECT count(*) FROM webhook_deliveries").await, 0);
    scene.airline.sql().await.batch("DELETE FROM outbox WHERE lane = 5").await.expect("fewer");
    let queued = scene.call("POST", &path, Some(body)).await.expect(200).json["queued"].as_i64();
    assert_eq!(queued, Some(scene.airline.count("SELECT count(*) FROM outbox").await));
}
