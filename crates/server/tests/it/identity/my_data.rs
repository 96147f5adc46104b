//! Everything held on a person, as a file; and its end.

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::Airline;

/// The person's own words, wherever they wrote them.
const WORDS: [&str; 7] = [
    "Q7UILL77",
    "Quillfeather",
    "Persimmon",
    "zanzibarite",
    "+919812345678",
    "1987-03-29",
    "quill@example.com",
];

struct Person {
    airline: Airline,
    token: String,
    locator: String,
}

impl Person {
    /// Somebody with a flight ahead, a saved traveller and a saved card.
    async fn new() -> Self {
        let airline = Airline::with(|config| config.auth.step_up_minutes = 60 * 24 * 1_000).await;
        let admin = airline.admin().await;
        airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 5).await;
        let account = json!({"email": "quill@example.com", "password": "trains under the ghats", "name": "Persimmon Quillfeather"});
        airline.call("POST", "/register", None, Some(account)).await.expect(202);
        let login = json!({"email": "quill@example.com", "password": "trains under the ghats"});
        let token = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
        let me = Some(token.as_str());
        airline.call("PATCH", "/profile", me, Some(json!({"phone": "+919812345678"}))).await.expect(200);
        let traveller =
            json!({"given_name": "Persimmon", "family_name": "Quillfeather", "born_on": "1987-03-29"});
        let saved = airline.call("POST", "/me/travellers", me, Some(traveller.clone())).await.expect(201);
        let passport = json!({"passport": {"number": "q7uill77", "issuer": "IND", "nationality": "IND", "expires_on": "2036-01-01"}});
        let path = format!("/me/travellers/{}/document", saved.text("/id"));
        airline.call("PUT", &path, me, Some(passport)).await.expect(200);
        let card = json!({"type": "card", "token": "pm_card_visa"});
        airline.call_keyed("POST", "/me/payment-methods", me, Some(card), Some("k0")).await.expect(201);
        let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
        let mut passenger = traveller;
        passenger["type"] = json!("adult");
        let body = json!({"offer_id": offer, "contact": {"email": "zanzibarite@example.com", "phone": null}, "passengers": [passenger]});
        let held = airline.call_keyed("POST", "/bookings", me, Some(body), Some("k1")).await.expect(201);
        airline.pay(&token, &held.text("/id"), "4242424242424242", "k2").await.expect(201);
        let locator = held.text("/locator");
        Self { airline, token, locator }
    }

    /// Every row of every table, as text.
    async fn whole_database(&self) -> String {
        let sql = self.airline.sql().await;
        let tables = sql
            .query("SELECT table_name::text FROM information_schema.tables WHERE table_schema = 'public' AND table_type = 'BASE TABLE'", &[])
            .await
            .expect("tables");
        let mut dump = String::new();
        for table in tables {
            let name: String = table.get(0);
            let all: &'static str = Box::leak(
                format!("SELECT coalesce(string_agg(t::text, ' '), '') FROM {name} t").into_boxed_str(),
            );
            dump += &sql.query_one(all, &[]).await.expect("rows").get::<_, String>(0);
        }
        dump
    }

    async fn call(&self, method: &str, path: &str) -> crate::support::Reply {
        self.airline.call(method, path, Some(&self.token), None).await
    }
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[tokio::test]
async fn the_export_has_everything_and_a_trip_ahead_keeps_the_account() {
    let person = Person::new().await;
    let export = person.call("GET", "/me/export").await.expect(200);
    assert!(
        export.headers["content-disposition"].to_str().is_ok_and(|value| value.starts_with("attachment"))
    );
    let text = export.json.to_string();
    for word in WORDS {
        assert!(text.contains(word), "{word} is not in the export");
    }
    assert_eq!(export.json["payment_methods"][0]["method"]["last4"], "4242");
    assert_eq!(export.json["bookings"][0]["locator"], person.locator.as_str());
    assert_eq!(export.json["sessions"].as_array().map(Vec::len), Some(1));
    assert_eq!(export.json["mails"][0]["template"], "verify-address");
    let refused = person.call("DELETE", "/me").await.expect(409);
    assert_eq!((refused.code(), &refused.json["locators"]), ("bookings_ahead", &json!([person.locator])));
    person.call("GET", "/profile").await.expect(200);
}

