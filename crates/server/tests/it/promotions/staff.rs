//! Promotions are filed, changed, ended and imported by staff.

use serde_json::{Value, json};
use server::flights::import::{File, FilingReport, ImportError};
use server::promotions::import::import_promotions;

use super::{apply, file, hold_with, one_flight, reason, refused};
use crate::support::Airline;

const SHIPPED: &[u8] = include_bytes!("../../../../../data/promotions.csv");

#[tokio::test]
async fn terms_are_filed_changed_and_ended() {
    let (airline, admin, token) = one_flight(20).await;
    let terms = json!({"name": "Summer sale", "audience": "public",
        "benefit": {"kind": "percent", "basis_points": 1_000, "cap": [{"amount": 500, "currency": "USD"}]},
        "book_from": "2026-06-01T00:00:00Z", "book_until": null, "travel_from": "2026-06-02", "travel_until": null,
        "routes": [{"origin": "ABE", "destination": null}], "cabins": ["economy"], "fare_families": [],
        "minimum_spend": [{"amount": 100, "currency": "USD"}], "first_booking": false, "total_limit": 2,
        "per_user_limit": null, "combinable": false});
    let body = json!({"code": "summer-10", "terms": terms});
    let filed = airline.call("POST", "/admin/promotions", Some(&admin), Some(body.clone())).await.expect(201);
    assert_eq!((filed.text("/code"), &filed.json["terms"]), ("SUMMER-10".into(), &terms));
    assert_eq!((filed.text("/status"), &filed.json["used"]), ("active".into(), &json!(0)));
    let twice = airline.call("POST", "/admin/promotions", Some(&admin), Some(body)).await.expect(409);
    assert_eq!(twice.code(), "promotion_exists");

    let held = hold_with(&airline, &token, "SUMMER-10", "k1").await.expect(201);
    assert_eq!(held.json["promotions"][0]["discount"]["amount"], 500, "the cap");
    hold_with(&airline, &token, "SUMMER-10", "k2").await.expect(201);
    let path = "/admin/promotions/SUMMER-10";
    let put = |change: Value| {
        let mut terms = terms.clone();
        for (name, value) in change.as_object().expect("terms") {
            terms[name] = value.clone();
        }
        let (airline, admin) = (&airline, &admin);
        async move { airline.call("PUT", path, Some(admin), Some(terms)).await }
    };
    let full = airline.call("GET", path, Some(&admin), None).await.expect(200);
    assert_eq!((full.text("/status"), &full.json["used"]), ("used_up".into(), &json!(2)));
    let low = put(json!({"total_limit": 1})).await.expect(409);
    assert_eq!((low.code(), &low.json["field"]), ("promotion_limit_below_used", &json!("total_limit")));
    let raised =
        put(json!({"total_limit": 3, "benefit": {"kind": "percent", "basis_points": 2_000, "cap": []}}))
            .await;
    assert_eq!(raised.expect(200).text("/status"), "active");
    let dearer = hold_with(&airline, &token, "SUMMER-10", "k3").await.expect(201);
    assert_eq!(dearer.json["promotions"][0]["discount"]["amount"], 4_000, "by the terms of now");
    let first =
        airline.call("GET", &format!("/bookings/{}", held.text("/id")), Some(&token), None).await.expect(200);
    assert_eq!(first.json["price"], held.json["price"], "what was booked keeps what it was given");

    let ended = airline.call("DELETE", path, Some(&admin), None).await.expect(200);
    assert_eq!(ended.text("/status"), "ended");
    let again = airline.call("DELETE", path, Some(&admin), None).await.expect(200);
    assert_eq!(again.json, ended.json);
    assert_eq!(put(json!({})).await.expect(409).code(), "promotion_over");
    assert_eq!(reason(&hold_with(&airline, &token, "SUMMER-10", "k4").await), refused("ended"));
    airline.pay(&token, &held.text("/id"), "4242424242424242", "p1").await.expect(201);
    airline.call("GET", "/admin/promotions/NOTHING", Some(&admin), None).await.expect(404);
    airline.call("DELETE", "/admin/promotions/NOTHING", Some(&admin), None).await.expect(404);
    let told =
        airline.call("GET", "/admin/events?type=promotion.filed", Some(&admin), None).await.expect(200);
    let mut told = told.json["events"].as_array().expect("events").clone();
    told.sort_by_key(|event| event["sequence"].as_i64());
    let changes: Vec<&Value> = told.iter().map(|event| &event["data"]["change"]).collect();
    assert_eq!(changes, ["created", "updated", "ended"]);
    airline.assert_sound().await;
}

