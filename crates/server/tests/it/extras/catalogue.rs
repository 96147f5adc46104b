//! The catalogue of extras, and what is left of it on a flight.

use serde_json::{Value, json};

use super::{Shop, bag, file};
use crate::support::Airline;

fn extra() -> Value {
    json!({"kind": "other", "name": "Lounge", "per": "flight", "unit": "one", "price": {"amount": 3000, "currency": "USD"},
        "cabins": ["economy"], "passengers": ["adult"], "most": 1, "stock": 2, "refund": [{"hours": 24, "percent": 50}],
        "closes_minutes": 90})
}

#[tokio::test]
async fn staff_file_change_and_take_extras_off_sale() {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let new = json!({"code": "lounge", "extra": extra()});
    let forbidden = airline.call("POST", "/extras", Some(&token), Some(new.clone())).await;
    assert_eq!(forbidden.expect(403).code(), "forbidden");
    let filed = airline.call("POST", "/extras", Some(&admin), Some(new.clone())).await.expect(201).json;
    assert_eq!(
        (&filed["code"], &filed["price"]["amount"], &filed["refund"][0]["percent"]),
        (&json!("lounge"), &json!(3000), &json!(50))
    );
    let again = airline.call("POST", "/extras", Some(&admin), Some(new)).await.expect(409);
    assert_eq!((again.code(), again.text("/field").as_str()), ("extra_exists", "code"));
    let mut dearer = extra();
    dearer["price"]["amount"] = 3500.into();
    dearer["stock"] = Value::Null;
    airline.call("PUT", "/extras/lounge", Some(&admin), Some(dearer.clone())).await.expect(200);
    let list = airline.call("GET", "/extras", None, None).await.expect(200).json;
    assert_eq!(
        (&list["extras"][0]["price"]["amount"], &list["extras"][0]["stock"]),
        (&json!(3500), &Value::Null)
    );
    assert_eq!(
        airline.call("PUT", "/extras/spa", Some(&admin), Some(dearer)).await.expect(404).code(),
        "not_found"
    );
    airline.call("DELETE", "/extras/lounge", Some(&admin), None).await.expect(204);
    assert_eq!(
        airline.call("DELETE", "/extras/lounge", Some(&admin), None).await.expect(404).code(),
        "not_found"
    );
    let list = airline.call("GET", "/extras", None, None).await.expect(200).json;
    assert_eq!(list["extras"].as_array().map(Vec::len), Some(0));
}

#[tokio::test]
async fn a_wrong_extra_names_its_field() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for (field, value) in [
        ("kind", json!("seat")),
        ("per", json!("trip")),
        ("unit", json!("piece")),
        ("kg", json!(20)),
        ("name", json!(" ")),
        ("price", json!({"amount": -1, "currency": "USD"})),
        ("cabins", json!([])),
        ("cabins", json!(["economy", "economy"])),
        ("passengers", json!([])),
        ("most", json!(0)),
        ("stock", json!(10_001)),
        ("closes_minutes", json!(20_161)),
        ("refund", json!([{"hours": 24, "percent": 50}, {"hours": 72, "percent": 100}])),
        ("refund", json!([{"hours": 24, "percent": 101}])),
    ] {
        let mut body = extra();
        body[field] = value.clone();
        let refused = airline.call("PUT", "/extras/lounge", Some(&admin), Some(body)).await.expect(422);
        let named = if field == "kg" { "unit" } else { field };
        assert_eq!(
            (refused.code(), refused.text("/field").as_str()),
            ("invalid_field", named),
            "{field}: {value}"
        );
    }
    let code = json!({"code": "The Lounge", "extra": extra()});
    assert_eq!(
        airline.call("POST", "/extras", Some(&admin), Some(code)).await.expect(422).text("/field"),
        "code"
    );
}

#[tokio::test]
async fn a_flight_says_what_is_left_and_until_when() {
    let shop = Shop::open().await;
    let path = format!("/flights/{}/extras", shop.flight);
    let look = async |code: &str| {
        let answer = shop.airline.call("GET", &path, None, None).await.expect(200).json;
        let extras = answer["extras"].as_array().expect("extras").clone();
        extras.into_iter().find(|extra| extra["code"] == code).unwrap_or(Value::Null)
    };
    assert_eq!(look("bag_23").await["left"], 120);
    assert_eq!(look("carbon").await["left"], Value::Null);
    let id = shop.hold("a", "k1").await;
    shop.buy(&id, bag(3), "e1").await.expect(201);
    let left = look("bag_23").await;
    assert_eq!(
        (&left["left"], &left["open"], &left["closes_at"]),
        (&json!(117), &json!(true), &json!("2026-06-10T10:35:00Z"))
    );
    // Fewer than are sold: nothing is left, and nothing that was sold is lost.
    let mut fewer = look("bag_23").await;
    for member in ["code", "left", "closes_at", "open"] {
        fewer.as_object_mut().expect("an object").remove(member);
    }
    fewer["stock"] = 2.into();
    shop.airline.call("PUT", "/extras/bag_23", Some(&shop.admin), Some(fewer)).await.expect(200);
    let none = look("bag_23").await;
    assert_eq!((&none["left"], &none["open"]), (&json!(0), &json!(false)));
    assert_eq!(shop.buy(&id, bag(1), "e2").await.expect(409).code(), "extra_sold_out");
    shop.pay(&id, "p1").await.expect(201);
    assert_eq!(super::extras(&shop.booking(&id).await), super::lines(&[("bag_23", "issued", 12_000)]));
    shop.before_departure(119);
    assert_eq!(look("bag_32").await["open"], false);
    assert_eq!(look("priority").await["open"], true);
    let unknown = "/flights/flt_20261201000080008000b97700134001/extras";
    assert_eq!(shop.airline.call("GET", unknown, None, None).await.expect(404).code(), "not_found");
}

#[tokio::test]
async fn what_was_sold_keeps_its_terms_when_the_catalogue_changes() {
    let shop = Shop::open().await;
    let id = shop.hold("a", "k1").await;
    shop.buy(&id, bag(1), "e1").await.expect(201);
    shop.airline.call("DELETE", "/extras/bag_23", Some(&shop.admin), None).await.expect(204);
    shop.pay(&id, "p1").await.expect(201);
    let gone = shop
        .airline
        .call("DELETE", &format!("/bookings/{id}"), Some(&shop.token), None)
        .await
        .expect(200)
        .json;
    assert_eq!(gone["refunds"][0]["amount"]["amount"], 24_000);
    assert_eq!(shop.stock_taken().await, 0);
    file(&shop.airline).await;
    let list = shop.airline.call("GET", "/extras", None, None).await.expect(200).json;
    assert_eq!(list["extras"].as_array().map(Vec::len), Some(11), "the file is the whole catalogue again");
}
