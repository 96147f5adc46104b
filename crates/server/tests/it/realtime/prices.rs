//! Prices of a route and date, to pages that show them.

use serde_json::json;

use super::{DATE, Site};

async fn look(site: &Site) {
    site.airline.follow_feed().await;
    while site.airline.run_job("follow_prices").await > 0 {}
    site.pump().await;
}

#[tokio::test]
async fn whoever_shows_a_price_is_told_that_it_moved() {
    let site = Site::open().await;
    look(&site).await;
    let topic = format!("price:ABE-ATL:{DATE}");
    let (mut client, mut other) = (site.client().await, site.client().await);
    assert_eq!(client.listen(&topic, None).await["type"], "subscribed");
    assert_eq!(other.listen("price:ABE-ATL:2026-06-11", None).await["type"], "subscribed");
    for refused in ["price:ABE-QQQ:2026-06-10", "price:ABE-ATL", "price:ABE-ATL:tomorrow"] {
        assert_eq!(client.listen(refused, None).await["code"], "not_found", "{refused}");
    }
    let cheaper = "UPDATE inventory SET fare_1 = 12300, version = version + 1;
        INSERT INTO search_inbox (flight_id) SELECT id FROM flights";
    site.airline.sql().await.batch(cheaper).await.expect("cheaper");
    look(&site).await;
    let told = client.all().await;
    assert_eq!(told.len(), 1, "{told:?}");
    assert_eq!((&told[0]["topic"], &told[0]["event"]), (&json!(topic), &json!("price.changed")));
    let price = json!({"amount": 12_300, "currency": "USD"});
    assert_eq!(
        told[0]["data"],
        json!({"origin": "ABE", "destination": "ATL", "date": DATE, "cabin": "economy", "price": price})
    );
    assert!(other.all().await.is_empty(), "of another date");
}
