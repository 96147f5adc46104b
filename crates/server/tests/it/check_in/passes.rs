//! Boarding passes: who has which, and what a gate makes of them.

use jiff::civil::date;
use serde_json::{Value, json};
use server::boarding::api::{published_keys, verify};
use server::identity::api::Role;

use super::Terminal;
use crate::support::Reply;

impl Terminal {
    pub(super) async fn passes(&self, id: &str) -> Vec<Value> {
        let path = format!("/bookings/{id}/boarding-passes");
        let reply = self.airline.call("GET", &path, Some(&self.token), None).await.expect(200);
        reply.json["passes"].as_array().expect("passes").clone()
    }

    /// What a gate without a network says of each.
    async fn told(&self, passes: &[Value]) -> Vec<String> {
        let keys = self.airline.call("GET", "/boarding-keys", None, None).await.expect(200);
        let keys = published_keys(&keys.json.to_string()).expect("keys");
        let code = |pass: &Value| pass["bar_code"].as_str().expect("a text").to_owned();
        let codes = passes.iter().map(code);
        codes.map(|code| verify(&keys, &code).expect("ours").told(date(2026, 6, 9))).collect()
    }
}

fn versions(passes: &[Value]) -> Vec<(i64, i64, Option<&str>)> {
    let number = |value: &Value| value.as_i64().expect("a number");
    passes
        .iter()
        .map(|pass| (number(&pass["passenger"]), number(&pass["version"]), pass["seat"].as_str()))
        .collect()
}

#[tokio::test]
async fn a_pass_comes_with_check_in_and_goes_with_it() {
    let terminal = Terminal::open().await;
    let id = terminal.booked(&["ac", "i"].concat(), "k1").await;
    assert_eq!(terminal.passes(&id).await.len(), 0, "only after check-in");
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    let passes = terminal.passes(&id).await;
    let seats: Vec<Option<&str>> = versions(&passes).iter().map(|(.., seat)| *seat).collect();
    assert!(seats[0].is_some() && seats[1].is_some() && seats[2].is_none(), "{seats:?}");
    assert!(
        passes.iter().all(|pass| pass["version"] == 1 && pass["boarding_at"] == "2026-06-10T07:55:00-04:00")
    );
    let locator = terminal.locator(&id).await;
    let told = terminal.told(&passes).await;
    let seat = |place: usize| seats[place].expect("a seat");
    for (place, seat) in [(0, seat(0)), (1, seat(1)), (2, "INF")] {
        let sequence = place + 1;
        let expected = format!(
            "RAO/ASHA, KR1 ABE-ATL on 2026-06-10, {locator}, seat {seat}, sequence {sequence}, version 1, issued 2026-06-09, key 1"
        );
        assert_eq!(told[place], expected);
    }
    // What a scanner reads has nothing in it but the journey.
    let code = passes[0]["bar_code"].as_str().expect("a text");
    assert!(code.starts_with("M1RAO/ASHA            E"), "{code}");
    assert!(!code.contains('@') && !code.contains("1990") && code.len() < 250, "{code}");
    for passenger in [2, 1] {
        terminal.undo(&id, passenger).await.expect(200);
    }
    assert_eq!(terminal.passes(&id).await.len(), 0);
    terminal.check_in(&id, &[1]).await.expect(200);
    let again = versions(&terminal.passes(&id).await)
        .iter()
        .map(|(who, version, _)| (*who, *version))
        .collect::<Vec<_>>();
    assert_eq!(again, [(1, 2), (3, 2)], "whoever comes again has another version");
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn another_seat_is_another_version_and_another_gate_is_not() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("aa", "k1").await;
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    let before = terminal.passes(&id).await;
    let seats = json!({"seats": [{"passenger": 2, "segment": 1, "seat": "20C"}]});
    let path = format!("/bookings/{id}/extras");
    terminal
        .airline
        .call_keyed("POST", &path, Some(&terminal.token), Some(seats), Some("e"))
        .await
        .expect(201);
    assert_eq!(versions(&terminal.passes(&id).await), versions(&before), "not before it is paid");
    terminal.airline.pay(&terminal.token, &id, "4242424242424242", "seat").await.expect(201);
    let after = terminal.passes(&id).await;
    assert_eq!(versions(&after), [versions(&before)[0], (2, 2, Some("20C"))]);
    terminal.staff_put(json!({"gate": "C9"})).await;
    let moved = terminal.passes(&id).await;
    assert_eq!((moved[0]["gate"].as_str(), versions(&moved)), (Some("C9"), versions(&after)));
    let same = |one: &Value, other: &Value| one["bar_code"] == other["bar_code"];
    assert!(same(&moved[0], &before[0]) && !same(&moved[1], &before[1]), "paper stays good at another gate");
    terminal.offload(&id, &[2]).await.expect(200);
    assert_eq!(versions(&terminal.passes(&id).await), [versions(&before)[0]]);
    let told = "SELECT count(*) FROM outbox WHERE type = 'boarding_pass.issued'";
    assert_eq!(terminal.airline.count(told).await, 3);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn passes_are_for_who_may_read_the_booking() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1]).await.expect(200);
    let path = format!("/bookings/{id}/boarding-passes");
    let stranger = terminal.airline.account("stranger@example.com", Role::Traveller).await;
    terminal.airline.call("GET", &path, Some(&stranger), None).await.expect(404);
    terminal.airline.call("GET", &path, None, None).await.expect(401);
    terminal
        .airline
        .call("DELETE", &format!("/bookings/{id}"), Some(&terminal.token), None)
        .await
        .expect(200);
    assert_eq!(terminal.passes(&id).await.len(), 0, "no pass without a ticket");
    terminal.airline.assert_sound().await;
}

