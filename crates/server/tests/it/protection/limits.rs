//! Rate limits, room under load, and the shape of what is asked.

use ::platform::admission::Worth;
use ::platform::config::{Config, Limits};
use ::platform::limits::LimitClass;
use serde_json::{Value, json};

use super::from;
use crate::mass_assignment::program;
use crate::support::{Airline, Reply, request, send};

async fn check_coupon(airline: &Airline, address: &str, token: Option<&str>) -> Reply {
    let body = Some(json!({"offer_id": "off_x", "code": "GUESS"}));
    send(airline.router(), from(address, request("POST", "/coupons/check", token, body, None))).await
}

fn production_limits(config: &mut Config) {
    config.limits = Limits { codes_per_hour: 3, ..Limits::default() };
}

#[tokio::test]
async fn an_account_has_its_allowance_wherever_it_calls_from() {
    let airline = Airline::with(production_limits).await;
    let (token, other) = (
        airline.traveller().await,
        airline.account("other@example.com", server::identity::api::Role::Traveller).await,
    );
    for last in 1..=3 {
        check_coupon(&airline, &format!("203.0.113.{last}"), Some(&token)).await.expect(422);
    }
    let refused = check_coupon(&airline, "203.0.113.4", Some(&token)).await.expect(429);
    assert_eq!(
        (refused.code(), &refused.headers["retry-after"]),
        ("too_many_requests", &"1200".parse().expect("a value"))
    );
    check_coupon(&airline, "203.0.113.4", Some(&other)).await.expect(422);
    // A second address is as good as the first one for whoever has allowance left.
    check_coupon(&airline, "203.0.113.5", Some(&other)).await.expect(422);
}

#[tokio::test]
async fn an_address_has_its_allowance_whoever_calls_from_it() {
    let airline = Airline::with(production_limits).await;
    let token = airline.traveller().await;
    // Even who cannot say who he is counts: guessing tokens is guessing.
    for _ in 0..3 {
        check_coupon(&airline, "203.0.113.9", Some("nonsense")).await.expect(401);
    }
    check_coupon(&airline, "203.0.113.9", Some(&token)).await.expect(429);
    check_coupon(&airline, "203.0.113.10", Some(&token)).await.expect(422);
}

/// Each class of operation, in an order of worth that the document shows.
#[tokio::test]
async fn under_load_the_least_worth_is_refused_first() {
    let airline = Airline::with(|config| (config.admission.most, config.admission.least) = (10, 10)).await;
    let (admin, traveller) = (airline.admin().await, airline.traveller().await);
    let ask = async |what: &str| match what {
        "export" => airline.call("GET", "/admin/integrity", Some(&admin), None).await,
        "search" => {
            airline.call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None).await
        }
        "manage" => airline.call("GET", "/bookings", Some(&traveller), None).await,
        _ => airline.call_keyed("POST", "/bookings", Some(&traveller), Some(json!({})), Some("k")).await,
    };
    let mut inside = Vec::new();
    for (busy, refused) in [(3, 0), (4, 1), (6, 1), (7, 2), (8, 2), (9, 3), (10, 4)] {
        while inside.len() < busy {
            inside.push(airline.app.admission.enter(Worth::Sale).expect("room"));
        }
        for (place, what) in ["export", "search", "manage", "sale"].into_iter().enumerate() {
            let answer = ask(what).await;
            assert_eq!(answer.status == 503, place < refused, "{what} with {busy} inside: {}", answer.json);
            if answer.status == 503 {
                assert_eq!(answer.code(), "busy");
                let seconds =
                    answer.headers["retry-after"].to_str().ok().and_then(|text| text.parse::<u64>().ok());
                assert!(seconds.is_some_and(|seconds| (1..=12).contains(&seconds)));
            }
        }
    }
    inside.clear();
    assert!(ask("export").await.status == 200);
    assert_eq!(airline.app.admission.inside(), 0, "whoever was answered or refused is outside");
}

/// Whoever announces a body and does not send it has no place among the searches.
#[tokio::test]
async fn bodies_that_do_not_come_keep_no_search_waiting() {
    let airline = Airline::with(|config| config.admission.search_wait_ms = 20).await;
    let places = std::thread::available_parallelism().map_or(2, std::num::NonZero::get);
    let mut stalled = Vec::new();
    for _ in 0..4 * places {
        let body =
            axum::body::Body::from_stream(futures_util::stream::pending::<Result<Vec<u8>, std::io::Error>>());
        let asked =
            axum::http::Request::post("/api/v1/search").header("content-type", "application/json").body(body);
        stalled.push(tokio::spawn(send(airline.router(), asked.expect("a request"))));
    }
    for _ in 0..10 {
        tokio::time::sleep(std::time::Duration::from_millis(20)).await;
        let found =
            airline.call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None).await;
        found.expect(200);
    }
    assert!(stalled.iter().all(|asking| !asking.is_finished()), "they wait for their bodies");
    stalled.iter().for_each(tokio::task::JoinHandle::abort);
}

