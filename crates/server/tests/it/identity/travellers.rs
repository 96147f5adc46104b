//! People an account books for.

use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::{Airline, Reply};

const TIMES: (&str, &str) = ("2026-06-10T08:35", "2026-06-10T10:35");

fn person(given: &str, born: &str) -> Value {
    json!({"given_name": given, "family_name": "Rao", "born_on": born})
}

async fn save(airline: &Airline, token: &str, body: Value) -> Reply {
    airline.call("POST", "/me/travellers", Some(token), Some(body)).await
}

#[tokio::test]
async fn people_are_saved_changed_and_forgotten_by_their_owner_only() {
    let airline = Airline::new().await;
    let (me, other) = (airline.traveller().await, airline.account("o@example.com", Role::Traveller).await);
    let asha = save(&airline, &me, person(" Asha ", "1990-05-17")).await.expect(201);
    assert_eq!(asha.text("/given_name"), "Asha");
    let bela = save(&airline, &me, person("Bela", "2019-02-01")).await.expect(201).text("/id");
    let path = format!("/me/travellers/{bela}");
    let changed = person("Bela Devi", "2019-02-02");
    airline.call("PUT", &path, Some(&other), Some(changed.clone())).await.expect(404);
    airline.call("DELETE", &path, Some(&other), None).await.expect(404);
    airline.call("PUT", &path, Some(&me), Some(changed)).await.expect(200);
    let names = async |token: &str| {
        let listed = airline.call("GET", "/me/travellers", Some(token), None).await.expect(200);
        let all = listed.json["travellers"].as_array().expect("a list").clone();
        let mut names: Vec<String> =
            all.iter().map(|each| each["given_name"].as_str().expect("a name").to_owned()).collect();
        names.sort();
        names
    };
    assert_eq!(names(&me).await, ["Asha", "Bela Devi"]);
    assert!(names(&other).await.is_empty());
    airline.call("DELETE", &path, Some(&me), None).await.expect(204);
    airline.call("DELETE", &path, Some(&me), None).await.expect(404);
    assert_eq!(names(&me).await, ["Asha"]);
    let plain = "SELECT count(*) FROM saved_travellers WHERE position('Asha'::bytea IN details_sealed) > 0";
    assert_eq!(airline.count(plain).await, 0, "names are at rest only sealed");
}

#[tokio::test]
async fn what_is_no_person_says_which_field() {
    let airline = Airline::new().await;
    let me = airline.traveller().await;
    for (body, field) in [
        (person("42", "1990-05-17"), "given_name"),
        (json!({"given_name": "Asha", "family_name": "", "born_on": "1990-05-17"}), "family_name"),
        (person("Asha", "1890-05-17"), "born_on"),
    ] {
        assert_eq!(save(&airline, &me, body).await.expect(422).json["field"], field);
    }
    for number in 0..50 {
        save(&airline, &me, person("Asha", &format!("19{:02}-01-01", 10 + number))).await.expect(201);
    }
    let refused = save(&airline, &me, person("Asha", "1999-01-01")).await.expect(409);
    assert_eq!(refused.code(), "too_many_travellers");
}