impl Terminal {
    async fn fetch(&self, path: &str, who: Option<&str>) -> Reply {
        self.airline.call("GET", path, who, None).await
    }
}

#[tokio::test]
async fn all_passes_are_one_file_for_paper_with_all_they_must_say() {
    let terminal = Terminal::open().await;
    let id = terminal.booked(&["aa", "i"].concat(), "k1").await;
    let path = format!("/bookings/{id}/boarding-passes?format=pdf");
    let token = Some(terminal.token.as_str());
    terminal.fetch(&path, token).await.expect(409).has_code("no_boarding_pass");
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    terminal.staff_put(json!({"gate": "B4"})).await;
    let paper = terminal.fetch(&path, token).await.expect(200);
    assert_eq!(paper.headers["content-type"], "application/pdf");
    assert_eq!(paper.headers["cache-control"], "no-store");
    let pages = testkit::pdf::pages(&paper.bytes).expect("a PDF");
    assert_eq!(pages.len(), 3, "a page for each");
    let passes = terminal.passes(&id).await;
    for (page, pass) in pages.iter().zip(&passes) {
        let text = format!("{page:?}");
        let seat = pass["seat"].as_str().unwrap_or("On a lap");
        let ticket = pass["ticket"].as_str().expect("a ticket");
        let locator = pass["locator"].as_str().expect("a locator");
        let boarding = "10 June 2026, 07:55";
        for says in [
            "Asha Rao",
            "KR1",
            "(ABE)",
            "(ATL)",
            "B4",
            "Economy",
            "10 June 2026, 08:35",
            boarding,
            seat,
            locator,
            &ticket[3..],
        ] {
            assert!(text.contains(says), "{says} is not in {text}");
        }
        assert!(!text.contains('@'), "no address: {text}");
    }
    let stranger = terminal.airline.account("stranger@example.com", Role::Traveller).await;
    terminal.fetch(&path, Some(&stranger)).await.expect(404);
}

#[tokio::test]
async fn a_bar_code_is_a_picture_of_the_kind_that_is_asked_for() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    let token = Some(terminal.token.as_str());
    let path = |query: &str| format!("/bookings/{id}/boarding-passes/1/1/bar-code{query}");
    terminal.fetch(&path(""), token).await.expect(409).has_code("no_boarding_pass");
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1]).await.expect(200);
    let code = terminal.passes(&id).await[0]["bar_code"].as_str().expect("a text").to_owned();
    let aztec = documents::BarCode::aztec(&code).expect("a code");
    let paper = documents::BarCode::pdf417(&code).expect("a code");
    for (query, kind, bytes) in [
        ("?format=png", "image/png", aztec.png(6).expect("a picture")),
        ("?format=png&scale=2&symbology=pdf417", "image/png", paper.png(2).expect("a picture")),
    ] {
        let picture = terminal.fetch(&path(query), token).await.expect(200);
        assert_eq!(
            (&picture.headers["content-type"], &picture.bytes),
            (&kind.parse().expect("a value"), &bytes)
        );
    }
    let drawn = terminal.fetch(&path(""), token).await.expect(200);
    assert_eq!(drawn.headers["content-type"], "image/svg+xml");
    let text = String::from_utf8(drawn.bytes).expect("text");
    assert!(text.starts_with("<svg ") && text.contains("Asha Rao"), "{text}");
    for query in ["?format=gif", "?symbology=qr", "?scale=0", "?scale=21"] {
        terminal.fetch(&path(query), token).await.expect(422).has_code("invalid_field");
    }
    let stranger = terminal.airline.account("stranger@example.com", Role::Traveller).await;
    terminal.fetch(&path(""), Some(&stranger)).await.expect(404);
    terminal.fetch(&path("").replace("/1/1/", "/1/2/"), token).await.expect(409);
}
