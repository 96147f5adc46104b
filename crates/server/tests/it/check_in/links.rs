//! Links to single boarding passes: what they open, when they end, and what they do not open.

use axum::body::Body;
use axum::http::Request;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::Terminal;
use crate::support::{Airline, Reply, send};

impl Terminal {
    /// The token of a link to a passenger's pass.
    async fn link(&self, id: &str, passenger: i16) -> String {
        let path = format!("/bookings/{id}/boarding-passes/1/{passenger}/link");
        let reply = self.airline.call("GET", &path, Some(&self.token), None).await.expect(200);
        assert_eq!(reply.headers["cache-control"], "no-store");
        let (page, token) = reply
            .text("/url")
            .split_once('#')
            .map(|(a, b)| (a.to_owned(), b.to_owned()))
            .expect("a fragment");
        assert!(page.ends_with("/pass") && !page.contains("bpl_"), "{page}");
        token
    }

    /// Whoever has a token and nothing else.
    async fn follow(&self, token: &str) -> Reply {
        self.airline.call("POST", "/boarding-passes/open", None, Some(json!({"token": token}))).await
    }

    async fn opens_nothing(&self, token: &str) {
        assert_eq!(self.follow(token).await.expect(404).code(), "no_such_pass");
        let body = Some(json!({"token": token}));
        self.airline.call("POST", "/boarding-passes/apple-wallet", None, body).await.expect(404);
    }
}

#[tokio::test]
async fn a_link_opens_one_pass_as_it_is_until_its_flight_has_arrived() {
    let hall = Terminal::open().await;
    let id = hall.booked("aa", "k1").await;
    hall.seconds_before(24 * 3600);
    hall.check_in(&id, &[1, 2]).await.expect(200);
    let token = hall.link(&id, 2).await;
    assert_eq!(hall.link(&id, 2).await, token, "nothing is kept of it, and it is the same");
    let opened = hall.follow(&token).await.expect(200);
    let shown = &hall.passes(&id).await[1];
    assert_eq!(&opened.json["pass"], shown, "one pass, and not the other's");
    let members: Vec<&String> = opened.json.as_object().expect("an object").keys().collect();
    assert_eq!(members, ["expires_at", "google_wallet", "pass", "picture"]);
    assert!(opened.text("/picture").starts_with("<svg") || opened.text("/picture").starts_with("<?xml"));
    assert_eq!(opened.text("/expires_at"), "2026-06-10T14:35:00Z");
    let body = Some(json!({"token": token}));
    let package = hall.airline.call("POST", "/boarding-passes/apple-wallet", None, body).await.expect(200);
    assert_eq!(package.headers["content-type"], "application/vnd.apple.pkpass");
    // Another seat is another version of the same check-in, and the link is to that.
    let seats = json!({"seats": [{"passenger": 2, "segment": 1, "seat": "20C"}]});
    let extras = format!("/bookings/{id}/extras");
    let chosen = hall.airline.call_keyed("POST", &extras, Some(&hall.token), Some(seats), Some("e")).await;
    chosen.expect(201);
    hall.airline.pay(&hall.token, &id, "4242424242424242", "seat").await.expect(201);
    let pass = hall.follow(&token).await.expect(200).json["pass"].clone();
    assert_eq!((&pass["version"], &pass["seat"]), (&json!(2), &json!("20C")));
    // It is no way to sign in, and opens nothing else of the booking.
    for path in [format!("/bookings/{id}"), format!("/bookings/{id}/boarding-passes"), "/bookings".to_owned()]
    {
        hall.airline.call("GET", &path, Some(&token), None).await.expect(401);
    }
    // A delay gives it more time, and it ends with the flight's arrival.
    hall.staff_put(json!({"delay_minutes": 30})).await;
    assert_eq!(hall.follow(&token).await.expect(200).text("/expires_at"), "2026-06-10T15:05:00Z");
    hall.seconds_before(-(2 * 3600 + 30 * 60) + 1);
    hall.follow(&token).await.expect(200);
    hall.seconds_before(-(2 * 3600 + 30 * 60));
    hall.opens_nothing(&token).await;
}

