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
