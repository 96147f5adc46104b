//! Bookings by locator and surname, and by a code.

use axum::body::Body;
use axum::http::Request;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;
use sha2::Digest;

use crate::support::{Airline, Reply, altered, request, send};

struct Booked {
    airline: Airline,
    owner: String,
    support: String,
    booking: String,
    locator: String,
}

impl Booked {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut ::platform::config::Config)) -> Self {
        let airline = Airline::with(change).await;
        let (admin, owner) = (airline.admin().await, airline.traveller().await);
        let support = airline.account("support@example.com", Role::Support).await;
        airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
        let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
        let held = airline.hold(&owner, &offer, "k1").await.expect(201);
        let (booking, locator) = (held.text("/id"), held.text("/locator"));
        airline.pay(&owner, &booking, "4242424242424242", "k2").await.expect(201);
        Self { airline, owner, support, booking, locator }
    }

    async fn ask(&self, path: &str, body: Value) -> Reply {
        self.airline.later(SignedDuration::from_millis(1));
        self.airline.call("POST", path, None, Some(body)).await
    }

    fn known(&self) -> Value {
        json!({"locator": self.locator, "surname": "Rao"})
    }

    /// The code of the newest mail.
    async fn code(&self) -> String {
        let list =
            self.airline.call("GET", "/admin/mails?limit=1", Some(&self.support), None).await.expect(200);
        assert_eq!(
            (list.text("/mails/0/template").as_str(), list.text("/mails/0/shown/to").as_str()),
            ("record-code", "asha@example.com")
        );
        let text = list.text("/mails/0/shown/text");
        let after = text.split(" is ").nth(1).expect("a code");
        after.split('.').next().expect("a code").to_owned()
    }

    async fn open(&self, code: &str) -> Reply {
        self.ask("/records/session", json!({"locator": self.locator, "surname": "Rao", "code": code})).await
    }
}

#[tokio::test]
async fn locator_and_surname_show_the_flights_and_nothing_of_anybody() {
    let booked = Booked::new().await;
    let shown = booked
        .ask("/records", json!({"locator": booked.locator.to_lowercase(), "surname": " RAO"}))
        .await
        .expect(200);
    let expected = json!({"locator": booked.locator, "status": "confirmed", "segments": [{"segment": 1, "flight_number": "KR1",
        "origin": "ABE", "destination": "ATL", "departs_at": "2026-06-10T08:35:00-04:00",
        "arrives_at": "2026-06-10T10:35:00-04:00", "cabin": "economy", "status": "scheduled"}]});
    assert_eq!(shown.json, expected);
    assert_eq!(shown.headers["cache-control"], "no-store");
    // A wrong name and a wrong locator are the same.
    let name = booked.ask("/records", json!({"locator": booked.locator, "surname": "Roa"})).await.expect(404);
    let locator = booked.ask("/records", json!({"locator": "ABC234", "surname": "Rao"})).await.expect(404);
    let odd = booked.ask("/records", json!({"locator": "O0O0O0", "surname": "Rao"})).await.expect(404);
    let told = |reply: &Reply| {
        let mut json = reply.json.clone();
        json["request_id"] = Value::Null;
        let names: Vec<String> = reply.headers.keys().map(ToString::to_string).collect();
        (json, names)
    };
    assert_eq!((name.code(), told(&name)), ("no_such_record", told(&locator)));
    assert_eq!(told(&odd), told(&locator));
    booked.ask("/records", json!({"locator": booked.locator, "surname": "-"})).await.expect(404);
    // A month after the trip it is found no more.
    booked.airline.later(SignedDuration::from_hours(24 * 39));
    booked.ask("/records", booked.known()).await.expect(200);
    booked.airline.later(SignedDuration::from_hours(24));
    booked.ask("/records", booked.known()).await.expect(404);
}

