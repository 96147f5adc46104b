//! What staff announce: looked at first, sent once, taken back.

use serde_json::{Value, json};
use server::identity::api::Role;

use super::{Told, tell_with};
use crate::support::{Reply, booking_body, request, send};

pub(super) fn texts() -> Value {
    json!({"en": {"title": "Strike at Atlanta", "text": "Queues are long.\n\nPlease come early."},
        "hi": {"title": "अटलांटा में हड़ताल", "text": "कतारें लंबी हैं।"}})
}

impl Told {
    pub(super) async fn drafts(&self, audience: Value) -> Reply {
        let new = json!({"audience": audience, "texts": texts()});
        self.airline.call("POST", "/notifications", Some(&self.admin), Some(new)).await
    }

    pub(super) async fn does(&self, id: &str, what: &str, body: Option<Value>) -> Reply {
        let path = format!("/admin/announcements/{id}/{what}");
        self.airline.call("POST", &path, Some(&self.admin), body).await
    }

    pub(super) async fn announces(&self, audience: Value, recipients: i32) -> String {
        let draft = self.drafts(audience).await.expect(201);
        assert_eq!(draft.json["recipients"], recipients, "{}", draft.json);
        let id = draft.text("/id");
        self.does(&id, "send", Some(json!({"recipients": recipients}))).await.expect(200);
        id
    }

    pub(super) async fn announced_to(&self, token: &str) -> Vec<Value> {
        self.inbox(token).await.into_iter().filter(|one| one["kind"] == "announcement").collect()
    }

    pub(super) async fn other(&self) -> String {
        self.airline.account("other@example.com", Role::Traveller).await
    }

    pub(super) fn of_the_flight(&self) -> Value {
        json!({"kind": "flight", "flight_id": self.flight})
    }
}

#[tokio::test]
async fn an_announcement_is_looked_at_then_sent_and_everybody_who_flies_is_told_once() {
    let told = Told::new().await;
    let other = told.other().await;
    // One account has two bookings, another one; a third holds a seat and has not paid.
    told.booked(&told.token, "traveller@example.com", "one").await;
    told.booked(&told.token, "traveller@example.com", "two").await;
    told.booked(&other, "desk@example.com", "three").await;
    let holder = told.airline.account("holder@example.com", Role::Traveller).await;
    told.held(&holder, "holder@example.com", "four").await;
    told.tell().await;
    told.send().await;
    let before = told.subjects().len();

    let draft = told.drafts(told.of_the_flight()).await.expect(201);
    let id = draft.text("/id");
    assert_eq!((&draft.json["status"], &draft.json["recipients"]), (&json!("draft"), &json!(2)));
    told.tell().await;
    assert!(told.announced_to(&other).await.is_empty(), "a draft is told to nobody");
    let others = told.does(&id, "send", Some(json!({"recipients": 3}))).await.expect(409);
    assert_eq!((&others.json["code"], &others.json["recipients"]), (&json!("audience_changed"), &json!(2)));
    let sent = told.does(&id, "send", Some(json!({"recipients": 2}))).await.expect(200);
    assert_eq!(sent.json["status"], "sent");
    // Sent once more, and by several workers at once, it is told once.
    told.does(&id, "send", Some(json!({"recipients": 2}))).await.expect(200);
    let app = &told.airline.app;
    tokio::join!(tell_with(app), tell_with(app), tell_with(app));
    told.send().await;
    for token in [&told.token, &other] {
        let [one] = &told.announced_to(token).await[..] else { panic!("one announcement") };
        assert_eq!((&one["title"], &one["topic"]), (&json!("Strike at Atlanta"), &json!("announced")));
        assert_eq!(one["text"], "Queues are long.\nPlease come early.");
        assert_eq!(one["flight_id"], json!(told.flight));
    }
    assert!(told.announced_to(&holder).await.is_empty(), "who has not paid does not fly");
    // To both accounts, and to the other contact.
    assert_eq!(told.subjects()[before..], ["Strike at Atlanta", "Strike at Atlanta", "Strike at Atlanta"]);
    assert!(told.mails_to("desk@example.com").last().expect("a mail").body().contains("Please come early."));
    // Who books afterwards is not told.
    told.booked(&holder, "holder@example.com", "five").await;
    told.does(&id, "send", Some(json!({"recipients": 3}))).await.expect(200);
    told.tell().await;
    assert!(told.announced_to(&holder).await.is_empty());
    let stands =
        told.airline.call("GET", &format!("/admin/announcements/{id}"), Some(&told.admin), None).await;
    let stands = stands.expect(200);
    assert_eq!((&stands.json["told"], &stands.json["read"]), (&json!(2), &json!(0)));
    // In the reader's language.
    let mut asked = request("GET", "/notifications", Some(&other), None, None);
    asked.headers_mut().insert("accept-language", "hi".parse().expect("a value"));
    let hindi = send(told.airline.router(), asked).await.expect(200);
    assert_eq!(hindi.text("/notifications/0/title"), "अटलांटा में हड़ताल");
}