#[tokio::test]
async fn a_booking_names_them_by_id_and_keeps_what_it_was_given() {
    let airline = Airline::new().await;
    let (admin, me) = (airline.admin().await, airline.traveller().await);
    let other = airline.account("o@example.com", Role::Traveller).await;
    airline.flight(&admin, "KR1", ("ABE", "ATL"), TIMES, 9).await;
    let offer = airline.offer("origin=ABE&destination=ATL&date=2026-06-10&adults=2").await;
    let asha = save(&airline, &me, person("Asha", "1990-05-17")).await.expect(201).text("/id");
    let hold = async |token: &str, first: Value, key: &str| {
        let second =
            json!({"type": "adult", "given_name": "Chandra", "family_name": "Rao", "born_on": "1980-01-01"});
        let body = json!({"offer_id": offer, "passengers": [first, second],
            "contact": {"email": "asha@example.com", "phone": null}});
        airline.call_keyed("POST", "/bookings", Some(token), Some(body), Some(key)).await
    };
    let saved = json!({"type": "adult", "traveller_id": asha});
    let booking = hold(&me, saved.clone(), "k1").await.expect(201);
    let path = format!("/me/travellers/{asha}");
    airline.call("PUT", &path, Some(&me), Some(person("Usha", "1991-05-17"))).await.expect(200);
    let again = hold(&me, saved.clone(), "k1").await.expect(201);
    assert_eq!(again.bytes, booking.bytes, "the same key, the same answer");
    let path = format!("/bookings/{}", booking.text("/id"));
    let kept = airline.call("GET", &path, Some(&me), None).await.expect(200);
    assert_eq!(
        (kept.text("/passengers/0/given_name"), kept.text("/passengers/0/born_on")),
        ("Asha".into(), "1990-05-17".into())
    );
    let both = json!({"type": "adult", "traveller_id": asha, "given_name": "Asha"});
    for (token, first, field) in [
        (&other, saved, "passengers[0].traveller_id"),
        (&me, both, "passengers[0].traveller_id"),
        (&me, json!({"type": "child", "traveller_id": asha}), "passengers"),
        (
            &me,
            json!({"type": "adult", "family_name": "Rao", "born_on": "1990-05-17"}),
            "passengers[0].given_name",
        ),
    ] {
        assert_eq!(hold(token, first, "k2").await.expect(422).json["field"], field);
    }
    assert_eq!(airline.count("SELECT count(*) FROM bookings").await, 1);
}

