//! Fare families: filed, shown on each itinerary, asked for, booked with.

use serde_json::{Value, json};
use server::flights::import::{File, FilingReport, ImportError, import_fare_families, import_taxes};

use super::filters::choice;
use super::numbers;
use crate::support::Airline;

const HEADER: &str = "cabin,code,name,fare_percent,per_flight,change_fee,refund,cabin_bags,checked_bags,checked_bag_kg,seat_choice,meal,priority_boarding";
const SAVER: &str = "economy,saver,Saver,100,0,,,1,0,0,none,no,no";
const STANDARD: &str = "economy,standard,Standard,100,2500,7500,,1,1,23,standard,no,no";
const FLEX: &str = "economy,flex,Flex,120,2500,0,72:100 24:75,1,2,23,any,yes,yes";

pub(crate) async fn file(airline: &Airline, rows: &[&str]) -> Result<FilingReport, ImportError> {
    let text = format!("{HEADER}\n{}\n", rows.join("\n"));
    let file = File { name: "families.csv", bytes: text.as_bytes() };
    import_fare_families(&airline.app.db, airline.app.now(), file).await
}

pub(crate) async fn file_all(airline: &Airline) {
    assert_eq!(
        file(airline, &[SAVER, STANDARD, FLEX]).await.expect("filed"),
        FilingReport { rows: 3, changed: true }
    );
    airline.follow_feed().await;
}

const PATH: &str = "/search?origin=ABE&destination=LAX&date=2026-06-10";

async fn search(airline: &Airline, query: &str) -> Value {
    airline.call("GET", &format!("{PATH}{query}"), None, None).await.expect(200).json
}

#[tokio::test]
async fn each_itinerary_has_its_price_in_each_family() {
    let airline = choice().await;
    file_all(&airline).await;
    let answer = search(&airline, "&sort=price").await;
    let promised: Vec<&str> = answer["fare_families"]
        .as_array()
        .expect("families")
        .iter()
        .filter_map(|f| f["code"].as_str())
        .collect();
    assert_eq!(promised, ["saver", "standard", "flex"]);
    let flex = &answer["fare_families"][2];
    assert_eq!(flex["conditions"]["change_fee"], json!({"amount": 0, "currency": "USD"}));
    assert_eq!(flex["conditions"]["refund"][1], json!({"hours_before_departure": 24, "percent": 75}));
    assert_eq!(
        (&flex["included"]["checked_bags"], &flex["conditions"]["refundable"]),
        (&json!(2), &json!(true))
    );
    // KR3 and S25: 100.00 + 80.00; 25.00 more on each flight; times 1.2.
    let cheapest = &answer["itineraries"][0];
    assert_eq!(cheapest["fare_family"], "saver");
    let prices: Vec<(i64, i64)> = cheapest["fare_families"]
        .as_array()
        .expect("prices")
        .iter()
        .filter_map(|family| {
            Some((family["price"]["amount"].as_i64()?, family["difference"]["amount"].as_i64()?))
        })
        .collect();
    assert_eq!(prices, [(18_000, 0), (23_000, 5_000), (27_600, 9_600)]);
    assert_eq!(cheapest["offer_id"], cheapest["fare_families"][0]["offer_id"]);
}

#[tokio::test]
async fn what_is_insisted_on_decides_the_family_before_the_list_is_ranked() {
    let airline = choice().await;
    file_all(&airline).await;
    // In the family with a bag KR2 costs 325.00 and KR3 with KR4 300.00.
    let bag = search(&airline, "&sort=price&bag=true&max_price=32499").await;
    assert_eq!(numbers(&bag), [vec!["KR3", "S25"], vec!["KR3", "KR4"]]);
    assert_eq!(bag["itineraries"][1]["fare_family"], "standard");
    assert_eq!(bag["itineraries"][1]["price"]["amount"], 30_000);
    let refundable = search(&airline, "&sort=price&refundable=true&limit=1").await;
    assert_eq!(refundable["itineraries"][0]["price"]["amount"], 27_600);
    let next = refundable["next_cursor"].as_str().expect("more").to_owned();
    let next = search(&airline, &format!("&sort=price&refundable=true&limit=1&cursor={next}")).await;
    assert_eq!(next["itineraries"][0]["fare_family"], "flex");
    let calendar = "/search/calendar?origin=ABE&destination=LAX&from=2026-06-10&days=1&refundable=true";
    let calendar = airline.call("GET", calendar, None, None).await.expect(200).json;
    assert_eq!(calendar["days"][0]["price"]["amount"], 27_600, "the calendar prices as the search does");
    let business = format!("{PATH}&cabin=business&bag=true");
    let refused = airline.call("GET", &business, None, None).await.expect(422);
    assert_eq!((refused.code(), refused.text("/field")), ("invalid_field", "bag".to_owned()));
}

#[tokio::test]
async fn facets_know_the_cheapest_of_each_family() {
    let airline = choice().await;
    file_all(&airline).await;
    let answer = search(&airline, "&facets=true&max_price=30000").await;
    let families: Vec<(&str, i64, i64)> = answer["facets"]["fare_families"]
        .as_array()
        .expect("families")
        .iter()
        .filter_map(|family| {
            Some((
                family["value"].as_str()?,
                family["count"].as_i64()?,
                family["cheapest"]["amount"].as_i64()?,
            ))
        })
        .collect();
    // 300.00, 250.00 and 180.00 within the limit; with a bag 300.00 and 230.00; flexible 276.00.
    assert_eq!(families, [("saver", 3, 18_000), ("standard", 2, 23_000), ("flex", 1, 27_600)]);
}