/// An assistant's account has the trips of several people, each with an address of their own.
#[tokio::test]
async fn each_contact_of_an_account_has_a_copy_and_each_has_one() {
    let told = Told::new().await;
    let contacts = ["desk@example.com", "meera@example.com", "Desk@Example.com", "traveller@example.com"];
    for (contact, key) in contacts.into_iter().zip(["one", "two", "three", "four"]) {
        told.booked(&told.token, contact, key).await;
    }
    let times = ("2026-06-11T08:35", "2026-06-11T10:35");
    told.airline.flight(&told.admin, "KR1", ("ABE", "ATL"), times, 100).await;
    for (contact, key) in [("meera@example.com", "five"), ("bela@example.com", "six")] {
        let mut body = booking_body(&told.airline.offer("origin=ABE&destination=ATL&date=2026-06-11").await);
        body["contact"]["email"] = json!(contact);
        let held =
            told.airline.call_keyed("POST", "/bookings", Some(&told.token), Some(body), Some(key)).await;
        let id = held.expect(201).text("/id");
        told.airline.pay(&told.token, &id, super::CARD, &format!("pay-{key}")).await.expect(201);
    }
    told.tell().await;
    told.send().await;
    let route = json!({"kind": "route", "origin": "ABE", "from": "2026-06-10", "to": "2026-06-11"});
    told.announces(route, 1).await;
    let app = &told.airline.app;
    tokio::join!(tell_with(app), tell_with(app));
    assert_eq!(told.announced_to(&told.token).await.len(), 1);
    told.send().await;
    let announced = |address: &str| {
        let mails = told.mails_to(address);
        mails.iter().filter(|mail| mail.header("Subject").as_deref() == Some("Strike at Atlanta")).count()
    };
    for address in ["traveller@example.com", "meera@example.com", "bela@example.com"] {
        assert_eq!(announced(address), 1, "{address}");
    }
    assert_eq!(announced("desk@example.com") + announced("Desk@Example.com"), 1, "it is one address");
    let copy = told.mails_to("bela@example.com").pop().expect("a mail");
    assert_eq!(copy.header("References"), None, "it is about no booking in particular");
    // Who wants no such mails has none sent to others either.
    let unwanted = json!({"preferences": [{"kind": "announcement", "email": false}]});
    let path = "/notifications/preferences";
    told.airline.call("PATCH", path, Some(&told.token), Some(unwanted)).await.expect(200);
    told.announces(told.of_the_flight(), 1).await;
    told.tell().await;
    told.send().await;
    assert_eq!((announced("traveller@example.com"), announced("meera@example.com")), (1, 1));
}

