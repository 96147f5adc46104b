//! What holds where, as staff see it and as it is filed.

use serde_json::json;
use server::check_in::import::import_check_in_policies;
use server::flights::import::File;

use crate::support::Airline;

const HEADER: &str =
    "origin,destination,opens_minutes,closes_minutes,counter_closes_minutes,passport,passport_months";

#[tokio::test]
async fn staff_see_what_was_filed_and_what_holds_otherwise() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let import = async |rows: &str| {
        let text = format!("{HEADER}\n{rows}\n");
        let file = File { name: "policies.csv", bytes: text.as_bytes() };
        import_check_in_policies(&airline.app.db, airline.app.now(), file).await
    };
    let list = async || airline.call("GET", "/check-in-policies", Some(&admin), None).await.expect(200).json;
    let before = list().await;
    assert_eq!((&before["policies"], &before["domestic"]["closes_minutes"]), (&json!([]), &json!(60)));
    assert_eq!(
        (&before["international"]["passport"], &before["international"]["closes_minutes"]),
        (&json!(true), &json!(90))
    );
    assert!(import("ABE,US,1440,75,60,no,0\n,PHX,2880,60,45,yes,3").await.expect("filed").changed);
    assert!(!import("ABE,US,1440,75,60,no,0\n,PHX,2880,60,45,yes,3").await.expect("filed").changed);
    let terms = json!({"opens_minutes": 1440, "closes_minutes": 75, "counter_closes_minutes": 60, "passport": false,
        "passport_months": 0});
    let after = list().await;
    assert_eq!(after["policies"].as_array().map(Vec::len), Some(2));
    assert_eq!(after["policies"][1], json!({"origin": "ABE", "destination": "US", "terms": terms}));
    assert!(import("JFK,US,1440,75,60,no,0").await.is_err(), "an airport nobody imported");
    assert!(import("").await.expect("none any more").changed);
    assert_eq!(list().await["policies"], json!([]));
}
