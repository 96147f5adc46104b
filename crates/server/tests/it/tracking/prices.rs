//! What flights cost, as it follows from the feed, the clock and imports.

use jiff::SignedDuration;
use serde_json::json;

use super::{Watched, usd};

#[tokio::test]
async fn prices_are_kept_day_by_day() {
    let all = Watched::new().await;
    assert_eq!(all.history("2026-06-11").await["days"], json!([]), "no flight");
    all.costs(15_000).await;
    all.costs(25_000).await;
    all.airline.later(SignedDuration::from_hours(24 * 7));
    all.costs(10_000).await;
    let history = all.history("2026-06-10").await;
    assert_eq!(
        history["days"],
        json!([{"day": "2026-06-01", "low": usd(15_000), "high": usd(25_000), "last": usd(25_000)},
            {"day": "2026-06-08", "low": usd(10_000), "high": usd(10_000), "last": usd(10_000)}])
    );
    assert_eq!((&history["price"], &history["standing"]), (&usd(10_000), &json!("low")));
    assert_eq!(history["usual"], json!({"low": usd(25_000), "middle": usd(25_000), "high": usd(25_000)}));
    all.airline
        .call("GET", "/price-history?origin=A&destination=ATL&date=2026-06-10", None, None)
        .await
        .expect(422);
    all.airline
        .call("GET", "/price-history?origin=ABE&destination=ATL&date=-009999-01-01", None, None)
        .await
        .expect(422);
    all.airline
        .call("GET", "/price-history?origin=ABE&destination=ATL&date=soon", None, None)
        .await
        .expect(422);
}

#[tokio::test]
async fn what_closes_by_the_clock_is_noticed_without_a_change() {
    let all = Watched::new().await;
    all.on(
        "2026-06-10",
        "fare_4 = 10000, limit_2 = 9, limit_3 = 9, limit_4 = 9, closes_4 = '2026-06-05T00:00:00Z'",
    )
    .await;
    all.look().await;
    assert_eq!(all.history("2026-06-10").await["price"], usd(10_000));
    all.airline.later(SignedDuration::from_hours(24 * 3 + 12));
    all.look().await;
    assert_eq!(all.history("2026-06-10").await["price"], usd(20_000));
    // Sales close an hour before 12:35 in UTC.
    all.airline.later(SignedDuration::from_hours(24 * 5 + 11));
    all.look().await;
    assert_eq!(all.history("2026-06-10").await["price"], usd(20_000));
    all.airline.later(SignedDuration::from_mins(35));
    all.look().await;
    assert_eq!(all.history("2026-06-10").await["price"], json!(null));
    assert_eq!(all.airline.run_job("follow_prices").await, 0, "and then there is nothing to do");
}

#[tokio::test]
async fn a_flight_that_is_gone_has_no_price_and_one_that_comes_has() {
    let all = Watched::new().await;
    let target = json!({"flight_id": all.flight, "target": usd(30_000)});
    all.watch(target).await.expect(201);
    all.airline.call("DELETE", &format!("/flights/{}", all.flight), Some(&all.admin), None).await.expect(204);
    all.look().await;
    assert_eq!(all.history("2026-06-10").await["price"], json!(null));
    all.airline.later(SignedDuration::from_hours(2));
    let times = ("2026-06-10T08:35", "2026-06-10T10:35");
    all.airline.flight(&all.admin, "KR1", ("ABE", "ATL"), times, 40).await;
    all.look().await;
    all.tell().await;
    assert_eq!(all.history("2026-06-10").await["price"], usd(20_000));
    assert_eq!(all.told_in_all().await, 1, "it had been gone for two hours");
}

#[tokio::test]
async fn a_worker_that_was_away_for_too_long_looks_at_everything_again() {
    let all = Watched::new().await;
    all.of_route(json!({"drop_percent": 10})).await;
    all.on("2026-06-10", "fare_1 = 15000").await;
    all.airline.follow_feed().await;
    all.airline.sql().await.batch("DELETE FROM search_feed").await.expect("forgotten");
    all.look().await;
    all.tell().await;
    assert_eq!((all.told_in_all().await, &all.history("2026-06-10").await["price"]), (1, &usd(15_000)));
}

#[tokio::test]
async fn other_fare_families_make_other_prices() {
    let all = Watched::new().await;
    let family = "INSERT INTO fare_families VALUES ('saver', 'Saver', 0, 1100000, 500,
        '{\"change_fee\": null, \"refund\": []}', '{\"cabin_bags\": 1, \"checked_bags\": 0, \"checked_bag_kg\": 0, \"seat_choice\": \"none\",
          \"meal\": false, \"priority_boarding\": false}')";
    all.airline.sql().await.batch(family).await.expect("filed");
    all.look().await;
    assert_eq!(
        all.history("2026-06-10").await["price"],
        usd(22_550),
        "as a search of a nonstop flight prices it"
    );
}

#[tokio::test]
async fn whole_dates_are_looked_at_after_an_import() {
    let all = Watched::new().await;
    all.of_route(json!({"drop_percent": 10})).await;
    let imported = "UPDATE inventory SET fare_1 = 12000, version = version + 1;
        INSERT INTO search_inbox (from_date, to_date) VALUES ('2020-01-01', '2040-01-01')";
    all.airline.sql().await.batch(imported).await.expect("imported");
    all.look().await;
    all.tell().await;
    assert_eq!(all.told_in_all().await, 1);
    for date in ["2026-06-10", "2026-06-12"] {
        assert_eq!(all.history(date).await["price"], usd(12_000));
    }
    assert_eq!(all.airline.count("SELECT count(*) FROM price_dates").await, 0);
}