#[tokio::test]
async fn who_flies_on_several_flights_of_a_route_is_told_once_and_of_flights_that_left_or_are_cancelled_nobody()
 {
    let told = Told::new().await;
    told.booked(&told.token, "traveller@example.com", "one").await;
    let admin = told.admin.clone();
    let times = ("2026-06-11T08:35", "2026-06-11T10:35");
    let next_day = told.airline.flight(&admin, "KR1", ("ABE", "ATL"), times, 100).await;
    let offer = told.airline.offer("origin=ABE&destination=ATL&date=2026-06-11").await;
    let body = booking_body(&offer);
    let held =
        told.airline.call_keyed("POST", "/bookings", Some(&told.token), Some(body), Some("next")).await;
    told.airline.pay(&told.token, &held.expect(201).text("/id"), super::CARD, "pay-next").await.expect(201);
    told.tell().await;

    let route = |from: &str, to: &str| json!({"kind": "route", "origin": "ABE", "from": from, "to": to});
    let id = told.announces(route("2026-06-10", "2026-06-11"), 1).await;
    let filed = "SELECT count(*) FROM news WHERE topic = 'announced'";
    let filed: i64 = told.airline.sql().await.query_one(filed, &[]).await.expect("a row").get(0);
    assert_eq!(filed, 2, "news of two flights");
    let app = &told.airline.app;
    tokio::join!(tell_with(app), tell_with(app));
    assert_eq!(told.announced_to(&told.token).await.len(), 1, "{id}");
    // From elsewhere, or on another day, nobody flies; nor on what is cancelled or has left.
    for nobody in [
        json!({"kind": "route", "origin": "ATL", "from": "2026-06-10", "to": "2026-06-11"}),
        route("2026-06-12", "2026-06-12"),
    ] {
        let draft = told.drafts(nobody).await.expect(201);
        assert_eq!(draft.json["recipients"], 0);
        let refused = told.does(&draft.text("/id"), "send", Some(json!({"recipients": 0}))).await.expect(409);
        assert_eq!(refused.json["code"], "nobody_to_tell");
    }
    told.airline
        .call("PUT", &format!("/flights/{next_day}"), Some(&admin), Some(json!({"status": "cancelled"})))
        .await
        .expect(200);
    assert_eq!(told.drafts(route("2026-06-11", "2026-06-11")).await.expect(201).json["recipients"], 0);
    told.turn_clock_to("2026-06-10T13:00:00Z");
    assert_eq!(told.drafts(route("2026-06-10", "2026-06-10")).await.expect(201).json["recipients"], 0);
}

#[tokio::test]
async fn what_concerns_a_trip_is_told_and_mailed_before_what_is_announced() {
    let told = Told::new().await;
    told.booked(&told.token, "traveller@example.com", "one").await;
    told.tell().await;
    told.send().await;
    let before = told.subjects().len();
    told.announces(told.of_the_flight(), 1).await;
    told.change(json!({"delay_minutes": 30})).await;
    told.tell().await;
    // Each is told in a transaction of its own.
    let in_order = "SELECT string_agg(topic, ' ' ORDER BY xmin::text::bigint) FROM notifications WHERE topic IN ('delayed', 'announced')";
    let in_order = told.airline.sql().await.query_one(in_order, &[]).await.expect("a row");
    assert_eq!(in_order.get::<_, &str>(0), "delayed announced");
    told.announces(told.of_the_flight(), 1).await;
    told.tell().await;
    told.later(1);
    told.change(json!({"delay_minutes": 60})).await;
    told.tell().await;
    told.send().await;
    let subjects = told.subjects().split_off(before);
    let late = subjects.iter().rposition(|subject| subject.contains("late")).expect("a delay");
    let announced = subjects.iter().position(|subject| subject.contains("Strike")).expect("an announcement");
    assert!(late < announced, "{subjects:?}");
}

#[tokio::test]
async fn what_is_taken_back_is_told_to_nobody_more_and_no_mail_of_it_is_sent() {
    let told = Told::new().await;
    told.booked(&told.token, "traveller@example.com", "one").await;
    told.tell().await;
    told.send().await;
    let before = told.subjects().len();
    // Before anybody is told.
    let early = told.announces(told.of_the_flight(), 1).await;
    told.does(&early, "withdraw", None).await.expect(200);
    told.tell().await;
    assert!(told.announced_to(&told.token).await.is_empty());
    // After it was told, before the mail is sent.
    let late = told.announces(told.of_the_flight(), 1).await;
    told.tell().await;
    assert_eq!(told.announced_to(&told.token).await[0]["outdated"], false);
    told.does(&late, "withdraw", None).await.expect(200);
    let twice = told.does(&late, "withdraw", None).await.expect(200);
    assert_eq!(twice.json["status"], "withdrawn");
    told.send().await;
    assert_eq!(told.subjects().len(), before);
    assert_eq!(told.announced_to(&told.token).await[0]["outdated"], true);
    let again = told.does(&late, "send", Some(json!({"recipients": 1}))).await.expect(409);
    assert_eq!(again.json["code"], "announcement_withdrawn");
    let draft = told.drafts(told.of_the_flight()).await.expect(201).text("/id");
    assert_eq!(told.does(&draft, "withdraw", None).await.expect(409).json["code"], "announcement_not_sent");
    // A draft is forgotten after a day, what was sent is not.
    told.later(60 * 24 + 1);
    told.airline.run_job("delete_old_notifications").await;
    let list = told.airline.call("GET", "/admin/announcements", Some(&told.admin), None).await.expect(200);
    let ids: Vec<&str> = list.json["announcements"]
        .as_array()
        .expect("a list")
        .iter()
        .filter_map(|one| one["id"].as_str())
        .collect();
    assert_eq!(ids, [late, early]);
}