#[tokio::test]
async fn a_deleted_account_leaves_no_word_of_its_owner_and_books_that_add_up() {
    let person = Person::new().await;
    person.airline.later(SignedDuration::from_hours(24 * 20));
    // Nobody has looked yet whether it arrived: the gate may still need the names.
    assert_eq!(person.call("DELETE", "/me").await.expect(409).code(), "bookings_ahead");
    person.airline.run_jobs().await;
    let index = hex(&person.airline.app.sealer.blind_index("email", "quill@example.com"));
    let before = person.whole_database().await;
    assert!(before.contains(&index), "the search finds what is there");
    person.airline.assert_sound().await;

    person.call("DELETE", "/me").await.expect(204);
    person.airline.assert_sound().await;
    person.call("GET", "/profile").await.expect(401);
    let after = person.whole_database().await;
    for word in WORDS {
        assert!(!after.contains(word) && !after.contains(&hex(word.as_bytes())), "{word} is still there");
    }
    assert!(!after.contains(&index), "the address still finds it");
    let left = "SELECT (SELECT count(*) FROM user_keys k WHERE NOT EXISTS (SELECT FROM users u WHERE u.id = k.user_id AND u.erased_at IS NULL))
        + (SELECT count(*) FROM saved_travellers) + (SELECT count(*) FROM account_tokens) + (SELECT count(*) FROM gateway_customers)
        + (SELECT count(*) FROM mails WHERE of_account)";
    assert_eq!(person.airline.count(left).await, 0);
    assert_eq!(person.airline.count("SELECT count(*) FROM bookings").await, 1, "what was sold stays");
    assert_eq!(
        person.airline.count("SELECT count(*) FROM mails WHERE template = 'account-deleted'").await,
        1
    );
    person.airline.run_jobs().await;
    assert_eq!(
        person.airline.count("SELECT count(*) FROM saved_methods").await,
        0,
        "the gateway lets go of the card"
    );
    // By its locator it is found no more, staff see no such account, and the address is free.
    let record = json!({"locator": person.locator, "surname": "Quillfeather"});
    person.airline.call("POST", "/records", None, Some(record)).await.expect(404);
    let login = json!({"email": "admin@example.com", "password": "a password of some length"});
    let admin =
        person.airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
    let search = json!({"email": "quill@example.com"});
    let listed =
        person.airline.call("POST", "/admin/accounts/search", Some(&admin), Some(search)).await.expect(200);
    assert_eq!(listed.json["accounts"], Value::Array(Vec::new()));
    let again = json!({"email": "quill@example.com", "password": "trains under the ghats"});
    person.airline.call("POST", "/login", None, Some(again.clone())).await.expect(401);
    let account =
        json!({"email": "quill@example.com", "password": "trains under the ghats", "name": "Somebody"});
    person.airline.call("POST", "/register", None, Some(account)).await.expect(202);
    person.airline.call("POST", "/login", None, Some(again)).await.expect(200);
}

#[tokio::test]
async fn both_need_a_fresh_proof_and_staff_stay() {
    let airline = Airline::with(|config| config.auth.step_up_minutes = 15).await;
    let token = airline.traveller().await;
    airline.later(SignedDuration::from_mins(16));
    for (method, path) in [("GET", "/me/export"), ("DELETE", "/me")] {
        let refused = airline.call(method, path, Some(&token), None).await.expect(403);
        assert_eq!(refused.code(), "step_up_required", "{method} {path}");
    }
    let support = airline.account("support@example.com", Role::Support).await;
    assert_eq!(airline.call("DELETE", "/me", Some(&support), None).await.expect(409).code(), "staff_account");
}