#[tokio::test]
async fn terms_that_cannot_be_are_refused_by_field() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let usd = |amount: i64| json!({"amount": amount, "currency": "USD"});
    for (change, field) in [
        (json!({"name": " "}), "name"),
        (json!({"benefit": {"kind": "percent", "basis_points": 0}}), "benefit.basis_points"),
        (json!({"benefit": {"kind": "percent", "basis_points": 10_001}}), "benefit.basis_points"),
        (json!({"benefit": {"kind": "amount", "amounts": []}}), "benefit.amounts"),
        (json!({"benefit": {"kind": "amount", "amounts": [usd(1), usd(2)]}}), "benefit.amounts"),
        (json!({"benefit": {"kind": "extra", "extra": "BAG"}}), "benefit.extra"),
        (json!({"benefit": {"kind": "extra", "extra": "bag_23"}}), "benefit.extra"),
        (json!({"minimum_spend": [usd(0)]}), "minimum_spend"),
        (json!({"book_from": "2026-06-01T00:00:00Z", "book_until": "2026-06-01T00:00:00Z"}), "book_until"),
        (json!({"book_from": "0000-01-01T00:00:00Z"}), "book_from"),
        (json!({"book_until": "-000044-03-15T00:00:00Z"}), "book_until"),
        (json!({"travel_from": "2026-06-02", "travel_until": "2026-06-01"}), "travel_until"),
        (json!({"total_limit": 0}), "total_limit"),
        (json!({"per_user_limit": 101}), "per_user_limit"),
    ] {
        let mut terms =
            json!({"name": "x", "audience": "public", "benefit": {"kind": "percent", "basis_points": 1}});
        for (name, value) in change.as_object().expect("terms") {
            terms[name] = value.clone();
        }
        let body = json!({"code": "BAD", "terms": terms});
        let reply = airline.call("POST", "/admin/promotions", Some(&admin), Some(body)).await.expect(422);
        assert_eq!((reply.code(), reply.text("/field").as_str()), ("invalid_field", field), "{change}");
    }
    assert_eq!(airline.count("SELECT count(*) FROM promotions").await, 0);
}

#[tokio::test]
async fn the_list_has_pages() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for number in 0..5 {
        file(&airline, &admin, &format!("CODE-{number}"), json!({})).await;
    }
    let mut codes = Vec::new();
    let mut path = "/admin/promotions?limit=2".to_owned();
    for _ in 0..3 {
        let page = airline.call("GET", &path, Some(&admin), None).await.expect(200);
        let each = page.json["promotions"].as_array().expect("promotions").iter();
        codes.extend(each.map(|one| one["code"].as_str().expect("a code").to_owned()));
        let Some(next) = page.json["next_cursor"].as_str() else { break };
        path = format!("/admin/promotions?limit=2&cursor={next}");
    }
    assert_eq!(codes, ["CODE-0", "CODE-1", "CODE-2", "CODE-3", "CODE-4"]);
    airline.call("GET", "/admin/promotions?limit=0", Some(&admin), None).await.expect(422);
}

async fn import(airline: &Airline, bytes: &[u8]) -> Result<FilingReport, ImportError> {
    import_promotions(&airline.app.db, airline.app.now(), File { name: "promotions.csv", bytes }).await
}

#[tokio::test]
async fn a_file_adds_and_changes_and_removes_nothing() {
    let (airline, admin, token) = one_flight(20).await;
    file(&airline, &admin, "OWN", json!({})).await;
    let report = import(&airline, SHIPPED).await.expect("imported");
    assert!(report.changed && report.rows >= 5, "{report:?}");
    let again = import(&airline, SHIPPED).await.expect("imported");
    assert_eq!(again, FilingReport { changed: false, ..report }, "the same file again changes nothing");
    let text = std::str::from_utf8(SHIPPED).expect("text");
    let (header, rows) = text.split_once('\n').expect("a header");
    let row = rows.lines().find(|row| row.starts_with("WELCOME10")).expect("a row");
    let dearer = format!("{header}\n{}\n", row.replacen(",10,", ",20,", 1));
    assert!(import(&airline, dearer.as_bytes()).await.expect("imported").changed);
    let codes = airline.count("SELECT count(*) FROM promotions").await;
    assert_eq!(codes, i64::try_from(report.rows).expect("fits") + 1, "others stay");
    let held = hold_with(&airline, &token, "welcome10", "k1").await.expect(201);
    assert_eq!(held.json["promotions"][0]["discount"]["amount"], 4_000);

    airline.call("DELETE", "/admin/promotions/WELCOME10", Some(&admin), None).await.expect(200);
    assert!(!import(&airline, format!("{header}\n{row}\n").as_bytes()).await.expect("imported").changed);
    let id = held.text("/id");
    assert_eq!(
        reason(&apply(&airline, &token, &id, "WELCOME10", "c1").await),
        refused("ended"),
        "what is over stays over"
    );

    file(&airline, &admin, "FEW", json!({"total_limit": 2})).await;
    for key in ["f1", "f2"] {
        hold_with(&airline, &token, "FEW", key).await.expect(201);
    }
    let below = format!("{header}\nFEW,Few,public,percent,10,,,,,,,,,,,no,1,,no\n");
    let error = import(&airline, below.as_bytes()).await.expect_err("below its uses").to_string();
    assert!(error.contains("line 2, column total_limit") && error.contains("at least 2"), "{error}");
    let gives = format!("{header}\nFREEBAG,Bag,public,extra,,,bag_99,,,,,,,,,no,,,no\n");
    let error = import(&airline, gives.as_bytes()).await.expect_err("nobody sells it").to_string();
    assert!(error.contains("line 2, column extra") && error.contains("bag_99"), "{error}");
    let bad = format!(
        "{header}\nOK-CODE,Fine,public,percent,10,,,,,,,,,,,no,,,no\n?,Bad,public,percent,10,,,,,,,,,,,no,,,no\n"
    );
    import(&airline, bad.as_bytes()).await.expect_err("refused as a whole");
    airline.call("GET", "/admin/promotions/OK-CODE", Some(&admin), None).await.expect(404);
    airline.assert_sound().await;
}