#[tokio::test]
async fn health_is_told_under_load_too() {
    let airline = Airline::with(|config| (config.admission.most, config.admission.least) = (1, 1)).await;
    let _inside = airline.app.admission.enter(Worth::Sale).expect("room");
    for path in ["/healthz", "/readyz", "/api/openapi.json"] {
        let asked =
            axum::http::Request::builder().uri(path).body(axum::body::Body::empty()).expect("a request");
        assert_eq!(send(airline.router(), asked).await.status, 200, "{path}");
    }
}

/// A client that hangs up while its request is inside leaves its place behind.
#[tokio::test]
async fn a_client_that_hangs_up_gives_its_place_back() {
    let airline = Airline::new().await;
    for _ in 0..20 {
        let asked = request("GET", "/search?origin=ABE&destination=ATL&date=2026-06-10", None, None, None);
        let mut asking = Box::pin(send(airline.router(), asked));
        // Polled once it is inside and waits for its turn.
        let pending = futures_util::poll!(&mut asking).is_pending();
        assert!(pending && airline.app.admission.inside() == 1);
        drop(asking);
        assert_eq!(airline.app.admission.inside(), 0);
    }
}

#[test]
fn every_operation_says_what_it_counts_against_and_what_it_is_worth() {
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let mut sales = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            let limit = operation["x-limit"].as_str().unwrap_or_else(|| panic!("{method} {path}"));
            let class = LimitClass::ALL.into_iter().find(|class| class.as_str() == limit).expect("a class");
            assert_eq!(operation["x-worth"], class.worth().as_str(), "{method} {path}");
            if class.worth() == Worth::Sale {
                sales.push(format!("{method} {path}"));
            }
        }
    }
    sales.sort();
    assert_eq!(
        sales,
        [
            "post /api/v1/bookings",
            "post /api/v1/bookings/{id}/changes",
            "post /api/v1/bookings/{id}/extend",
            "post /api/v1/bookings/{id}/extras",
            "post /api/v1/payments",
            "post /api/v1/payments/webhook",
            "put /api/v1/bookings/{id}/check-in/{segment}",
        ]
    );
}

#[tokio::test]
async fn bodies_are_neither_deep_nor_endless() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let nested = |levels: usize| (0..levels).fold(json!(1), |inner, _| json!([inner]));
    let deep = airline.call("POST", "/search", None, Some(nested(17))).await.expect(400);
    assert!(deep.text("/detail").contains("16 levels"), "{}", deep.json);
    airline.call("POST", "/search", None, Some(nested(16))).await.expect(422);
    let passengers = |many: usize| json!({"passengers": vec![json!({}); many]});
    let long = airline
        .call_keyed("POST", "/bookings", Some(&token), Some(passengers(101)), Some("k"))
        .await
        .expect(400);
    assert!(long.text("/detail").contains("100 items"), "{}", long.json);
    airline.call_keyed("POST", "/bookings", Some(&token), Some(passengers(100)), Some("k")).await.expect(422);
    // The one list that is longer says so by itself.
    let emails = |many: usize| json!({"emails": vec!["nobody@example.com"; many]});
    let path = "/admin/promotions/NONE/audience";
    airline.call("PUT", path, Some(&admin), Some(emails(1_000))).await.expect(404);
    let many = airline.call("PUT", path, Some(&admin), Some(emails(1_001))).await.expect(422);
    assert_eq!(many.text("/field"), "emails");
}

/// Every list of the document gives a hundred at a time and no more.
#[tokio::test]
async fn no_page_is_longer_than_a_hundred() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let program = program(&airline, &admin).await;
    let mut lists = 0;
    for (path, item) in document["paths"].as_object().expect("paths") {
        let parameters = item["get"]["parameters"].as_array().into_iter().flatten();
        let has_limit = parameters.clone().any(|parameter: &Value| parameter["name"] == "limit");
        if !has_limit {
            continue;
        }
        lists += 1;
        let path = path.replace("{id}", "whk_0193f2a1c5d07bb2a4d1c0ffee000004");
        let needed = "origin=ABE&destination=ATL&date=2026-06-10&from=2026-06-10&days=3";
        let query = if path.contains("/search") { needed } else { "" };
        let caller = if path.starts_with("/api/v1/webhooks") { &program } else { &admin };
        let beyond = airline.call("GET", &format!("{path}?limit=101&{query}"), Some(caller), None).await;
        assert!(beyond.status == 400 || beyond.status == 422, "{path}: {} {}", beyond.status, beyond.json);
    }
    assert!(lists >= 6, "{lists}");
}
