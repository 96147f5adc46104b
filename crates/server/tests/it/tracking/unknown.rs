//! Dates whose prices nobody has looked at yet: at the first start, and after an import. What only becomes known is not told as a fall.

use serde_json::json;

use super::{Watched, usd};
use crate::support::Airline;

/// As it is on the day of an upgrade: there are flights, and nothing was ever looked at.
async fn never_looked() -> Watched {
    let airline = Airline::new().await;
    let (admin, token) = (airline.admin().await, airline.traveller().await);
    let mut flights = Vec::new();
    for (number, date) in [("KR1", "2026-06-10"), ("KR2", "2026-06-12")] {
        let times = (format!("{date}T08:35"), format!("{date}T10:35"));
        flights.push(airline.flight(&admin, number, ("ABE", "ATL"), (&times.0, &times.1), 40).await);
    }
    airline.follow_feed().await;
    Watched { airline, admin, token, flight: flights.swap_remove(0) }
}

#[tokio::test]
async fn a_price_that_becomes_known_is_no_fall() {
    let all = never_looked().await;
    let reached = all.of_route(json!({"target": usd(30_000)})).await;
    let wanted = all.of_route(json!({"target": usd(19_000)})).await;
    let falls = all.of_route(json!({"drop_percent": 10})).await;
    assert_eq!(all.get(&reached).await["price"], json!(null));
    // One date of a range is not all of it.
    let range = json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10", "to_date": "2026-06-12"},
        "target": usd(30_000)});
    let range = all.watch(range).await.expect(201).text("/id");
    // The first turn says which dates are to be looked at; each that follows looks at one.
    let begun = "SELECT count(*) FROM price_watches WHERE looked_at";
    all.airline.run_job("follow_prices").await;
    while all.airline.count("SELECT count(*) FROM price_dates WHERE date <= '2026-06-10'").await > 0 {
        assert_eq!(all.airline.count(begun).await, 0);
        all.airline.run_job("follow_prices").await;
    }
    assert_eq!(all.airline.count(begun).await, 3, "the date of the others is known");
    all.look().await;
    all.tell().await;
    assert_eq!((all.airline.count(begun).await, all.told_in_all().await), (4, 0));
    for (id, status) in [(&reached, "told"), (&range, "told"), (&wanted, "watching"), (&falls, "watching")] {
        let watch = all.get(id).await;
        assert_eq!((&watch["status"], &watch["compared_with"]), (&json!(status), &usd(20_000)), "{watch}");
    }
    all.costs(18_500).await;
    assert_eq!(
        (all.told_in_all().await, &all.get(&wanted).await["times_told"]),
        (1, &json!(1)),
        "this is a fall"
    );
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn a_watch_that_begins_while_its_date_waits_begins_with_what_it_then_costs() {
    let all = Watched::new().await;
    let before = all.of_route(json!({"drop_percent": 10})).await;
    all.look().await;
    let imported = "UPDATE inventory SET fare_1 = 12000, version = version + 1;
        INSERT INTO price_dates VALUES ('2026-06-10')";
    all.airline.sql().await.batch(imported).await.expect("imported");
    let meanwhile = all.of_route(json!({"target": usd(15_000)})).await;
    all.patch(&meanwhile, json!({"email": false})).await.expect(200);
    all.look().await;
    all.tell().await;
    assert_eq!(
        (&all.get(&before).await["times_told"], &all.get(&meanwhile).await["times_told"]),
        (&json!(1), &json!(0)),
        "whoever watched before saw it fall"
    );
    assert_eq!(all.get(&meanwhile).await["compared_with"], usd(12_000));
}

/// It had no price because there was no flight, and whoever began to watch saw that there was none.
#[tokio::test]
async fn a_flight_that_comes_between_the_beginning_and_the_first_look_is_told() {
    let all = Watched::new().await;
    let route = json!({"origin": "ABE", "destination": "ATL", "date": "2026-06-11"});
    let id = all.watch(json!({"route": route, "target": usd(30_000)})).await.expect(201).text("/id");
    let times = ("2026-06-11T08:35", "2026-06-11T10:35");
    all.airline.flight(&all.admin, "KR3", ("ABE", "ATL"), times, 40).await;
    all.look().await;
    all.tell().await;
    assert_eq!(all.get(&id).await["times_told"], 1);
}