#[tokio::test]
async fn a_link_to_whoever_is_not_checked_in_and_one_that_was_changed_open_nothing() {
    let hall = Terminal::open().await;
    let id = hall.booked("aa", "k1").await;
    hall.seconds_before(24 * 3600);
    let path = format!("/bookings/{id}/boarding-passes/1/1/link");
    let early = hall.airline.call("GET", &path, Some(&hall.token), None).await.expect(409);
    assert_eq!(early.code(), "no_boarding_pass");
    hall.check_in(&id, &[1, 2]).await.expect(200);
    let (token, other) = (hall.link(&id, 1).await, hall.link(&id, 2).await);
    // What it says can be read, and not said otherwise.
    let bytes = URL_SAFE_NO_PAD.decode(token.strip_prefix("bpl_").expect("a prefix")).expect("base64");
    let (content, tag) = bytes.split_last_chunk::<16>().expect("128 bits");
    let mut said: Value = serde_json::from_slice(content).expect("JSON");
    said["passenger"] = json!(2);
    let forged = [said.to_string().as_bytes(), tag].concat();
    hall.opens_nothing(&format!("bpl_{}", URL_SAFE_NO_PAD.encode(forged))).await;
    for nonsense in ["", "bpl_", "x", &token[..token.len() - 1], &token.replacen("bpl", "rec", 1)] {
        hall.opens_nothing(nonsense).await;
    }
    // Another token of ours is of another kind.
    hall.opens_nothing(&hall.token).await;
    hall.undo(&id, 1).await.expect(200);
    hall.opens_nothing(&token).await;
    // Whoever gave it to the wrong one has taken it back for good; the other passenger's stays.
    hall.airline.later(SignedDuration::from_secs(1));
    hall.check_in(&id, &[1]).await.expect(200);
    hall.opens_nothing(&token).await;
    hall.follow(&other).await.expect(200);
    let token = hall.link(&id, 1).await;
    assert_eq!(hall.follow(&token).await.expect(200).json["pass"]["version"], 2, "the newest version");
    let thief = hall.airline.account("thief@example.com", server::identity::api::Role::Traveller).await;
    hall.airline.call("GET", &path, Some(&thief), None).await.expect(404);
    // Who has no account any more has no links: what would open the names is gone.
    let erased = "DELETE FROM user_keys WHERE user_id = (SELECT user_id FROM bookings LIMIT 1)";
    assert_eq!(hall.airline.sql().await.execute(erased, &[]).await.expect("a key"), 1);
    hall.opens_nothing(&token).await;
}

/// Of each wallet the page says whether telephones take what is made for it: of Apple's as it is made, of Google's with the pass.
#[tokio::test]
async fn the_page_says_of_each_wallet_whether_it_is_a_self_test() {
    let page = async |airline: &Airline| {
        let asked = Request::builder().uri("/pass").body(Body::empty()).expect("a request");
        String::from_utf8(send(airline.router(), asked).await.expect(200).bytes).expect("a page")
    };
    let note = "no telephone takes it";
    let unset = page(&Airline::new().await).await;
    assert!(unset.contains(r#"<p id="apple-self-test">"#) && unset.contains(note), "{unset}");
    assert!(unset.contains(r#"<p id="google-self-test" hidden>"#), "{unset}");
    let file = |name| format!("{}/src/boarding/wallet/self-test/{name}", env!("CARGO_MANIFEST_DIR"));
    let set = Airline::with(|config| {
        config.wallet.apple_certificate_file = file("certificate.pem");
        config.wallet.apple_issuer_file = file("certificate.pem");
        config.wallet.apple_key_file = file("key.pem");
    })
    .await;
    assert!(page(&set).await.contains(r#"<p id="apple-self-test" hidden>"#));
}
