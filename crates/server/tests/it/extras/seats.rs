//! The seat map as it is shown.

use serde_json::{Value, json};
use server::flights::import::{File, import_fare_families};

use super::{Shop, file};
use crate::support::Airline;

fn find<'a>(rows: &'a Value, name: &str) -> &'a Value {
    let blocks =
        rows.as_array().expect("rows").iter().flat_map(|row| row["blocks"].as_array().expect("blocks"));
    let mut seats = blocks.flat_map(|block| block.as_array().expect("seats"));
    seats.find(|seat| seat["seat"] == name).unwrap_or_else(|| panic!("no seat {name}"))
}

#[tokio::test]
async fn the_map_shows_what_is_taken_at_once_on_every_server() {
    let shop = Shop::open().await;
    let (_, second) = shop.airline.second_server().await;
    let path = format!("/flights/{}/seats", shop.flight);
    let look = async || {
        let asked = crate::support::request("GET", &path, None, None, None);
        crate::support::send(second.clone(), asked).await.expect(200).json
    };
    let before = look().await;
    assert_eq!((&before["aircraft"], &before["map_version"]), (&json!("73H"), &json!(1)));
    assert_eq!(before["cabins"].as_array().map(Vec::len), Some(1), "the flight sells no business seats");
    let rows = &before["cabins"][0]["rows"];
    assert_eq!(rows.as_array().map(Vec::len), Some(25));
    assert_eq!(rows[0]["blocks"].as_array().map(Vec::len), Some(2));
    let exit = find(rows, "15A");
    assert_eq!(exit["features"], json!(["window", "exit", "overwing", "extra_legroom"]));
    assert_eq!((&exit["zone"], &exit["price"]["amount"]), (&json!("extra_legroom"), &json!(3_900)));
    assert_eq!(
        (&find(rows, "12B")["price"]["amount"], &find(rows, "30F")["state"]),
        (&json!(1_100), &json!("blocked"))
    );
    assert_eq!(
        (&exit["state"], before["closes_at"].as_str()),
        (&json!("free"), Some("2026-06-10T11:35:00Z"))
    );

    let id = shop.hold("a", "k1").await;
    shop.seat(&id, "15A", "e1").await.expect(201);
    let after = look().await;
    assert_eq!(find(&after["cabins"][0]["rows"], "15A")["state"], "taken");
    let mine = shop
        .airline
        .call("GET", &format!("/bookings/{id}/seats"), Some(&shop.token), None)
        .await
        .expect(200)
        .json;
    assert_eq!(find(&mine["cabin"]["rows"], "15A")["state"], "yours");
    assert_eq!(
        mine["seats"],
        json!([{"passenger": 1, "seat": "15A", "price": {"amount": 3_900, "currency": "USD"}}])
    );
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn the_map_of_a_booking_knows_who_and_for_how_much() {
    let shop = Shop::open().await;
    let families = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding
economy,standard,Standard,100,0,0,0:100,1,1,23,standard,no,no
";
    let families = File { name: "families.csv", bytes: families.as_bytes() };
    import_fare_families(&shop.airline.app.db, shop.airline.app.now(), families).await.expect("filed");
    shop.airline.follow_feed().await;
    let id = shop.hold("a c i", "k1").await;
    let path = format!("/bookings/{id}/seats");
    let look = shop.airline.call("GET", &path, Some(&shop.token), None).await.expect(200).json;
    let rows = &look["cabin"]["rows"];
    let seat =
        |name| (find(rows, name)["price"]["amount"].as_i64(), find(rows, name)["for_passengers"].clone());
    // A standard seat is included, others are not; nobody of them may sit beside an exit.
    assert_eq!(seat("12A"), (Some(0), json!([1, 2])));
    assert_eq!(seat("6A"), (Some(2_900), json!([1, 2])));
    assert_eq!(seat("15A"), (Some(3_900), json!([])));
    let free = shop.buy(&id, super::seats(&[(1, "12A"), (2, "12B")]), "e1").await.expect(201).json;
    assert_eq!((super::total(&free), super::extras(&free).len()), (35_000 + 2_000, 2));
    // In a confirmed booking what costs nothing is issued at once.
    shop.pay(&id, "p1").await.expect(201);
    let moved = shop.buy(&id, super::seats(&[(1, "14A"), (2, "14B")]), "e2").await.expect(201).json;
    let live: Vec<_> =
        super::extras(&moved).into_iter().filter(|(_, status, _)| status == "issued").collect();
    assert_eq!(live, super::lines(&[("14A", "issued", 0), ("14B", "issued", 0)]));
    assert_eq!(shop.taken().await, ["14A", "14B"]);
    let segment =
        shop.airline.call("GET", &format!("{path}?segment=2"), Some(&shop.token), None).await.expect(422);
    assert_eq!(segment.text("/field"), "segment");
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn more_seats_than_are_sold_are_blocked_and_an_aircraft_without_a_map_says_so() {
    let shop = Shop::with_seats(8).await;
    let path = format!("/flights/{}/seats", shop.flight);
    let look = shop.airline.call("GET", &path, None, None).await.expect(200).json;
    let rows = &look["cabins"][0]["rows"];
    assert_eq!((&find(rows, "6B")["state"], &find(rows, "6C")["state"]), (&json!("free"), &json!("blocked")));
    let id = shop.hold("a", "k1").await;
    assert_eq!(shop.seat(&id, "6C", "e1").await.expect(422).text("/reason"), "blocked");
    let other = json!({"aircraft": "CRJ"});
    let flight = format!("/flights/{}", shop.flight);
    shop.airline.call("PUT", &flight, Some(&shop.admin), Some(other)).await.expect(200);
    assert_eq!(shop.airline.call("GET", &path, None, None).await.expect(409).code(), "no_seat_map");
    assert_eq!(shop.seat(&id, "6A", "e2").await.expect(409).code(), "no_seat_map");
    let mine = format!("/bookings/{id}/seats");
    assert_eq!(
        shop.airline.call("GET", &mine, Some(&shop.token), None).await.expect(409).code(),
        "no_seat_map"
    );
    let unknown = "/flights/flt_20261201000080008000b97700134001/seats";
    assert_eq!(shop.airline.call("GET", unknown, None, None).await.expect(404).code(), "not_found");
    shop.airline.assert_sound().await;
}

#[tokio::test]
async fn a_map_filed_anew_is_the_next_version_and_sold_seats_stay_sold() {
    let airline = Airline::new().await;
    file(&airline).await;
    file(&airline).await;
    assert_eq!(
        airline.count("SELECT count(*) FROM seat_maps").await,
        5,
        "filing the same again changes nothing"
    );
    assert_eq!(airline.count("SELECT count(*) FROM imports WHERE kind IN ('seat_maps', 'extras')").await, 2);
    let map = "aircraft,cabin,rows,seats,zone,price,middle_price,currency,refund,features,masks,blocked
73H,economy,1-10,ABC DEF,standard,700,700,USD,,,A D,
";
    let map = File { name: "map.csv", bytes: map.as_bytes() };
    let report = server::extras::import::import_seat_maps(&airline.app.db, airline.app.now(), map)
        .await
        .expect("filed");
    assert!(report.changed);
    assert_eq!(airline.count("SELECT max(version)::bigint FROM seat_maps WHERE aircraft = '73H'").await, 2);
    assert_eq!(airline.count("SELECT max(version)::bigint FROM seat_maps WHERE aircraft = '321'").await, 1);
    let wrong = File { name: "map.csv", bytes: b"aircraft,cabin\n73H,economy\n" };
    let error = server::extras::import::import_seat_maps(&airline.app.db, airline.app.now(), wrong).await;
    assert!(error.expect_err("refused").to_string().contains("map.csv, line 1"));
}