#[tokio::test]
async fn without_families_the_filed_fare_is_sold_plainly() {
    let airline = choice().await;
    let answer = search(&airline, "&sort=price&limit=1").await;
    let itinerary = &answer["itineraries"][0];
    assert_eq!(
        (&itinerary["fare_family"], &itinerary["price"]["amount"]),
        (&json!("economy"), &json!(18_000))
    );
    assert_eq!(answer["fare_families"].as_array().map(Vec::len), Some(1));
}

#[tokio::test]
async fn a_file_is_the_whole_set_and_a_bad_one_changes_nothing() {
    let airline = choice().await;
    file_all(&airline).await;
    let again = file(&airline, &[FLEX, SAVER, STANDARD]).await;
    assert!(again.is_err(), "the cheapest comes first");
    assert_eq!(
        file(&airline, &[SAVER, STANDARD, FLEX]).await.expect("the same"),
        FilingReport { rows: 3, changed: false }
    );
    let bad = file(&airline, &[SAVER, &FLEX.replace("120", "90")]).await.expect_err("cheaper than filed");
    assert!(bad.to_string().contains("families.csv, line 3, column fare_percent"), "{bad}");
    assert_eq!(airline.count("SELECT count(*) FROM fare_families").await, 3);
    let offer =
        search(&airline, "&sort=price&limit=1").await["itineraries"][0]["fare_families"][2]["offer_id"]
            .clone();
    file(&airline, &[SAVER]).await.expect("filed");
    airline.follow_feed().await;
    let answer = search(&airline, "&limit=1").await;
    assert_eq!(answer["fare_families"].as_array().map(Vec::len), Some(1));
    let token = airline.traveller().await;
    let refused = airline.hold(&token, offer.as_str().expect("an offer"), "k1").await.expect(409);
    assert_eq!(refused.code(), "offer_expired", "a family nobody sells any more");
}

#[tokio::test]
async fn a_price_is_taken_apart_by_the_taxes_of_the_day() {
    let airline = choice().await;
    file_all(&airline).await;
    let text = "code,name,kind,country,flights,each,amount,percent,at_most,passengers,from,until,currency
US,Excise,tax,US,domestic,fare,,7.5,,adult child infant,2020-01-01,,USD
ZP,Segment,tax,US,domestic,flight,520,,,adult child,2020-01-01,2026-06-01,USD
ZP,Segment,tax,US,domestic,flight,530,,,adult child,2026-06-01,,USD
AY,Security,fee,US,departing,slice,560,,,adult child,2020-01-01,,USD
";
    let taxes = File { name: "taxes.csv", bytes: text.as_bytes() };
    let filed = import_taxes(&airline.app.db, airline.app.now(), taxes).await.expect("filed");
    assert_eq!(filed, FilingReport { rows: 4, changed: true });
    airline.follow_feed().await;
    let answer = search(&airline, "&sort=price&limit=1&adults=2&infants=1&refundable=true").await;
    let offer = answer["itineraries"][0]["offer_id"].as_str().expect("an offer").to_owned();
    let offer = airline.call("GET", &format!("/offers/{offer}"), None, None).await.expect(200).json;
    assert_eq!(offer["price"]["amount"], 2 * 27_600 + 2_760);
    assert_eq!(offer["slices"][0]["fare_family"]["code"], "flex");
    assert_eq!(offer["slices"][0]["segments"][1]["flight_number"], "S25");
    let usd = |amount: i64| json!({"amount": amount, "currency": "USD"});
    // 276.00 = 2 × 5.30 + 5.60 + 1.075 × base.
    assert_eq!(
        offer["passengers"],
        json!([
            {"type": "adult", "count": 2, "base": usd(24_167), "total": usd(27_600),
             "taxes": [{"code": "ZP", "name": "Segment", "amount": usd(1_060)}, {"code": "US", "name": "Excise", "amount": usd(1_813)}],
             "fees": [{"code": "AY", "name": "Security", "amount": usd(560)}]},
            {"type": "infant", "count": 1, "base": usd(2_567), "total": usd(2_760),
             "taxes": [{"code": "US", "name": "Excise", "amount": usd(193)}], "fees": []},
        ])
    );
}

#[tokio::test]
async fn an_offer_is_booked_on_the_terms_it_showed_or_not_at_all() {
    let airline = choice().await;
    file_all(&airline).await;
    let token = airline.traveller().await;
    let answer = search(&airline, "&sort=price&limit=1").await;
    let flex =
        answer["itineraries"][0]["fare_families"][2]["offer_id"].as_str().expect("an offer").to_owned();
    // The same price, and nothing comes back any more.
    let meaner = FLEX.replace("72:100 24:75", "");
    file(&airline, &[SAVER, STANDARD, &meaner]).await.expect("filed");
    airline.follow_feed().await;
    let shown = airline.call("GET", &format!("/offers/{flex}"), None, None).await.expect(409);
    assert_eq!(shown.code(), "offer_expired");
    assert_eq!(airline.hold(&token, &flex, "k1").await.expect(409).code(), "offer_expired");
    // What did not change can be booked as before.
    let standard = answer["itineraries"][0]["fare_families"][1]["offer_id"].as_str().expect("an offer");
    airline.hold(&token, standard, "k2").await.expect(201);
}
