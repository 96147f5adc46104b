//! The inbox, and what somebody wants by which way.

use jiff::SignedDuration;
use serde_json::json;
use server::identity::api::user_of_email;
use server::notify::api::{PriceDrop, price_dropped, support_answered};

use super::Told;

const MINE: &str = "traveller@example.com";

#[tokio::test]
async fn pages_follow_one_another_and_what_was_read_is_not_unread() {
    let told = Told::new().await;
    for key in ["b1", "b2"] {
        told.booked(&told.token, MINE, key).await;
        told.later(1);
        told.tell().await;
    }
    let get = |path: String| {
        let told = &told;
        async move { told.airline.call("GET", &path, Some(&told.token), None).await.expect(200).json }
    };
    let all = get("/notifications".into()).await;
    assert_eq!((all["unread"].as_i64(), all["next_cursor"].is_null()), (Some(4), true));
    let ids: Vec<&str> = all["notifications"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|row| row["id"].as_str())
        .collect();
    let mut paged = Vec::new();
    let mut path = "/notifications?limit=1".to_owned();
    loop {
        let page = get(path).await;
        paged.extend(
            page["notifications"]
                .as_array()
                .expect("a list")
                .iter()
                .filter_map(|row| Some(row["id"].as_str()?.to_owned())),
        );
        let Some(cursor) = page["next_cursor"].as_str() else { break };
        path = format!("/notifications?limit=1&cursor={cursor}");
    }
    assert_eq!(paged, ids);
}

#[tokio::test]
async fn reading_is_said_of_one_or_of_all_up_to_one_and_nobody_says_it_of_anothers() {
    let told = Told::new().await;
    told.booked(&told.token, MINE, "b1").await;
    told.tell().await;
    let rows = told.inbox(&told.token).await;
    let id = rows[0]["id"].as_str().expect("an id");
    let path = format!("/notifications/{id}");
    let patch = |token: String, read: bool| {
        let path = path.clone();
        let told = &told;
        async move { told.airline.call("PATCH", &path, Some(&token), Some(json!({"read": read}))).await }
    };
    patch(told.admin.clone(), true).await.expect(404);
    assert_eq!(patch(told.token.clone(), true).await.expect(200).json["unread"], 1);
    let read_at = told.inbox(&told.token).await[0]["read_at"].clone();
    told.later(5);
    patch(told.token.clone(), true).await.expect(200);
    assert_eq!(told.inbox(&told.token).await[0]["read_at"], read_at, "when it was first");
    assert_eq!(patch(told.token.clone(), false).await.expect(200).json["unread"], 2);
    // What comes after the newest that was seen stays unread.
    told.later(1);
    told.change(json!({"gate": "B4"})).await;
    told.tell().await;
    let until = json!({"until": id});
    let others =
        told.airline.call("POST", "/notifications/read", Some(&told.admin), Some(until.clone())).await;
    assert_eq!(others.expect(200).json["unread"], 0);
    let mine = told.airline.call("POST", "/notifications/read", Some(&told.token), Some(until)).await;
    assert_eq!(mine.expect(200).json["unread"], 1);
    for limit in ["0", "101"] {
        let refused =
            told.airline.call("GET", &format!("/notifications?limit={limit}"), Some(&told.token), None).await;
        assert_eq!(refused.expect(422).json["code"], "invalid_field");
    }
}

#[tokio::test]
async fn mail_is_a_matter_of_taste_but_for_what_is_owed() {
    let told = Told::new().await;
    let wish = |kind: &'static str, email: bool| {
        let body = json!({"preferences": [{"kind": kind, "email": email}]});
        told.airline.call("PATCH", "/notifications/preferences", Some(&told.token), Some(body))
    };
    let listed =
        told.airline.call("GET", "/notifications/preferences", Some(&told.token), None).await.expect(200);
    assert_eq!(listed.json["preferences"].as_array().map(Vec::len), Some(12));
    let owed = wish("cancellation", false).await.expect(422);
    assert_eq!((owed.code(), owed.json["kind"].as_str()), ("notification_owed", Some("cancellation")));
    wish("advertisement", true).await.expect(422);
    wish("delay", false).await.expect(200);
    let changed = wish("gate", true).await.expect(200);
    let of = |kind: &str| {
        let rows = changed.json["preferences"].as_array().expect("a list");
        rows.iter().find(|row| row["kind"] == kind).expect("the kind").clone()
    };
    assert_eq!((of("delay")["email"].clone(), of("gate")["email"].clone()), (json!(false), json!(true)));
    assert_eq!(
        of("cancellation"),
        json!({"kind": "cancellation", "email": true, "email_fixed": true, "push": true})
    );
    told.booked(&told.token, MINE, "b1").await;
    told.tell().await;
    told.change(json!({"delay_minutes": 60, "gate": "B4"})).await;
    told.tell().await;
    told.send().await;
    let subjects = told.subjects();
    assert!(subjects.iter().any(|subject| subject == "Gate B4 for KR1 to Atlanta (ATL)"), "{subjects:?}");
    assert!(!subjects.iter().any(|subject| subject.contains("late")), "{subjects:?}");
    assert!(told.topics().await.contains(&"delayed".to_owned()), "the inbox has all");
}

