//! PostgreSQL has no NUL in its texts. Whoever sends one is told where it is, at any operation.

use serde_json::{Value, json};

use crate::support::{Airline, booking_body};

#[tokio::test]
async fn a_nul_in_a_query_or_a_path_is_refused() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for (path, parameter) in [
        ("/admin/promotions?cursor=%00", "cursor"),
        ("/admin/events?subject=bkg%00", "subject"),
        ("/admin/events?limit=5&type=booking.%00", "type"),
        ("/flights?origin=AB%00", "origin"),
        ("/airports?q=a%00b", "q"),
        ("/search?origin=ABE&destination=%00&date=2026-06-10", "destination"),
        ("/bookings?cursor=a%00", "cursor"),
        ("/admin/refunds?st%00atus=failed", "query"),
    ] {
        let reply = airline.call("GET", path, Some(&admin), None).await.expect(422);
        assert_eq!((reply.code(), reply.text("/field").as_str()), ("invalid_field", parameter), "{path}");
    }
    for path in ["/admin/promotions/SUM%00MER", "/flights/flt%00", "/bookings/bkg_%00"] {
        airline.call("GET", path, Some(&admin), None).await.expect(404);
    }
}

#[tokio::test]
async fn a_nul_in_a_body_is_refused_and_named() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let mut booking = booking_body(&offer);
    booking["passengers"][0]["given_name"] = json!("As\0ha");
    let mut contact = booking_body(&offer);
    contact["contact"]["email"] = json!("asha\0@example.com");
    let promotion = json!({"code": "TENTH", "terms": {"name": "A tenth\0 off", "audience": "public",
        "benefit": {"kind": "percent", "basis_points": 1_000}, "per_user_limit": 3, "total_limit": 3}});
    let webhook = json!({"url": "https://example.com/\0", "events": ["*"]});
    let account = json!({"email": "a@example.com", "password": "long enough to be one\0", "name": "Asha"});
    let refused: [(&str, &str, Value, &str); 6] = [
        ("POST", "/bookings", booking, "passengers.0.given_name"),
        ("POST", "/bookings", contact, "contact.email"),
        ("POST", "/admin/promotions", promotion, "terms.name"),
        ("POST", "/admin/webhooks", webhook, "url"),
        ("POST", "/register", account, "password"),
        ("PATCH", "/profile", json!({"name": "Asha\0"}), "name"),
    ];
    for (method, path, body, field) in refused {
        let reply = airline.call_keyed(method, path, Some(&admin), Some(body), Some("k")).await.expect(422);
        assert_eq!((reply.code(), reply.text("/field").as_str()), ("invalid_field", field), "{path}");
    }
    // What only looks like the escape is a text like any other.
    let harmless = json!({"name": "Asha \\u0000"});
    airline.call("PATCH", "/profile", Some(&admin), Some(harmless)).await.expect(200);
}
