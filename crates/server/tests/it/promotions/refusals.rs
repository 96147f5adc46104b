//! Why a code is refused, told by a word, in the caller's language.

use serde_json::{Value, json};
use server::identity::api::Role;

use super::{
    QUERY, apply, file, file_extras, hold_with, one_flight, one_flight_with, reason, refused, taken,
};
use crate::support::{Airline, request, send};

async fn held(airline: &Airline, token: &str, key: &str) -> String {
    airline.hold(token, &airline.offer(QUERY).await, key).await.expect(201).text("/id")
}

#[tokio::test]
async fn each_reason_has_its_word() {
    let (airline, admin, token) = one_flight(20).await;
    let id = held(&airline, &token, "k1").await;
    let usd = |amount: i64| json!([{"amount": amount, "currency": "USD"}]);
    file_extras(&airline).await;
    for (code, terms, why) in [
        ("EARLY", json!({"book_from": "2026-06-01T12:00:01Z"}), "not_started"),
        ("LATE", json!({"book_until": "2026-06-01T12:00:00Z"}), "ended"),
        ("OTHER-WAY", json!({"routes": [{"origin": "ATL", "destination": "ABE"}]}), "route"),
        ("IN-FRONT", json!({"cabins": ["business"]}), "cabin"),
        ("FLEXIBLE", json!({"fare_families": ["economy_flex"]}), "fare_family"),
        ("IN-JULY", json!({"travel_from": "2026-07-01", "travel_until": "2026-07-31"}), "travel_dates"),
        ("FOR-MORE", json!({"minimum_spend": usd(20_001)}), "minimum_spend"),
        (
            "RUPEES",
            json!({"benefit": {"kind": "amount", "amounts": [{"amount": 5, "currency": "INR"}]}}),
            "currency",
        ),
        ("A-BAG", json!({"benefit": {"kind": "extra", "extra": "bag_23"}}), "extra_not_chosen"),
        (
            "HARDLY",
            json!({"benefit": {"kind": "percent", "basis_points": 1}, "cabins": ["economy"],
            "minimum_spend": usd(20_000)}),
            "",
        ),
    ] {
        file(&airline, &admin, code, terms).await;
        let reply = apply(&airline, &token, &id, code, code).await;
        if why.is_empty() {
            reply.expect(200);
        } else {
            assert_eq!(reason(&reply), refused(why), "{code}");
        }
    }
    assert_eq!(reason(&apply(&airline, &token, &id, "HARDLY", "twice").await), refused("already_applied"));
    file(&airline, &admin, "ALONE", json!({})).await;
    assert_eq!(reason(&apply(&airline, &token, &id, "ALONE", "a1").await), refused("not_combinable"));
    for unknown in ["NO-SUCH-CODE", "x", "'; DROP TABLE promotions; --", "क"] {
        let reply = apply(&airline, &token, &id, unknown, &format!("u-{}", unknown.len())).await;
        assert_eq!(reason(&reply), refused("unknown"), "{unknown}");
    }
    assert_eq!(taken(&airline).await, 1);
    airline.assert_sound().await;
}

#[tokio::test]
async fn a_first_booking_is_one_before_any_was_confirmed() {
    let (airline, admin, token) = one_flight(20).await;
    file(&airline, &admin, "WELCOME", json!({"first_booking": true})).await;
    let first = held(&airline, &token, "k1").await;
    apply(&airline, &token, &first, "WELCOME", "c1").await.expect(200);
    airline.pay(&token, &first, "4242424242424242", "p1").await.expect(201);
    let second = held(&airline, &token, "k2").await;
    assert_eq!(
        reason(&apply(&airline, &token, &second, "WELCOME", "c2").await),
        refused("not_first_booking")
    );
    // Also once the first one was given back.
    airline.call("DELETE", &format!("/bookings/{first}"), Some(&token), None).await.expect(200);
    assert_eq!(
        reason(&apply(&airline, &token, &second, "WELCOME", "c3").await),
        refused("not_first_booking")
    );
    let mine = airline.call("GET", "/coupons/mine", Some(&token), None).await.expect(200);
    assert_eq!(mine.json["promotions"], json!([]));
}