#[tokio::test]
async fn my_data_has_it_and_it_goes_with_the_account() {
    let told = Told::new().await;
    let booking = told.booked(&told.token, MINE, "b1").await;
    told.tell().await;
    let body = json!({"preferences": [{"kind": "gate", "email": true}]});
    told.airline.call("PATCH", "/notifications/preferences", Some(&told.token), Some(body)).await.expect(200);
    let data = told.airline.call("GET", "/me/export", Some(&told.token), None).await.expect(200);
    assert_eq!(data.json["told"]["notifications"].as_array().map(Vec::len), Some(2));
    assert_eq!(
        data.json["told"]["preferences"],
        json!([{"kind": "gate", "channel": "email", "wanted": true}])
    );
    told.airline.call("DELETE", &format!("/bookings/{booking}"), Some(&told.token), None).await.expect(200);
    told.airline.call("DELETE", "/me", Some(&told.token), None).await.expect(204);
    // What is told after that has nobody to be told to.
    told.tell().await;
    told.airline.run_jobs().await;
    let rows =
        "SELECT (SELECT count(*) FROM notifications) + (SELECT count(*) FROM notification_preferences)";
    assert_eq!(told.airline.count(rows).await, 0);
    assert_eq!(told.airline.count("SELECT count(*) FROM news").await, 0);
}

/// What other slices tell, in transactions of theirs: once, however often they try.
#[tokio::test]
async fn answers_and_prices_are_told_once_and_by_mail_if_they_are_wanted_so() {
    let told = Told::new().await;
    let app = &told.airline.app;
    let user = user_of_email(app, &told.airline.sql().await, "traveller@example.com").await;
    let user = user.expect("asked").expect("an account");
    let money = |amount| kernel::Money::new(amount, "USD".parse().expect("a currency"));
    let drop_of = |time, price, by_mail, flight: Option<&str>| PriceDrop {
        user,
        watch: "wtc_1".to_owned(),
        time,
        origin: "ABE".parse().expect("an airport"),
        destination: "ATL".parse().expect("an airport"),
        date: "2026-06-10".parse().expect("a date"),
        flight: flight.map(|flight| flight.parse().expect("a number")),
        was: Some(money(20_000)),
        price: money(price),
        by_mail,
    };
    for _ in 0..2 {
        let tx = app.db.begin().await.expect("a transaction");
        support_answered(app, &tx, user, ("tkt_1", 1)).await.expect("told");
        // In the same moment their order would be one of chance.
        told.airline.later(SignedDuration::from_millis(1));
        price_dropped(app, &tx, vec![drop_of(1, 15_000, true, None)]).await.expect("told");
        tx.commit().await.expect("committed");
    }
    let gone = app.db.begin().await.expect("a transaction");
    support_answered(app, &gone, user, ("tkt_1", 2)).await.expect("told");
    drop(gone);
    assert_eq!(told.topics().await, ["support_answered", "price_dropped"]);
    told.send().await;
    assert_eq!(told.subjects(), ["Your question was answered"], "nobody watches by that name any more");
    told.airline.later(SignedDuration::from_millis(1));
    let tx = app.db.begin().await.expect("a transaction");
    price_dropped(app, &tx, vec![drop_of(2, 14_000, false, Some("KR1"))]).await.expect("told");
    tx.commit().await.expect("committed");
    told.send().await;
    assert_eq!(told.subjects().len(), 1, "this watch wants no mails");
    let rows = told.inbox(&told.token).await;
    assert_eq!((&rows[0]["outdated"], &rows[1]["outdated"]), (&json!(false), &json!(true)));
    let text =
        "KR1 from Allentown (ABE) to Atlanta (ATL) on 10 June 2026 costs 140.00 USD now; it was 200.00 USD.";
    assert!(rows[0]["text"].as_str().is_some_and(|said| said.starts_with(text)), "{}", rows[0]);
    told.airline.assert_sound().await;
}
