//! `/dev/mailbox`: a demo's mails, and only there.

use ::platform::config::Mode;
use axum::Router;
use axum::body::Body;
use axum::http::{Request, StatusCode};
use http_body_util::BodyExt;
use tower::ServiceExt;

use super::tell_with;
use crate::support::{Airline, booking_body};

async fn read(router: Router, host: &str, forwarded: Option<&str>) -> (StatusCode, String) {
    let request = Request::builder().uri("/dev/mailbox").header("host", host);
    let request = forwarded.into_iter().fold(request, |request, by| request.header("x-forwarded-for", by));
    let answer = router.oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
    let (status, body) = (answer.status(), answer.into_body().collect().await.expect("a body").to_bytes());
    (status, String::from_utf8_lossy(&body).into_owned())
}

#[tokio::test]
async fn a_demo_without_a_mail_server_shows_its_mails_on_the_machine_itself() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let empty = read(airline.router(), "localhost:8080", None).await;
    assert!(empty.0 == StatusCode::OK && empty.1.contains("No mail was written yet"), "{}", empty.1);
    airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 9).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let held =
        airline.call_keyed("POST", "/bookings", Some(&token), Some(booking_body(&offer)), Some("b1")).await;
    airline.pay(&token, &held.expect(201).text("/id"), super::CARD, "p1").await.expect(201);
    tell_with(&airline.app).await;
    let (status, page) = read(airline.router(), "127.0.0.1:8080", None).await;
    assert_eq!(status, StatusCode::OK);
    for part in
        ["is confirmed", "traveller@example.com", "asha@example.com", "KR1: Allentown", "<a href=\"http"]
    {
        assert!(page.contains(part), "{part} is not in {page}");
    }
    assert_eq!(read(airline.router(), "attacker.example", None).await.0, StatusCode::NOT_FOUND);
    assert_eq!(read(airline.router(), "localhost:8080", Some("192.0.2.7")).await.0, StatusCode::NOT_FOUND);

    let mut with_server = airline.app.config.clone();
    with_server.mail.url = "smtp+plain://127.0.0.1:9".into();
    let mut in_production = airline.app.config.clone();
    in_production.mode = Mode::Production;
    for config in [with_server, in_production] {
        let app = airline.app_with(config, airline.app.clock.clone());
        let router = server::router::service(&app);
        assert_eq!(read(router, "localhost:8080", None).await.0, StatusCode::NOT_FOUND);
    }
}