#[tokio::test]
async fn reasons_are_told_in_the_callers_language() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "LATE", json!({"book_until": "2026-06-01T12:00:00Z"})).await;
    let id = held(&airline, &token, "k1").await;
    let path = format!("/bookings/{id}/coupon");
    for (language, detail) in [("en", "The promotion has ended."), ("hi", "यह ऑफ़र समाप्त हो चुका है।")]
    {
        let mut asked = request("POST", &path, Some(&token), Some(json!({"code": "LATE"})), Some(language));
        asked.headers_mut().insert("accept-language", language.parse().expect("a header"));
        assert_eq!(send(airline.router(), asked).await.expect(422).text("/detail"), detail);
    }
}

/// Every word a refusal can be has a text of its own in each language.
#[tokio::test]
async fn every_reason_has_its_own_text() {
    use ::platform::messages::Locale;
    let messages = server::app::messages().expect("the catalogue");
    for locale in Locale::ALL {
        let text = |reason: &str| {
            messages.text(locale, "problem-promotion-refused", &[("reason", reason.to_owned())])
        };
        let other = text("something else");
        for refusal in domain::promotions::Refusal::ALL {
            let text = text(refusal.as_str());
            assert!(text != other && !text.is_empty(), "{} {refusal:?}: {text}", locale.tag());
        }
    }
    let docs = include_str!("../../../../../docs/promotions.md");
    for refusal in domain::promotions::Refusal::ALL {
        assert!(docs.contains(&format!("| `{}` |", refusal.as_str())), "docs/promotions.md: {refusal:?}");
    }
}

/// Each try costs, whether the code exists or not: the answers say nothing to who guesses.
#[tokio::test]
async fn guessing_codes_is_slow() {
    let (airline, admin, token) = one_flight_with(20, |config| config.limits.codes_per_hour = 4).await;
    file(&airline, &admin, "TENTH", json!({})).await;
    let id = held(&airline, &token, "k1").await;
    let offer = airline.offer(QUERY).await;
    for number in 0..2 {
        assert_eq!(
            reason(&apply(&airline, &token, &id, "GUESS", &format!("g{number}")).await),
            refused("unknown")
        );
    }
    let ask = json!({"offer_id": offer, "code": "GUESS"});
    airline.call("POST", "/coupons/check", Some(&token), Some(ask.clone())).await.expect(200);
    assert_eq!(reason(&hold_with(&airline, &token, "GUESS", "h1").await), refused("unknown"));
    let slow = apply(&airline, &token, &id, "TENTH", "c1").await.expect(429);
    assert_eq!(slow.code(), "too_many_requests");
    assert!(slow.headers.contains_key("retry-after"));
    airline.call("POST", "/coupons/check", Some(&token), Some(ask)).await.expect(429);
    hold_with(&airline, &token, "TENTH", "h2").await.expect(429);
    // Whoever tries no code is not concerned.
    held(&airline, &token, "k2").await;
    airline.call("GET", "/coupons/mine", Some(&token), None).await.expect(200);
    airline.call("DELETE", &format!("/bookings/{id}/coupon"), Some(&token), None).await.expect(200);
}

