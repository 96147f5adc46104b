//! Passports.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::check_in::import::import_check_in_policies;
use server::flights::import::File;
use server::identity::api::Role;

use super::{Terminal, actions};
use crate::support::Reply;

const ABROAD: &str =
    "origin,destination,opens_minutes,closes_minutes,counter_closes_minutes,passport,passport_months
ABE,ATL,2880,60,45,yes,6
";
/// Lines of a passport of somebody born on 17 May 1990, valid until 15 April 2031.
const LINES: [&str; 2] =
    ["P<INDRAO<<ASHA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "Z1234567<1IND9005178F3104150<<<<<<<<<<<<<<00"];

impl Terminal {
    /// A route that asks for passports which are valid for six months more.
    async fn abroad() -> Self {
        let terminal = Self::open().await;
        let file = File { name: "policies.csv", bytes: ABROAD.as_bytes() };
        let (db, now) = (&terminal.airline.app.db, terminal.airline.app.now());
        import_check_in_policies(db, now, file).await.expect("policies");
        terminal
    }

    async fn give(&self, id: &str, passenger: i16, body: Value) -> Reply {
        let path = format!("/bookings/{id}/passengers/{passenger}/document");
        self.airline.call("PUT", &path, Some(&self.token), Some(body)).await
    }
}

fn typed(expires_on: &str) -> Value {
    json!({"passport": {"number": "z1234567", "issuer": "IND", "nationality": "IND", "expires_on": expires_on}})
}

#[tokio::test]
async fn a_route_that_needs_passports_asks_for_good_ones() {
    let terminal = Terminal::abroad().await;
    let id = terminal.booked("aa", "k1").await;
    terminal.seconds_before(24 * 3600);
    let before = terminal.stands(&id).await;
    assert_eq!(before["flights"][0]["passengers"][0]["needs"], json!(["passport"]));
    assert_eq!(actions(&before, 0)[0].0, "add_document");
    let refused = terminal.check_in(&id, &[1, 2]).await.expect(422);
    assert_eq!((refused.code(), &refused.json["passengers"]), ("document_required", &json!([1, 2])));
    let given = terminal.give(&id, 1, json!({"mrz": LINES})).await.expect(200);
    let shown = json!({"passenger": 1, "kind": "passport", "ends_with": "567", "issuer": "IND", "nationality": "IND",
        "expires_on": "2031-04-15"});
    assert_eq!(given.json, shown);
    assert_eq!(terminal.stands(&id).await["flights"][0]["passengers"][0]["document"], shown);
    // Six months after 10 June are 10 December.
    terminal.give(&id, 2, typed("2026-12-09")).await.expect(200);
    let refused = terminal.check_in(&id, &[1, 2]).await.expect(422);
    let told = (refused.code(), refused.text("/reason"), refused.json["passenger"].as_i64());
    assert_eq!(told, ("document_not_valid", "expires_soon".to_owned(), Some(2)));
    assert!(refused.text("/detail").contains("6 months"), "{}", refused.json);
    terminal.give(&id, 2, typed("2026-12-10")).await.expect(200);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn a_passport_that_cannot_be_is_refused_at_once() {
    let terminal = Terminal::abroad().await;
    let id = terminal.booked("ac", "k1").await;
    let wrong = LINES[1].replacen("Z1234567", "Z1234568", 1);
    for (body, code, says) in [
        (json!({"mrz": [LINES[0], wrong]}), "invalid_field", "the passport number"),
        (json!({"mrz": [LINES[0]]}), "invalid_field", "two lines"),
        (json!({"mrz": LINES, "passport": typed("2030-01-01")["passport"]}), "invalid_field", "either"),
        (json!({}), "invalid_field", "either"),
        (typed("2026-05-30"), "document_not_valid", "expired"),
        (
            json!({"passport": {"number": "1234567890", "issuer": "IND", "nationality": "IND", "expires_on": "2030-01-01"}}),
            "invalid_field",
            "nine",
        ),
    ] {
        let refused = terminal.give(&id, 1, body.clone()).await.expect(422);
        assert_eq!(refused.code(), code, "{body}");
        assert!(refused.text("/detail").contains(says), "{}", refused.json);
    }
    // The child has not the adult's passport.
    let refused = terminal.give(&id, 2, json!({"mrz": LINES})).await.expect(422);
    assert_eq!((refused.code(), refused.text("/reason").as_str()), ("document_not_valid", "born_on_differs"));
    terminal.give(&id, 3, typed("2030-01-01")).await.expect(404);
}

#[tokio::test]
async fn passports_are_forgotten_by_wish_and_by_time() {
    let terminal = Terminal::abroad().await;
    let id = terminal.booked("aa", "k1").await;
    for passenger in [1, 2] {
        terminal.give(&id, passenger, typed("2031-01-01")).await.expect(200);
    }
    // Who owns the account has them back whole.
    let export = terminal.airline.call("GET", "/me/export", Some(&terminal.token), None).await.expect(200);
    let numbers: Vec<String> =
        [0, 1].map(|place| export.text(&format!("/travel_documents/{place}/number"))).into();
    assert_eq!(numbers, ["Z1234567"; 2]);
    let path = format!("/bookings/{id}/passengers/1/document");
    terminal.airline.call("DELETE", &path, Some(&terminal.token), None).await.expect(204);
    terminal.airline.call("DELETE", &path, Some(&terminal.token), None).await.expect(404);
    let kept = "SELECT count(*) FROM travel_documents";
    // The last flight arrives at 14:35 UTC.
    terminal.seconds_before(-7200 - 7 * 24 * 3600 + 1);
    terminal.airline.run_job("forget_travel_documents").await;
    assert_eq!(terminal.airline.count(kept).await, 1);
    terminal.airline.later(SignedDuration::from_secs(1));
    assert_eq!(terminal.airline.run_job("forget_travel_documents").await, 1);
    assert_eq!(terminal.airline.count(kept).await, 0);
}

#[tokio::test]
async fn passports_go_with_the_tickets_and_stay_as_long_as_the_trip() {
    let terminal = Terminal::abroad().await;
    let (held, id) = (terminal.held("a", "k1").await, terminal.booked("aaa", "k2").await);
    terminal.give(&held, 1, typed("2031-01-01")).await.expect(200);
    for passenger in [1, 2, 3] {
        terminal.give(&id, passenger, typed("2031-01-01")).await.expect(200);
    }
    let kept = "SELECT count(*) FROM travel_documents";
    let cancel = async |id: &str| {
        let path = format!("/bookings/{id}");
        terminal.airline.call("DELETE", &path, Some(&terminal.token), None).await.expect(200);
    };
    cancel(&held).await;
    assert_eq!(terminal.airline.count(kept).await, 3, "that of a hold goes with it");
    terminal.give_back(&id, &[2]).await;
    assert_eq!(terminal.airline.count(kept).await, 2, "that of who does not fly");
    // The flight is put off by two hours: that is how much longer they are kept.
    let later = json!({"departs_local": "2026-06-10T10:35", "arrives_local": "2026-06-10T12:35"});
    terminal.staff_put(later).await;
    terminal.seconds_before(-7200 - 7 * 24 * 3600);
    terminal.airline.run_job("forget_travel_documents").await;
    assert_eq!(terminal.airline.count(kept).await, 2);
    terminal.airline.later(SignedDuration::from_hours(2));
    terminal.airline.run_job("forget_travel_documents").await;
    assert_eq!(terminal.airline.count(kept).await, 0);
}

#[tokio::test]
async fn a_cancelled_booking_takes_no_passport() {
    let terminal = Terminal::abroad().await;
    let id = terminal.booked("a", "k1").await;
    terminal.give(&id, 1, typed("2031-01-01")).await.expect(200);
    let path = format!("/bookings/{id}");
    terminal.airline.call("DELETE", &path, Some(&terminal.token), None).await.expect(200);
    assert_eq!(terminal.airline.count("SELECT count(*) FROM travel_documents").await, 0);
    terminal.give(&id, 1, typed("2031-01-01")).await.expect(409).has_code("booking_closed");
}

#[tokio::test]
async fn a_saved_persons_passport_is_taken_by_their_id() {
    let terminal = Terminal::abroad().await;
    let id = terminal.booked("aa", "k1").await;
    let airline = &terminal.airline;
    let save = async |token: &str, given: &str, born_on: &str| {
        let person = json!({"given_name": given, "family_name": "Rao", "born_on": born_on});
        airline.call("POST", "/me/travellers", Some(token), Some(person)).await.expect(201).text("/id")
    };
    let other = airline.account("o@example.com", Role::Traveller).await;
    let (mine, theirs) =
        (save(&terminal.token, "Asha", "1990-05-17").await, save(&other, "Asha", "1990-05-17").await);
    let older = save(&terminal.token, "Kiran", "1960-05-17").await;
    let give_saved = async |token: &str, traveller: &str| {
        let path = format!("/me/travellers/{traveller}/document");
        airline.call("PUT", &path, Some(token), Some(typed("2031-04-15"))).await.expect(200);
    };
    let saved = |traveller: &str| json!({"traveller_id": traveller});
    // Nothing is saved of them yet.
    let refused = terminal.give(&id, 1, saved(&mine)).await.expect(422);
    assert_eq!((refused.code(), refused.text("/field").as_str()), ("invalid_field", "traveller_id"));
    give_saved(&terminal.token, &mine).await;
    give_saved(&terminal.token, &older).await;
    give_saved(&other, &theirs).await;
    // Another's is not there, whoever it is of.
    terminal.give(&id, 1, saved(&theirs)).await.expect(404).has_code("not_found");
    let refused = terminal.give(&id, 1, saved(&older)).await.expect(422);
    assert_eq!((refused.code(), refused.text("/reason").as_str()), ("document_not_valid", "born_on_differs"));
    let both = json!({"traveller_id": mine, "mrz": LINES});
    assert_eq!(terminal.give(&id, 1, both).await.expect(422).code(), "invalid_field");
    let given = terminal.give(&id, 1, saved(&mine)).await.expect(200);
    let shown = json!({"passenger": 1, "kind": "passport", "ends_with": "567", "issuer": "IND", "nationality": "IND",
        "expires_on": "2031-04-15"});
    assert_eq!(given.json, shown);
    // The booking has its own: who forgets the person still flies.
    let person = format!("/me/travellers/{mine}");
    airline.call("DELETE", &person, Some(&terminal.token), None).await.expect(204);
    terminal.give(&id, 2, saved(&mine)).await.expect(404);
    terminal.give(&id, 2, json!({"mrz": LINES})).await.expect(200);
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    terminal.airline.assert_sound().await;
}