#[tokio::test]
async fn a_mailed_code_opens_one_booking_once() {
    let booked = Booked::new().await;
    booked.ask("/records/code", json!({"locator": booked.locator, "surname": "Roa"})).await.expect(404);
    booked.ask("/records/code", booked.known()).await.expect(204);
    let code = booked.code().await;
    assert!(code.len() == 6 && code.bytes().all(|byte| byte.is_ascii_digit()), "{code}");
    let dump: String = {
        let all = "SELECT string_agg(c::text, ' ') FROM record_codes c";
        booked.airline.sql().await.query_one(all, &[]).await.expect("a row").get(0)
    };
    assert!(!dump.contains(&code), "{dump}");
    let opened = booked.open(&code).await.expect(200);
    assert_eq!(opened.json["expires_in"], 1_800);
    assert_eq!(booked.open(&code).await.expect(422).code(), "wrong_code");
    let pass = opened.text("/access_token");
    let at = |path: String| path.replace("{id}", &booked.booking);
    let all = booked.airline.call("GET", &at("/bookings/{id}".into()), Some(&pass), None).await.expect(200);
    let owners =
        booked.airline.call("GET", &at("/bookings/{id}".into()), Some(&booked.owner), None).await.expect(200);
    assert_eq!(all.json, owners.json);
    // Nothing else of the owner's, and no other booking.
    for (method, path) in [
        ("GET", "/bookings"),
        ("GET", "/profile"),
        ("GET", "/me/travellers"),
        ("GET", "/me/sessions"),
        ("GET", "/me/payment-methods"),
        ("GET", "/admin/mails"),
        ("GET", "/bookings/bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
    ] {
        let refused = booked.airline.call(method, path, Some(&pass), None).await.expect(403);
        assert_eq!(refused.code(), "one_booking_only", "{method} {path}");
    }
    let body = json!({"email": "thief@example.com"});
    booked.airline.call("POST", "/me/email", Some(&pass), Some(body)).await.expect(403);
    // It manages the booking.
    booked.airline.call("GET", &at("/bookings/{id}/receipt".into()), Some(&pass), None).await.expect(200);
    booked.airline.call("DELETE", &at("/bookings/{id}".into()), Some(&pass), None).await.expect(200);
    let cancelled = booked.ask("/records", booked.known()).await.expect(200);
    assert_eq!(cancelled.json["status"], "cancelled");
    // Altered, and too old.
    let altered = altered(&pass);
    let read =
        async |pass: &str| booked.airline.call("GET", &at("/bookings/{id}".into()), Some(pass), None).await;
    read(&altered).await.expect(401);
    booked.airline.later(SignedDuration::from_mins(29));
    read(&pass).await.expect(200);
    booked.airline.later(SignedDuration::from_mins(1));
    read(&pass).await.expect(401);
    booked.airline.assert_sound().await;
}

/// A pass has no session that could end; what the airline disables is over all the same, and so is what would give the next pass.
#[tokio::test]
async fn nobody_acts_in_the_name_of_an_owner_who_is_disabled() {
    let booked = Booked::new().await;
    booked.ask("/records/code", booked.known()).await.expect(204);
    let opened = booked.open(&booked.code().await).await.expect(200);
    let (pass, path) = (opened.text("/access_token"), format!("/bookings/{}", opened.text("/booking_id")));
    let sql = booked.airline.sql().await;
    let disabled = "UPDATE users SET disabled_at = created_at WHERE id = (SELECT user_id FROM bookings)";
    let call = async |method| booked.airline.call(method, &path, Some(&pass), None).await;
    call("GET").await.expect(200);
    sql.execute(disabled, &[]).await.expect("disabled");
    for method in ["GET", "DELETE"] {
        assert_eq!(call(method).await.expect(401).code(), "unauthenticated");
    }
    let mails = "SELECT count(*) FROM mails";
    let before = booked.airline.count(mails).await;
    booked.ask("/records/code", booked.known()).await.expect(204);
    assert_eq!(booked.airline.count(mails).await, before, "no code goes out");
    sql.execute("UPDATE users SET disabled_at = NULL", &[]).await.expect("enabled");
    call("GET").await.expect(200);
    call("DELETE").await.expect(200);
}

#[tokio::test]
async fn a_code_has_five_tries_and_ten_minutes_and_the_next_takes_its_place() {
    let booked = Booked::new().await;
    booked.ask("/records/code", booked.known()).await.expect(204);
    let code = booked.code().await;
    let wrong = if code == "123456" { "654321" } else { "123456" };
    for _ in 0..5 {
        assert_eq!(booked.open(wrong).await.expect(422).code(), "wrong_code");
    }
    booked.open(&code).await.expect(422);
    booked.ask("/records/code", booked.known()).await.expect(204);
    let second = booked.code().await;
    booked.ask("/records/code", booked.known()).await.expect(204);
    let third = booked.code().await;
    assert!(second == third || booked.open(&second).await.status == 422);
    assert_eq!(booked.ask("/records/code", booked.known()).await.expect(429).code(), "too_many_guesses");
    booked.airline.later(SignedDuration::from_mins(10));
    booked.open(&third).await.expect(422);
    assert_eq!(booked.airline.run_job("prune_record_codes").await, 1);
}

#[tokio::test]
async fn guesses_at_a_locator_and_from_an_address_are_few() {
    let booked =
        Booked::with(|config| config.http.trusted_proxies = vec![std::net::IpAddr::from([127, 0, 0, 1])])
            .await;
    let (_, other) = booked.airline.second_server().await;
    let servers = [booked.airline.router(), other];
    let mut turn = 0_usize;
    let mut ask = async |address: &str, locator: &str, surname: &str| {
        turn += 1;
        let asked = from(address, json!({"locator": locator, "surname": surname}));
        send(servers[turn % 2].clone(), asked).await.status.as_u16()
    };
    // Names at one locator, each from another address, on two servers.
    for number in 0..5 {
        assert_eq!(ask(&format!("10.0.0.{number}"), &booked.locator, "Roa").await, 404);
    }
    assert_eq!(ask("10.0.1.1", &booked.locator, "Rao").await, 429, "also the right name");
    booked.airline.later(SignedDuration::from_mins(12));
    for _ in 0..30 {
        assert_eq!(
            ask("10.0.1.1", &booked.locator, "Rao").await,
            200,
            "who knows it may look as often as they like"
        );
    }
    // Locators from one address.
    let letters = b"ABCDEFGHJKMNPQRSTUVWXYZ";
    for letter in &letters[..20] {
        assert_eq!(ask("10.0.2.1", &format!("{}22222", char::from(*letter)), "Rao").await, 404);
    }
    assert_eq!(ask("10.0.2.1", &booked.locator, "Rao").await, 429);
    assert_eq!(ask("10.0.2.2", &booked.locator, "Rao").await, 200);
}

#[tokio::test]
async fn a_hundred_thousand_guesses_find_nothing() {
    let booked = Booked::with(|config| {
        config.limits.codes_per_hour = 60;
        // What the limits let through is to be counted, not what a puzzle keeps away.
        config.limits.record_misses_per_hour = 0;
        config.http.trusted_proxies = vec![std::net::IpAddr::from([127, 0, 0, 1])];
    })
    .await;
    let router = booked.airline.router();
    let mut state = 20_260_601_u64;
    let mut next = move || {
        // A generator of its own, so that the test guesses the same each time.
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        usize::try_from(state >> 33).expect("31 bits")
    };
    let alphabet = b"ABCDEFGHJKMNPQRSTUVWXYZ23456789";
    let (mut looked, mut refused) = (0, 0);
    for round in 0..6_250 {
        let sixteen = (0..16).map(|number| {
            let locator: String = (0..6).map(|_| char::from(alphabet[next() % alphabet.len()])).collect();
            // From a hundred addresses.
            let address = format!("10.0.3.{}", (round * 16 + number) % 100);
            send(router.clone(), from(&address, json!({"locator": locator, "surname": "Rao"})))
        });
        for reply in futures_util::future::join_all(sixteen.collect::<Vec<_>>()).await {
            match reply.status.as_u16() {
                404 => looked += 1,
                429 => refused += 1,
                other => panic!("{other}: {}", reply.json),
            }
        }
    }
    assert_eq!(
        (looked, refused),
        (2_000, 98_000),
        "twenty from each address were looked at, and none found anything"
    );
}

fn from(address: &str, body: Value) -> Request<Body> {
    let mut asked = request("POST", "/records", None, Some(body), None);
    asked.headers_mut().insert("x-forwarded-for", address.parse().expect("an address"));
    asked
}

/// A text that makes the hash begin with as many zero bits as are asked for.
fn solve(refused: &Reply) -> Value {
    let challenge = refused.text("/puzzle/challenge");
    let bits = refused.json["puzzle"]["bits"].as_u64().expect("a number");
    let is_solution = |solution: &u64| {
        let hash = sha2::Sha256::digest(format!("{challenge}.{solution}"));
        let head: [u8; 8] = std::array::from_fn(|index| hash[index]);
        u64::from(u64::from_be_bytes(head).leading_zeros()) >= bits
    };
    let solution = (0..u64::MAX).find(is_solution).expect("a solution");
    json!({"challenge": challenge, "solution": solution.to_string()})
}

#[tokio::test]
async fn while_many_are_guessed_each_further_guess_costs_work() {
    let booked = Booked::with(|config| config.limits.record_misses_per_hour = 4).await;
    let wrong = |surname: &str| json!({"locator": booked.locator, "surname": surname});
    for surname in ["Rai", "Rau", "Rae", "Roy"] {
        booked.ask("/records", wrong(surname)).await.expect(404);
    }
    // Whoever knows theirs is asked as well, once, and gets in.
    let refused = booked.ask("/records", booked.known()).await.expect(403);
    refused.has_code("puzzle_required");
    let solved = solve(&refused);
    let with = |mut body: Value, puzzle: &Value| {
        body["puzzle"] = puzzle.clone();
        body
    };
    booked.ask("/records", with(booked.known(), &solved)).await.expect(200);
    // It is no solution for another guess, nor is a guess of one, nor one of a puzzle of one's own.
    booked.ask("/records", with(wrong("Ray"), &solved)).await.expect(403);
    let mut other = solved.clone();
    other["solution"] = json!("1");
    booked.ask("/records", with(booked.known(), &other)).await.expect(403);
    other = solved.clone();
    other["challenge"] = json!(altered(solved["challenge"].as_str().expect("text")));
    booked.ask("/records", with(booked.known(), &other)).await.expect(403);
    booked.ask("/records/code", booked.known()).await.expect(403);
    booked.ask("/records/code", with(booked.known(), &solved)).await.expect(204);
    // It is over after ten minutes; when there is room again for misses nobody needs one.
    booked.airline.later(SignedDuration::from_mins(10));
    booked.ask("/records", with(booked.known(), &solved)).await.expect(403);
    booked.airline.later(SignedDuration::from_mins(10));
    booked.ask("/records", booked.known()).await.expect(200);
}