/// A code that was given to somebody else is no code.
#[tokio::test]
async fn a_targeted_code_is_for_those_it_was_given_to() {
    let (airline, admin, token) = one_flight(20).await;
    let friend = airline.account("friend@example.com", Role::Traveller).await;
    file(&airline, &admin, "FRIENDS", json!({"audience": "targeted", "per_user_limit": 2})).await;
    file(&airline, &admin, "SECRET", json!({"audience": "unlisted"})).await;
    file(&airline, &admin, "ALL", json!({})).await;
    let emails = json!({"emails": ["Friend@example.com ", "nobody@example.com"]});
    let path = "/admin/promotions/friends/audience";
    let given = airline.call("PUT", path, Some(&admin), Some(emails)).await.expect(200);
    assert_eq!(given.json, json!({"given_to": 1, "unknown": ["nobody@example.com"]}));
    let mine = |token: String| {
        let airline = &airline;
        async move {
            let reply = airline.call("GET", "/coupons/mine", Some(&token), None).await.expect(200);
            let each = reply.json["promotions"].as_array().expect("promotions").clone();
            each.iter().map(|one| (one["code"].clone(), one["uses_left"].clone())).collect::<Vec<_>>()
        }
    };
    let all = (json!("ALL"), Value::Null);
    assert_eq!(mine(token.clone()).await, std::slice::from_ref(&all));
    assert_eq!(mine(friend.clone()).await, [all.clone(), (json!("FRIENDS"), json!(2))]);
    let (theirs, ours) = (held(&airline, &friend, "k1").await, held(&airline, &token, "k2").await);
    assert_eq!(reason(&apply(&airline, &token, &ours, "FRIENDS", "c1").await), refused("unknown"));
    apply(&airline, &token, &ours, "SECRET", "c2").await.expect(200);
    apply(&airline, &friend, &theirs, "FRIENDS", "c3").await.expect(200);
    assert_eq!(mine(friend.clone()).await, [all.clone(), (json!("FRIENDS"), json!(1))]);
    hold_with(&airline, &friend, "FRIENDS", "h1").await.expect(201);
    assert_eq!(mine(friend.clone()).await, std::slice::from_ref(&all), "used up");
    let nobody = json!({"emails": []});
    airline.call("PUT", path, Some(&admin), Some(nobody)).await.expect(200);
    assert_eq!(reason(&hold_with(&airline, &friend, "FRIENDS", "h2").await), refused("unknown"));
    airline.assert_sound().await;
}

/// More codes than a list shows, which come first and cannot be used, do not hide the one that can.
#[tokio::test]
async fn codes_that_cannot_be_used_take_no_place_among_mine() {
    let (airline, admin, token) = one_flight(5).await;
    file(&airline, &admin, "AAA", json!({"per_user_limit": 1})).await;
    file(&airline, &admin, "ZZZ", json!({})).await;
    super::hold_with(&airline, &token, "AAA", "k1").await.expect(201);
    // Codes that are over, not begun, all used, or used by me as often as I may.
    let copies = "
        INSERT INTO promotions (code, audience, terms, created_at, updated_at)
        SELECT format('AAA-%s-%s', kind, lpad(n::text, 3, '0')), 'public', terms
               || jsonb_build_object('code', format('AAA-%s-%s', kind, lpad(n::text, 3, '0')))
               || CASE kind WHEN 'OVER' THEN '{\"book_until\": \"2026-06-01T12:00:00Z\"}'
                            WHEN 'SOON' THEN '{\"book_from\": \"2026-06-01T12:00:01Z\"}' ELSE '{}' END::jsonb,
               created_at, updated_at
        FROM promotions, generate_series(1, 60) AS n, unnest('{OVER,SOON,GONE,MINE}'::text[]) AS kind WHERE code = 'AAA';
        INSERT INTO promotion_counters (code, total_limit, taken)
        SELECT code, CASE WHEN code LIKE 'AAA-GONE%' THEN 1 END, 1 FROM promotions WHERE code LIKE 'AAA-%';
        INSERT INTO promotion_redemptions (code, id, booking_id, user_id, status, discount, currency, reserved_at)
        SELECT p.code, gen_random_uuid(), gen_random_uuid(), r.user_id, r.status, 1, 'USD', r.reserved_at
        FROM promotions p, promotion_redemptions r WHERE p.code LIKE 'AAA-MINE%'";
    airline.sql().await.batch(copies).await.expect("filed");
    let mine = airline.call("GET", "/coupons/mine", Some(&token), None).await.expect(200);
    let codes: Vec<&str> = mine.json["promotions"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["code"].as_str())
        .collect();
    assert_eq!(codes, ["ZZZ"]);
}
