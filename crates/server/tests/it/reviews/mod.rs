//! Reviews: by those who flew, counted exactly, looked after by staff.

use jiff::{SignedDuration, Timestamp};
use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::{Airline, Reply};

const CARD: &str = "4242424242424242";

/// An airline with a flight that some have flown.
struct Flown {
    airline: Airline,
    admin: String,
    flight: String,
}

impl Flown {
    async fn new() -> Self {
        Self::of(Airline::new().await).await
    }

    async fn of(airline: Airline) -> Self {
        let admin = airline.admin().await;
        let times = ("2026-06-10T08:35", "2026-06-10T10:35");
        let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), times, 60).await;
        Self { airline, admin, flight }
    }

    /// Somebody with a ticket.
    async fn passenger(&self, email: &str) -> String {
        let token = self.airline.account(email, Role::Traveller).await;
        let offer = self.airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
        let held = self.airline.hold(&token, &offer, "hold").await.expect(201);
        self.airline.pay(&token, &held.text("/id"), CARD, "pay").await.expect(201);
        token
    }

    /// Everybody with a ticket checks in and boards, and the flight leaves; it is the day after.
    async fn fly(&self, tokens: &[&str]) {
        self.turn_clock_to("2026-06-09T18:00:00Z");
        let mut codes = Vec::new();
        for token in tokens {
            let call =
                async |method, path: String, body| self.airline.call(method, &path, Some(token), body).await;
            let booking = call("GET", "/bookings".to_owned(), None).await.expect(200).text("/bookings/0/id");
            let check_in = Some(json!({"passengers": [1], "no_dangerous_goods": true}));
            call("PUT", format!("/bookings/{booking}/check-in/1"), check_in).await.expect(200);
            let passes = call("GET", format!("/bookings/{booking}/boarding-passes"), None).await.expect(200);
            codes.push(passes.text("/passes/0/bar_code"));
        }
        self.turn_clock_to("2026-06-10T12:10:00Z");
        let path = format!("/flights/{}/boardings", self.flight);
        for (number, code) in codes.iter().enumerate() {
            let scan = json!({"bar_code": code, "device": "left", "scan": format!("s{number}")});
            self.airline.call("POST", &path, Some(&self.admin), Some(scan)).await.expect(200);
        }
        self.turn_clock_to("2026-06-11T12:00:00Z");
        self.airline.run_job("follow_departures").await;
    }

    fn turn_clock_to(&self, at: &str) {
        let at: Timestamp = at.parse().expect("an instant");
        self.airline.later(at.duration_since(self.airline.app.now()));
    }

    fn path(&self) -> String {
        format!("/flights/{}/review", self.flight)
    }

    async fn say(&self, token: &str, what: Value) -> Reply {
        self.airline.call("PUT", &self.path(), Some(token), Some(what)).await
    }

    async fn list(&self, query: &str) -> Value {
        self.airline
            .call("GET", &format!("/reviews?flight_number=KR1{query}"), None, None)
            .await
            .expect(200)
            .json
    }

    async fn decide(&self, id: &str, what: Value) -> Reply {
        self.airline
            .call("POST", &format!("/admin/reviews/{id}/decision"), Some(&self.admin), Some(what))
            .await
    }

    async fn report(&self, token: &str, id: &str, reason: &str) -> Reply {
        let body = json!({"review_id": id, "reason": reason});
        self.airline.call("POST", "/review-reports", Some(token), Some(body)).await
    }

    async fn waiting(&self) -> Vec<Value> {
        let list = self.airline.call("GET", "/admin/reviews", Some(&self.admin), None).await.expect(200);
        list.json["reviews"].as_array().expect("a list").clone()
    }
}

