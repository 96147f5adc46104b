//! Who waits for the head of the prices, and what is left of accounts that were erased.

use serde_json::json;
use server::identity::api::Role;

use super::{Watched, usd};
use crate::support::{request, run_job_of, send};

const HEAD: &str = "SELECT FROM price_head FOR UPDATE";

/// Without the lock two processes could write down what they read in the other order.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_follows_prices_waits_for_whoever_writes_them() {
    let all = Watched::new().await;
    let head = all.airline.holding(HEAD).await;
    let app = all.airline.app.clone();
    let follows = all.airline.waiting(async move { run_job_of(&app, "follow_prices").await }).await;
    all.on("2026-06-10", "fare_1 = 15000").await;
    all.airline.follow_feed().await;
    head.commit().await.expect("committed");
    assert!(follows.await.expect("a turn") > 0, "what changed meanwhile is read after the head");
    assert_eq!(all.history("2026-06-10").await["price"], usd(15_000));
}

/// Without the lock the deletion takes watches in its order while the follower takes them in the order of their keys.
#[tokio::test(flavor = "multi_thread")]
async fn an_account_that_watches_is_erased_after_the_follower_and_another_without_it() {
    let all = Watched::new().await;
    let other = all.airline.account("other@example.com", Role::Traveller).await;
    all.of_route(json!({"target": usd(15_000)})).await;
    let head = all.airline.holding(HEAD).await;
    // Nothing of theirs is watched: they need not wait for a turn that looks at a whole date.
    all.airline.call("DELETE", "/me", Some(&other), None).await.expect(204);
    let erases = send(all.airline.router(), request("DELETE", "/me", Some(&all.token), None, None));
    let erases = all.airline.waiting(erases).await;
    assert_eq!(all.airline.count("SELECT count(*) FROM price_watches").await, 1);
    head.commit().await.expect("committed");
    erases.await.expect("an answer").expect(204);
    assert_eq!(all.airline.count("SELECT count(*) FROM price_watches").await, 0);
}

/// As a process of an older release leaves it, which knows neither of watches nor of announcements.
#[tokio::test]
async fn what_an_older_process_leaves_of_an_erased_account_is_deleted() {
    let all = Watched::new().await;
    let other = all.airline.account("other@example.com", Role::Traveller).await;
    for token in [&all.token, &other] {
        let body = json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10"}, "drop_percent": 10});
        all.airline.call("POST", "/price-watches", Some(token), Some(body)).await.expect(201);
        let user = all.airline.call("GET", "/profile", Some(token), None).await.expect(200).text("/id");
        let new = json!({"audience": {"kind": "account", "user_id": user}, "texts": {"en": {"title": "Hello", "text": "There."}}});
        all.airline.call("POST", "/notifications", Some(&all.admin), Some(new)).await.expect(201);
    }
    let sql = all.airline.sql().await;
    sql.batch("CREATE TABLE watched AS TABLE price_watches; CREATE TABLE said AS TABLE announcements")
        .await
        .expect("tables");
    all.airline.call("DELETE", "/me", Some(&other), None).await.expect(204);
    let leaves = "INSERT INTO price_watches SELECT * FROM watched ON CONFLICT DO NOTHING;
                  INSERT INTO announcements SELECT * FROM said ON CONFLICT DO NOTHING; DROP TABLE watched, said";
    sql.batch(leaves).await.expect("left");
    let [watches, announcements] =
        ["SELECT count(*) FROM price_watches", "SELECT count(*) FROM announcements"];
    assert_eq!((all.airline.count(watches).await, all.airline.count(announcements).await), (2, 2));
    all.airline.run_job("prune_prices").await;
    all.airline.run_job("delete_old_notifications").await;
    assert_eq!((all.airline.count(watches).await, all.airline.count(announcements).await), (1, 1));
    all.airline.assert_sound().await;
}