#[tokio::test]
async fn what_is_said_to_one_account_is_theirs_and_goes_with_it() {
    let told = Told::new().await;
    let other = told.other().await;
    let id = told.airline.call("GET", "/profile", Some(&other), None).await.expect(200).text("/id");
    let audience = json!({"kind": "account", "user_id": id});
    let unwanted = json!({"preferences": [{"kind": "announcement", "email": false}]});
    let new = json!({"audience": audience, "texts": {"en": {"title": "For Asha Rao", "text": "Your umbrella was found."}}});
    let sql = told.airline.sql().await;
    sql.execute("UPDATE users SET email_verified_at = NULL", &[]).await.expect("accounts");
    let draft = told.airline.call("POST", "/notifications", Some(&told.admin), Some(new)).await.expect(201);
    told.does(&draft.text("/id"), "send", Some(json!({"recipients": 1}))).await.expect(200);
    told.send().await;
    assert!(told.subjects().is_empty(), "their address may be another's");
    sql.execute("UPDATE users SET email_verified_at = created_at", &[]).await.expect("accounts");
    told.announces(audience.clone(), 1).await;
    told.send().await;
    assert_eq!(told.subjects(), ["Strike at Atlanta"]);
    assert!(told.announced_to(&other).await.iter().any(|one| one["title"] == "For Asha Rao"));
    assert!(told.announced_to(&told.token).await.is_empty());
    let path = "/notifications/preferences";
    told.airline.call("PATCH", path, Some(&other), Some(unwanted)).await.expect(200);
    told.announces(audience.clone(), 1).await;
    told.send().await;
    assert_eq!(told.subjects().len(), 1, "they want no mails of it");
    let export = told.airline.call("GET", "/me/export", Some(&other), None).await.expect(200);
    assert!(export.json.to_string().contains("Your umbrella was found."), "{}", export.json);
    told.airline.call("DELETE", "/me", Some(&other), None).await.expect(204);
    let left = "SELECT (SELECT count(*) FROM announcements) + (SELECT count(*) FROM notifications)";
    assert_eq!(told.airline.sql().await.query_one(left, &[]).await.expect("a row").get::<_, i64>(0), 0);
    assert_eq!(told.drafts(audience).await.expect(422).json["field"], "audience.user_id");
}

#[tokio::test]
async fn what_cannot_be_announced_is_refused_by_its_name() {
    let told = Told::new().await;
    let day = |from: &str, to: &str| json!({"kind": "route", "origin": "ABE", "from": from, "to": to});
    let long = "x".repeat(121);
    for (audience, texts, field) in [
        (json!({"kind": "route", "from": "2026-06-10", "to": "2026-06-10"}), texts(), "audience.origin"),
        (day("2026-06-10", "2026-06-09"), texts(), "audience.to"),
        (day("2026-06-10", "2026-07-11"), texts(), "audience.to"),
        (
            json!({"kind": "flight", "flight_id": "flt_20261201000080008000b97700134001"}),
            texts(),
            "audience.flight_id",
        ),
        (told.of_the_flight(), json!({"en": {"title": " ", "text": "x"}}), "texts.en.title"),
        (told.of_the_flight(), json!({"en": {"title": long, "text": "x"}}), "texts.en.title"),
        (told.of_the_flight(), json!({"en": {"title": "a\nb", "text": "x"}}), "texts.en.title"),
        (
            told.of_the_flight(),
            json!({"en": {"title": "a", "text": "x"}, "hi": {"title": "a", "text": ""}}),
            "texts.hi.text",
        ),
    ] {
        let new = json!({"audience": audience, "texts": texts});
        let refused =
            told.airline.call("POST", "/notifications", Some(&told.admin), Some(new)).await.expect(422);
        assert_eq!(refused.json["field"], field, "{}", refused.json);
    }
    assert_eq!(told.drafts(day("2026-06-10", "2026-07-10")).await.expect(201).json["recipients"], 0);
    let path = "/admin/announcements/ann_0193f2a1c5d07bb2a4d1c0ffee000011";
    told.airline.call("GET", path, Some(&told.admin), None).await.expect(404);
    told.does("ann_0193f2a1c5d07bb2a4d1c0ffee000011", "send", Some(json!({"recipients": 1})))
        .await
        .expect(404);
    told.airline.call("POST", "/notifications", Some(&told.token), None).await.expect(403);
}
