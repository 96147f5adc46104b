//! The link under a mail that ends mails like it.

use axum::body::Body;
use axum::http::Request;
use serde_json::{Value, json};
use server::identity::api::Role;

use super::Told;
use crate::support::{Reply, send};

const MINE: &str = "traveller@example.com";
const CONTACT: &str = "desk@example.com";

impl Told {
    /// As a browser opens it, or a mail program posts to it: nothing says who is asking.
    async fn at_link(&self, method: &str, path: &str) -> Reply {
        let body = if method == "POST" { "List-Unsubscribe=One-Click" } else { "" };
        let asked = Request::builder().method(method).uri(path);
        let asked = asked.header("content-type", "application/x-www-form-urlencoded").body(Body::from(body));
        send(self.airline.router(), asked.expect("a request")).await
    }

    async fn is_mailed(&self, token: &str, kind: &str) -> Value {
        let path = "/notifications/preferences";
        let said = self.airline.call("GET", path, Some(token), None).await.expect(200);
        let all = said.json["preferences"].as_array().expect("a list").clone();
        all.into_iter().find(|one| one["kind"] == kind).expect("the kind")["email"].clone()
    }
}

#[tokio::test]
async fn a_mail_says_where_mails_like_it_end_and_there_they_do() {
    let told = Told::new().await;
    told.booked(&told.token, CONTACT, "b1").await;
    told.change(json!({"delay_minutes": 20})).await;
    told.tell().await;
    told.send().await;
    let (mut late, owed): (Vec<_>, Vec<_>) = told
        .mails_to(MINE)
        .into_iter()
        .partition(|mail| mail.header("Subject").is_some_and(|subject| subject.contains("late")));
    let late = late.pop().expect("a mail of the delay");
    let header = late.header("List-Unsubscribe").expect("where they end");
    let link = header.trim_matches(['<', '>']);
    assert!(late.body().contains(link) && late.body().contains("No more mails like this"), "{}", late.body());
    assert_eq!(late.header("List-Unsubscribe-Post"), None, "the tests' own address is not protected");
    // What is owed has none, and nobody ends another's mails by a copy.
    assert!(!owed.is_empty() && !told.mails_to(CONTACT).is_empty());
    for mail in owed.iter().chain(&told.mails_to(CONTACT)) {
        assert_eq!(mail.header("List-Unsubscribe"), None);
        assert!(!mail.body().contains("/unsubscribe"), "{}", mail.body());
    }

    let path = link.strip_prefix(told.airline.app.config.http.public_url.trim_end_matches('/'));
    let path = path.expect("it is ours");
    let page = told.at_link("GET", path).await.expect(200);
    let page = String::from_utf8(page.bytes).expect("a page");
    assert!(page.contains("delays of your flights") && page.contains("<form method=\"post\""), "{page}");
    assert_eq!(told.is_mailed(&told.token, "delay").await, true, "looking at it ends nothing");
    let changed = format!("{path}x");
    told.at_link("POST", &changed).await.expect(404);
    told.at_link("POST", "/unsubscribe").await.expect(404);
    assert_eq!(told.is_mailed(&told.token, "delay").await, true, "nor does a link that is none of ours");
    for _ in 0..2 {
        let done = told.at_link("POST", path).await.expect(200);
        assert!(!String::from_utf8(done.bytes).expect("a page").contains("<form"));
    }
    assert_eq!(told.is_mailed(&told.token, "delay").await, false);
    assert_eq!(told.is_mailed(&told.token, "refund").await, true, "of that kind alone");
    let before = told.subjects().len();
    told.change(json!({"delay_minutes": 60})).await;
    told.tell().await;
    told.send().await;
    assert_eq!(told.subjects().len(), before);
    assert_eq!(told.topics().await.last().expect("a notification"), "delayed");
}

#[tokio::test]
async fn what_is_owed_cannot_be_ended_and_nothing_is_kept_of_who_is_gone() {
    let told = Told::new().await;
    let other = told.airline.account("other@example.com", Role::Traveller).await;
    let user = told.airline.call("GET", "/profile", Some(&other), None).await.expect(200).text("/id");
    let link = |kind: &str| {
        let token =
            told.airline.app.unsubscribes.sign(&json!({"user": user, "kind": kind})).expect("a token");
        format!("/unsubscribe?token={token}")
    };
    told.at_link("POST", &link("cancellation")).await.expect(404);
    told.at_link("POST", &link("advertisement")).await.expect(404);
    told.at_link("POST", &link("refund")).await.expect(200);
    told.airline.call("DELETE", "/me", Some(&other), None).await.expect(204);
    told.at_link("POST", &link("delay")).await.expect(404);
    let kept = "SELECT count(*) FROM notification_preferences";
    assert_eq!(told.airline.sql().await.query_one(kept, &[]).await.expect("a row").get::<_, i64>(0), 0);
}