#[tokio::test]
async fn who_flew_says_what_they_think_and_who_did_not_does_not() {
    let all = Flown::new().await;
    let (asha, other) = (all.passenger("asha@example.com").await, all.airline.traveller().await);
    let ben = all.passenger("ben@example.com").await;
    let good = json!({"stars": 4, "crew": 5, "punctuality": 3, "comment": " Friendly crew.\r\n\r\n\r\n A late start. "});
    all.say(&asha, good.clone()).await.expect(409).has_code("review_too_early");
    all.fly(&[&asha]).await;
    // Neither a ticket nor the clock is a flight: the gate says who was on board.
    all.say(&ben, good.clone()).await.expect(409).has_code("review_too_early");
    let close = format!("/flights/{}/close-boarding", all.flight);
    all.airline.call("POST", &close, Some(&all.admin), None).await.expect(200);
    all.say(&ben, good.clone()).await.expect(409).has_code("review_not_yours");
    let mine = all.airline.call("GET", "/me/reviews", Some(&asha), None).await.expect(200);
    assert_eq!(
        (&mine.json["to_review"][0]["flight_id"], &mine.json["reviews"]),
        (&json!(all.flight), &json!([]))
    );
    let said = all.say(&asha, good.clone()).await.expect(200);
    assert_eq!(
        said.json["opinion"],
        json!({"stars": 4, "crew": 5, "comfort": null, "punctuality": 3,
        "comment": "Friendly crew.\n\n A late start.", "language": "en"})
    );
    assert_eq!(said.json["status"], "published");
    let mine = all.airline.call("GET", "/me/reviews", Some(&asha), None).await.expect(200);
    assert_eq!((&mine.json["to_review"], &mine.json["reviews"][0]), (&json!([]), &said.json));
    assert_eq!(all.airline.call("GET", &all.path(), Some(&asha), None).await.expect(200).json, said.json);
    for method in ["GET", "PUT", "DELETE"] {
        let body = (method == "PUT").then(|| good.clone());
        all.airline.call(method, &all.path(), Some(&other), body).await.expect(404);
    }
    // Everybody reads what was said, and not who said it or on which day they flew.
    let list = all.list("").await;
    assert_eq!(
        list["all"],
        json!({"count": 1, "average": 4.0, "histogram": [0, 0, 0, 1, 0], "crew": 5.0, "comfort": null, "punctuality": 3.0})
    );
    let shown = list["reviews"][0].as_object().expect("a review");
    // Nor does its id say when on that day it was written.
    let id: kernel::ReviewId = shown["id"].as_str().expect("an id").parse().expect("an id");
    assert_eq!(id.uuid().get_timestamp().map(|at| at.to_unix().0 % 86_400), Some(0));
    assert_eq!(
        shown.keys().collect::<Vec<_>>(),
        ["edited", "flight_number", "flown_in", "id", "opinion", "written_on"]
    );
    assert_eq!((&shown["flown_in"], &shown["edited"]), (&json!("2026-06"), &json!(false)));
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn a_ticket_that_was_given_back_is_no_flight_even_where_tickets_are_enough() {
    let airline =
        Airline::with(|config| config.reviews.require = platform::config::ReviewsRequire::Booked).await;
    let all = Flown::of(airline).await;
    let (asha, ben) = (all.passenger("asha@example.com").await, all.passenger("ben@example.com").await);
    let booking =
        all.airline.call("GET", "/bookings", Some(&ben), None).await.expect(200).text("/bookings/0/id");
    all.airline.call("DELETE", &format!("/bookings/{booking}"), Some(&ben), None).await.expect(200);
    all.say(&asha, json!({"stars": 5})).await.expect(409).has_code("review_too_early");
    all.airline.later(SignedDuration::from_hours(24 * 10));
    all.say(&asha, json!({"stars": 5})).await.expect(200);
    all.say(&ben, json!({"stars": 1})).await.expect(409).has_code("review_not_yours");
    assert_eq!(all.list("").await["all"]["count"], 1);
}

#[tokio::test]
async fn what_was_said_can_be_said_otherwise_for_a_time_and_taken_back_always() {
    let airline = Airline::with(|config| config.reviews.write_days = 20).await;
    let all = Flown::of(airline).await;
    let asha = all.passenger("asha@example.com").await;
    all.fly(&[&asha]).await;
    let first = all.say(&asha, json!({"stars": 2, "comfort": 1})).await.expect(200);
    // The same again is nothing new.
    assert_eq!(all.say(&asha, json!({"stars": 2, "comfort": 1})).await.expect(200).json, first.json);
    assert_eq!(all.list("").await["reviews"][0]["edited"], false);
    all.airline.later(SignedDuration::from_hours(24 * 14) - SignedDuration::from_secs(1));
    all.say(&asha, json!({"stars": 3})).await.expect(200);
    let list = all.list("").await;
    assert_eq!((&list["all"]["histogram"], &list["all"]["comfort"]), (&json!([0, 0, 1, 0, 0]), &Value::Null));
    assert_eq!(list["reviews"][0]["edited"], true);
    all.airline.later(SignedDuration::from_secs(1));
    all.say(&asha, json!({"stars": 5})).await.expect(409).has_code("review_closed");
    all.airline.assert_sound().await;
    all.airline.call("DELETE", &all.path(), Some(&asha), None).await.expect(204);
    all.airline.call("DELETE", &all.path(), Some(&asha), None).await.expect(404);
    assert_eq!(all.list("").await["all"]["average"], Value::Null);
    // It can be written again while a flight can be reviewed: 20 days after it arrived, and not a second longer.
    all.say(&asha, json!({"stars": 5})).await.expect(200);
    all.airline.call("DELETE", &all.path(), Some(&asha), None).await.expect(204);
    let arrives: jiff::Timestamp = "2026-06-10T14:35:00Z".parse().expect("an instant");
    let left = arrives + SignedDuration::from_hours(24 * 20);
    all.airline.later(left.duration_since(all.airline.app.now()) - SignedDuration::from_millis(1));
    all.say(&asha, json!({"stars": 5})).await.expect(200);
    all.airline.call("DELETE", &all.path(), Some(&asha), None).await.expect(204);
    all.airline.later(SignedDuration::from_millis(1));
    all.say(&asha, json!({"stars": 5})).await.expect(409).has_code("review_closed");
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn odd_reviews_are_refused_by_their_member() {
    let all = Flown::new().await;
    let asha = all.passenger("asha@example.com").await;
    all.fly(&[&asha]).await;
    for (body, field) in [
        (json!({"stars": 0}), "stars"),
        (json!({"stars": 5, "crew": 6}), "crew"),
        (json!({"stars": 5, "comment": "a\u{1b}[31m"}), "comment"),
        (json!({"stars": 5, "comment": "x".repeat(2_001)}), "comment"),
    ] {
        let reply = all.say(&asha, body).await.expect(422);
        assert_eq!(reply.json["field"], field);
    }
    all.say(&asha, json!({"crew": 5})).await.expect(422);
    for query in [
        "flight_number=K",
        "flight_number=KR1&sort=best",
        "flight_number=KR1&stars=9",
        "flight_number=KR1&cursor=9.rev_1",
        "limit=5",
    ] {
        let status = all.airline.call("GET", &format!("/reviews?{query}"), None, None).await.status;
        assert!([400, 422].contains(&status.as_u16()), "{query}: {status}");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn at_once_they_are_one_each_and_all_counted() {
    let all = Flown::new().await;
    let mut tokens = Vec::new();
    for number in 0..6 {
        tokens.push(all.passenger(&format!("p{number}@example.com")).await);
    }
    all.fly(&tokens.iter().map(String::as_str).collect::<Vec<_>>()).await;
    let each =
        tokens.iter().enumerate().flat_map(|(place, token)| (0..4).map(move |turn| (place, turn, token)));
    let saying = each.map(|(place, turn, token)| {
        let stars = 1 + (place + turn) % 5;
        all.say(token, json!({"stars": stars, "crew": 1 + turn}))
    });
    for reply in futures_util::future::join_all(saying).await {
        reply.expect(200);
    }
    let list = all.list("").await;
    assert_eq!(list["all"]["count"], 6);
    assert_eq!(all.airline.count("SELECT count(*) FROM reviews").await, 6);
    all.airline.assert_sound().await;
    let path = all.path();
    let leaving = tokens.iter().map(|token| all.airline.call("DELETE", &path, Some(token), None));
    for reply in futures_util::future::join_all(leaving).await {
        reply.expect(204);
    }
    assert_eq!(all.list("").await["all"]["count"], 0);
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn pages_hold_every_review_once_in_each_order() {
    let all = Flown::new().await;
    let written = "INSERT INTO reviews (flight_number, id, user_id, flight_id, booking_id, stars, language, status, created_at, changed_at)
        SELECT 'KR1', ('0193f2a1-c5d0-7bb2-a4d1-' || lpad(n::text, 12, '0'))::uuid, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
               1 + n % 5, 'en', CASE WHEN n % 9 = 0 THEN 'hidden' ELSE 'published' END, now(), now() FROM generate_series(1, 45) AS n";
    all.airline.sql().await.batch(written).await.expect("written");
    for (sort, stars, expected) in
        [("newest", "", 40), ("highest", "", 40), ("lowest", "", 40), ("highest", "&stars=3", 8)]
    {
        let (mut seen, mut cursor) = (Vec::new(), String::new());
        loop {
            let page = all.list(&format!("&sort={sort}{stars}&limit=7{cursor}")).await;
            for review in page["reviews"].as_array().expect("a list") {
                seen.push((
                    review["opinion"]["stars"].as_i64(),
                    review["id"].as_str().expect("an id").to_owned(),
                ));
            }
            let Some(next) = page["next_cursor"].as_str() else { break };
            cursor = format!("&cursor={next}");
        }
        let mut sorted = seen.clone();
        match sort {
            "newest" => sorted.sort_by(|a, b| b.1.cmp(&a.1)),
            "highest" => sorted.sort_by(|a, b| b.cmp(a)),
            _ => sorted.sort(),
        }
        sorted.dedup();
        assert_eq!((seen.len(), &seen), (expected, &sorted), "{sort}");
    }
}

#[tokio::test]
async fn staff_hide_what_was_reported_and_decide_about_what_they_read() {
    let all = Flown::new().await;
    let (asha, ben) = (all.passenger("asha@example.com").await, all.passenger("ben@example.com").await);
    all.fly(&[&asha, &ben]).await;
    let id = all.say(&asha, json!({"stars": 1, "comment": "Buy watches"})).await.expect(200).text("/id");
    all.say(&ben, json!({"stars": 5})).await.expect(200);
    all.report(&asha, &id, "spam").await.expect(409).has_code("own_review");
    for _ in 0..2 {
        all.report(&ben, &id, "spam").await.expect(204);
    }
    all.report(&ben, "rev_0193f2a1c5d07bb2a4d1c0ffee00000e", "spam").await.expect(404);
    let waiting = all.waiting().await;
    assert_eq!(
        (waiting.len(), &waiting[0]["waiting_reports"], &waiting[0]["reports"]),
        (1, &json!(1), &json!({"spam": 1}))
    );
    // The writer was quicker: staff look again.
    all.say(&asha, json!({"stars": 2, "comment": "Buy better watches"})).await.expect(200);
    let hide = |version: i64| json!({"decision": "hide", "reason": "spam", "version": version});
    all.decide(&id, hide(1)).await.expect(409).has_code("review_changed");
    all.decide(&id, json!({"decision": "hide", "version": 2})).await.expect(422);
    all.decide(&id, json!({"decision": "publish", "reason": "spam", "version": 2})).await.expect(422);
    all.decide(&id, hide(2)).await.expect(200);
    assert_eq!(all.waiting().await, Vec::<Value>::new());
    assert_eq!(all.list("").await["all"]["histogram"], json!([0, 0, 0, 0, 1]));
    let mine = all.airline.call("GET", &all.path(), Some(&asha), None).await.expect(200);
    assert_eq!((&mine.json["status"], &mine.json["hidden_because"]), (&json!("hidden"), &json!("spam")));
    // What is hidden cannot be reported, for nobody sees it; what it says now waits for staff.
    all.report(&ben, &id, "offensive").await.expect(404);
    all.say(&asha, json!({"stars": 2, "comment": "The seat was broken."})).await.expect(200);
    assert_eq!(
        (all.waiting().await[0]["status"].clone(), all.list("").await["all"]["count"].clone()),
        (json!("pending"), json!(1))
    );
    // Neither another word nor taking it back and writing anew goes past them.
    all.say(&asha, json!({"stars": 1, "comment": "Buy watches"})).await.expect(200);
    assert_eq!(all.waiting().await[0]["status"], "pending");
    all.airline.call("DELETE", &all.path(), Some(&asha), None).await.expect(204);
    all.airline.call("GET", &all.path(), Some(&asha), None).await.expect(404);
    all.airline.call("DELETE", &all.path(), Some(&asha), None).await.expect(404);
    assert_eq!(all.waiting().await, Vec::<Value>::new());
    let again = all.say(&asha, json!({"stars": 2, "comment": "The seat was broken."})).await.expect(200);
    assert_eq!(again.json["status"], "pending");
    let version = all.waiting().await[0]["version"].clone();
    for _ in 0..2 {
        all.decide(&id, json!({"decision": "publish", "version": version})).await.expect(200);
    }
    assert_eq!(all.list("").await["all"]["histogram"], json!([0, 1, 0, 0, 1]));
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn where_staff_look_first_nobody_else_sees_it_before() {
    let airline =
        Airline::with(|config| config.reviews.moderation = platform::config::Moderation::Beforehand).await;
    let all = Flown::of(airline).await;
    let asha = all.passenger("asha@example.com").await;
    all.fly(&[&asha]).await;
    let id = all.say(&asha, json!({"stars": 4})).await.expect(200).text("/id");
    assert_eq!(all.list("").await["reviews"], json!([]));
    all.decide(&id, json!({"decision": "publish", "version": 1})).await.expect(200);
    assert_eq!(all.list("").await["all"]["count"], 1);
    all.say(&asha, json!({"stars": 1})).await.expect(200);
    assert_eq!((all.list("").await["all"]["count"].clone(), all.waiting().await.len()), (json!(0), 1));
    all.airline.assert_sound().await;
}

#[tokio::test]
async fn search_and_flights_show_the_average_of_the_number() {
    let all = Flown::new().await;
    let (asha, ben) = (all.passenger("asha@example.com").await, all.passenger("ben@example.com").await);
    let times = ("2026-06-20T08:35", "2026-06-20T10:35");
    let next = all.airline.flight(&all.admin, "KR1", ("ABE", "ATL"), times, 9).await;
    all.fly(&[&asha, &ben]).await;
    all.say(&asha, json!({"stars": 5})).await.expect(200);
    all.say(&ben, json!({"stars": 4})).await.expect(200);
    all.airline.run_job("follow_ratings").await;
    let expected = json!({"average": 4.5, "count": 2});
    let flight = all.airline.call("GET", &format!("/flights/{next}"), None, None).await.expect(200);
    assert_eq!(flight.json["reviews"], expected);
    let list = all.airline.call("GET", "/flights?date=2026-06-20", None, None).await.expect(200);
    assert_eq!(list.json["flights"][0]["reviews"], expected);
    let found = all
        .airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-20", None, None)
        .await
        .expect(200);
    assert_eq!(found.json["itineraries"][0]["segments"][0]["reviews"], expected);
    // And when the last is taken back there is none.
    for token in [&asha, &ben] {
        all.airline.call("DELETE", &all.path(), Some(token), None).await.expect(204);
    }
    all.airline.run_job("follow_ratings").await;
    let found = all
        .airline
        .call("GET", "/search?origin=ABE&destination=ATL&date=2026-06-20", None, None)
        .await
        .expect(200);
    assert_eq!(found.json["itineraries"][0]["segments"][0]["reviews"], Value::Null);
}

#[tokio::test]
async fn with_an_account_go_its_reviews_and_what_they_counted() {
    let all = Flown::new().await;
    let (asha, ben) = (all.passenger("asha@example.com").await, all.passenger("ben@example.com").await);
    all.fly(&[&asha, &ben]).await;
    let id = all
        .say(&asha, json!({"stars": 1, "crew": 2, "comment": "My name is Asha"}))
        .await
        .expect(200)
        .text("/id");
    let bens = all.say(&ben, json!({"stars": 5})).await.expect(200).text("/id");
    all.report(&ben, &id, "personal_data").await.expect(204);
    all.report(&asha, &bens, "spam").await.expect(204);
    let data = all.airline.call("GET", "/me/export", Some(&asha), None).await.expect(200);
    assert_eq!(data.json["reviews"][0]["opinion"]["comment"], "My name is Asha");
    // Their trip is over, so the account can go.
    all.airline.run_jobs().await;
    all.airline.call("DELETE", "/me", Some(&asha), None).await.expect(204);
    assert_eq!(all.list("").await["all"]["histogram"], json!([0, 0, 0, 0, 1]));
    assert_eq!(all.airline.count("SELECT count(*) FROM reviews").await, 1);
    assert_eq!(all.airline.count("SELECT count(*) FROM review_reports").await, 0);
    all.airline.assert_sound().await;
}