/// Lines of a passport of somebody born on 17 May 1990, valid until 15 April 2031.
const LINES: [&str; 2] =
    ["P<INDRAO<<ASHA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "Z1234567<1IND9005178F3104150<<<<<<<<<<<<<<00"];

fn typed(number: &str, expires_on: &str) -> Value {
    json!({"passport": {"number": number, "issuer": "IND", "nationality": "ind", "expires_on": expires_on}})
}

#[tokio::test]
async fn a_saved_passport_is_told_by_its_last_characters_and_by_its_owner_only() {
    let airline = Airline::with(|config| config.auth.step_up_minutes = 15).await;
    let (me, other) = (airline.traveller().await, airline.account("o@example.com", Role::Traveller).await);
    let asha = save(&airline, &me, person("Asha", "1990-05-17")).await.expect(201);
    assert_eq!(asha.json["document"], Value::Null);
    let person_path = format!("/me/travellers/{}", asha.text("/id"));
    let path = format!("{person_path}/document");
    let put = async |token: &str, body: Value| airline.call("PUT", &path, Some(token), Some(body)).await;
    put(&other, json!({"mrz": LINES})).await.expect(404);
    let given = put(&me, json!({"mrz": LINES})).await.expect(200);
    let shown = json!({"kind": "passport", "ends_with": "567", "issuer": "IND", "nationality": "IND", "expires_on": "2031-04-15"});
    assert_eq!(given.json, shown);
    let given = put(&me, typed(" c01x00t47 ", "2032-01-31")).await.expect(200);
    let shown = json!({"kind": "passport", "ends_with": "T47", "issuer": "IND", "nationality": "IND", "expires_on": "2032-01-31"});
    assert_eq!(given.json, shown, "another replaces it");
    let listed = airline.call("GET", "/me/travellers", Some(&me), None).await.expect(200);
    assert_eq!(listed.json["travellers"][0]["document"], shown);
    assert!(!listed.json.to_string().contains("C01X00T47"), "{}", listed.json);
    // Whole only to who takes all of it along, with a fresh proof.
    let export = airline.call("GET", "/me/export", Some(&me), None).await.expect(200);
    let whole = json!({"number": "C01X00T47", "issuer": "IND", "nationality": "IND", "born_on": "1990-05-17", "expires_on": "2032-01-31"});
    assert_eq!(export.json["travellers"][0]["document"], whole);
    assert_eq!(export.text("/travellers/0/id"), asha.text("/id"));
    let plain =
        "SELECT count(*) FROM saved_travellers WHERE position('C01X00T47'::bytea IN document_sealed) > 0";
    assert_eq!(airline.count(plain).await, 0, "numbers are at rest only sealed");
    airline.call("DELETE", &path, Some(&other), None).await.expect(404);
    // Another name leaves it, another birthday does not: it was somebody else's.
    let renamed = airline.call("PUT", &person_path, Some(&me), Some(person("Usha", "1990-05-17"))).await;
    assert_eq!(renamed.expect(200).json["document"], shown);
    let reborn = airline.call("PUT", &person_path, Some(&me), Some(person("Usha", "1990-05-18"))).await;
    assert_eq!(reborn.expect(200).json["document"], Value::Null);
    airline.call("DELETE", &path, Some(&me), None).await.expect(404);
    put(&me, typed("C01X00T47", "2032-01-31")).await.expect(200);
    airline.call("DELETE", &path, Some(&me), None).await.expect(204);
    assert_eq!(airline.count("SELECT count(*) FROM saved_travellers WHERE document_sealed IS NULL").await, 1);
}

#[tokio::test]
async fn what_is_no_passport_of_theirs_is_not_saved() {
    let airline = Airline::new().await;
    let me = airline.traveller().await;
    let asha = save(&airline, &me, person("Asha", "1990-05-17")).await.expect(201).text("/id");
    let path = format!("/me/travellers/{asha}/document");
    let wrong = LINES[1].replacen("Z1234567", "Z1234568", 1);
    let other = LINES[1].replacen("9005178", "9005189", 1);
    for (body, code, says) in [
        (json!({}), "invalid_field", "either"),
        (json!({"mrz": LINES, "passport": typed("Z1", "2031-01-01")["passport"]}), "invalid_field", "either"),
        (json!({"mrz": [LINES[0], wrong]}), "invalid_field", "the passport number"),
        (typed("1234567890", "2031-01-01"), "invalid_field", "nine"),
        (typed("Z 1", "2031-01-01"), "invalid_field", "letters and digits"),
        (typed("Z1", "2026-05-30"), "document_not_valid", "expired"),
        (json!({"mrz": [LINES[0], other]}), "document_not_valid", "date of birth"),
        (
            json!({"passport": {"number": "Z1", "issuer": "IND", "nationality": "IND", "expires_on": "2031-01-01", "born_on": "1990-05-17"}}),
            "invalid_field",
            "unknown field",
        ),
    ] {
        let refused = airline.call("PUT", &path, Some(&me), Some(body.clone())).await.expect(422);
        assert_eq!(refused.code(), code, "{body}");
        assert!(refused.text("/detail").contains(says), "{body}: {}", refused.json);
    }
    // Somebody who was born on another day has not this one.
    let bela = save(&airline, &me, person("Bela", "2019-02-01")).await.expect(201).text("/id");
    let path = format!("/me/travellers/{bela}/document");
    let refused = airline.call("PUT", &path, Some(&me), Some(json!({"mrz": LINES}))).await.expect(422);
    assert_eq!((refused.code(), refused.text("/reason").as_str()), ("document_not_valid", "born_on_differs"));
    // The last day that it is valid is over everywhere twelve hours after it is in Greenwich: it is noon on 1 June.
    airline.call("PUT", &path, Some(&me), Some(typed("Z1", "2026-06-01"))).await.expect(200);
    airline.call("PUT", &path, Some(&me), Some(typed("Z1", "2026-05-31"))).await.expect(422);
    let kept = "SELECT count(*) FROM saved_travellers WHERE document_sealed IS NOT NULL";
    assert_eq!(airline.count(kept).await, 1);
}
