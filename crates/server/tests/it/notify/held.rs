//! Locks of announcements, one by one and without luck: whoever does not wait has decided on a state that is gone.

use serde_json::json;
use server::identity::api::Role;

use super::announcements::texts;
use super::{Told, tell_with};
use crate::support::{request, send};

impl Told {
    /// Staff do something to an announcement, as a task of its own.
    fn asks(
        &self,
        path: &str,
        body: Option<serde_json::Value>,
    ) -> impl Future<Output = crate::support::Reply> + Send + use<> {
        send(self.airline.router(), request("POST", path, Some(&self.admin), body, None))
    }
}

/// Without the shared lock a page that begins while it is taken back is told all the same, after it was.
#[tokio::test(flavor = "multi_thread")]
async fn a_page_waits_for_whoever_takes_it_back_and_is_told_to_nobody() {
    let told = Told::new().await;
    told.booked(&told.token, "traveller@example.com", "one").await;
    told.tell().await;
    told.announces(told.of_the_flight(), 1).await;
    let taking = "UPDATE announcements SET status = 'withdrawn', withdrawn_at = now()";
    let taking = told.airline.holding(taking).await;
    let app = told.airline.app.clone();
    let telling = told.airline.waiting(async move { tell_with(&app).await }).await;
    taking.commit().await.expect("committed");
    telling.await.expect("a turn");
    assert!(told.announced_to(&told.token).await.is_empty());
}

/// The other way round: it is taken back from those who are being told as well.
#[tokio::test(flavor = "multi_thread")]
async fn taking_it_back_waits_for_the_page_that_is_told() {
    let told = Told::new().await;
    told.booked(&told.token, "traveller@example.com", "one").await;
    told.tell().await;
    let id = told.announces(told.of_the_flight(), 1).await;
    let page = told.airline.holding("SELECT FROM announcements WHERE status = 'sent' FOR SHARE").await;
    let taking = told.asks(&format!("/admin/announcements/{id}/withdraw"), None);
    let taking = told.airline.waiting(taking).await;
    let row = format!(
        "INSERT INTO notifications (user_id, id, topic, fact, version, state, params, created_at)
         SELECT id, gen_random_uuid(), 'announced', 'announcement/{id}', 1, '', '{{}}', now() FROM users WHERE role = 'traveller'"
    );
    page.batch(&row).await.expect("told");
    page.commit().await.expect("committed");
    taking.await.expect("an answer").expect(200);
    let stands = "SELECT count(*) FROM notifications WHERE topic = 'announced' AND superseded_at IS NULL";
    assert_eq!(told.airline.count(stands).await, 0);
}

/// Without the lock the second reads a draft, and sends what was taken back meanwhile.
#[tokio::test(flavor = "multi_thread")]
async fn sending_waits_for_whoever_sends_it_and_takes_it_back() {
    let told = Told::new().await;
    told.booked(&told.token, "traveller@example.com", "one").await;
    told.tell().await;
    let draft = told.drafts(told.of_the_flight()).await.expect(201).text("/id");
    let other = "UPDATE announcements SET status = 'withdrawn', sent_at = now(), withdrawn_at = now()";
    let other = told.airline.holding(other).await;
    let sending = told.asks(&format!("/admin/announcements/{draft}/send"), Some(json!({"recipients": 1})));
    let sending = told.airline.waiting(sending).await;
    other.commit().await.expect("committed");
    sending.await.expect("an answer").expect(409).has_code("announcement_withdrawn");
    told.tell().await;
    assert!(told.announced_to(&told.token).await.is_empty());
}

/// Without the lock it is refused as a draft that nobody sent, and is told.
#[tokio::test(flavor = "multi_thread")]
async fn taking_it_back_waits_for_whoever_sends_it() {
    let told = Told::new().await;
    told.booked(&told.token, "traveller@example.com", "one").await;
    told.tell().await;
    let draft = told.drafts(told.of_the_flight()).await.expect(201).text("/id");
    let other = told.airline.holding("UPDATE announcements SET status = 'sent', sent_at = now()").await;
    let taking = told.asks(&format!("/admin/announcements/{draft}/withdraw"), None);
    let taking = told.airline.waiting(taking).await;
    other.commit().await.expect("committed");
    assert_eq!(taking.await.expect("an answer").expect(200).json["status"], "withdrawn");
}

/// Without holding the account a draft to it outlives it, with its id and with what was to be said.
#[tokio::test(flavor = "multi_thread")]
async fn a_draft_waits_for_whoever_erases_its_account() {
    let told = Told::new().await;
    let user = told.airline.call("GET", "/profile", Some(&told.token), None).await.expect(200).text("/id");
    let erasing = "SELECT FROM users WHERE role = 'traveller' FOR UPDATE;
                   UPDATE users SET email_sealed = '', name_sealed = '', phone_sealed = NULL, password_hash = '', email_verified_at = NULL,
                       disabled_at = now(), erased_at = now() WHERE role = 'traveller';
                   DELETE FROM user_keys WHERE user_id = (SELECT id FROM users WHERE role = 'traveller')";
    let erasing = told.airline.holding(erasing).await;
    let new = json!({"audience": {"kind": "account", "user_id": user}, "texts": texts()});
    let drafting = told.airline.waiting(told.asks("/notifications", Some(new))).await;
    erasing.commit().await.expect("committed");
    let refused = drafting.await.expect("an answer").expect(422);
    assert_eq!(refused.json["field"], "audience.user_id");
    assert_eq!(told.airline.count("SELECT count(*) FROM announcements").await, 0);
}

/// Whoever flies on two flights is told by whichever page comes first, and the other waits. Two pages that tell the same people each in
/// the order of their bookings would wait for each other.
#[tokio::test(flavor = "multi_thread")]
async fn pages_tell_accounts_in_one_order() {
    let told = Told::new().await;
    // The later account booked earlier.
    let later = told.airline.account("later@example.com", Role::Traveller).await;
    told.booked(&later, "later@example.com", "one").await;
    told.booked(&told.token, "traveller@example.com", "two").await;
    told.tell().await;
    let id = told.announces(told.of_the_flight(), 2).await;
    let other = |which: &str| {
        format!(
            "INSERT INTO notifications (user_id, id, topic, fact, version, state, params, created_at)
             SELECT {which}, gen_random_uuid(), 'announced', 'announcement/{id}', 1, '', '{{}}', now() FROM users WHERE role = 'traveller'"
        )
    };
    let page = told.airline.holding(&other("min(id::text)::uuid")).await;
    let app = told.airline.app.clone();
    let telling = told.airline.waiting(async move { tell_with(&app).await }).await;
    page.batch(&other("max(id::text)::uuid")).await.expect("nobody has that one and waits");
    page.commit().await.expect("committed");
    telling.await.expect("a turn");
    for token in [&told.token, &later] {
        assert_eq!(told.announced_to(token).await.len(), 1);
    }
    assert_eq!(
        told.airline.count("SELECT count(*) FROM news WHERE tries > 0").await,
        0,
        "no deadlock was tried again"
    );
}
