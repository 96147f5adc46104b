//! Pushes, read by a browser at a push service on a socket.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use ::platform::config::Config;
use ::platform::messages::Locale;
use axum::Router;
use axum::body::Body;
use axum::http::StatusCode;
use data_encoding::BASE64URL_NOPAD;
use jiff::SignedDuration;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use kernel::{Clock, NotificationId, UserId};
use serde_json::{Value, json};
use server::push::api::ToPush;
use testkit::push::{Browser, PushService, Received};
use tokio::net::TcpListener;

use super::{Told, tell_with};
use crate::support::protected::{fixture, serve_protected};
use crate::support::{request, send};

/// How often all that wait were tried.
const TRIES: &str = "SELECT sum(tries) FROM pushes";

/// A traveller who flies tomorrow week, with a browser.
struct Pushed {
    told: Told,
    service: PushService,
    browser: Browser,
}

impl Pushed {
    async fn new() -> Self {
        Self::with(|_| {}).await
    }

    async fn with(change: impl FnOnce(&mut Config)) -> Self {
        let service = PushService::start().await.expect("a service");
        let told = Told::with(|config| {
            config.push.services = vec!["127.0.0.1".into()];
            config.push.allow_private = true;
            change(config);
        })
        .await;
        let pushed = Self { told, service, browser: Browser::new().expect("keys") };
        pushed.told.booked(&pushed.told.token, "traveller@example.com", "b1").await;
        pushed.told.tell().await;
        pushed.add("one").await;
        pushed
    }

    async fn add(&self, name: &str) -> String {
        let endpoint = self.service.endpoint(name);
        self.told.add(&self.told.token, &endpoint, &self.browser).await.expect(201).text("/id")
    }

    /// The flight is so late from now on, and that is told.
    async fn late(&self, minutes: i64) {
        self.told.change(json!({"delay_minutes": minutes})).await;
        self.told.tell().await;
    }

    async fn send(&self) -> u64 {
        self.told.airline.run_job("send_pushes").await
    }

    /// What came, read.
    fn read(&self) -> Vec<Value> {
        let read = |push: Received| self.browser.read(&push.body).expect("it is for this browser");
        let read = |push| serde_json::from_slice(&read(push)).expect("JSON");
        self.service.take().into_iter().map(read).collect()
    }

    async fn waiting(&self) -> i64 {
        self.told.airline.count("SELECT count(*) FROM pushes").await
    }

    /// The flight is so late, and its service does not take that; how many browsers are left.
    async fn missed(&self, minutes: i64) -> usize {
        self.service.answer("413 Payload Too Large");
        self.late(minutes).await;
        self.send().await;
        self.told.browsers(&self.told.token).await.len()
    }

    /// As if it had failed so much longer.
    async fn failing_for(&self, days: i32) {
        let longer = "UPDATE push_subscriptions SET failing_since = failing_since - $1 * interval '1 day'";
        let sql = self.told.airline.sql().await;
        sql.execute(longer, &[&f64::from(days)]).await.expect("longer");
    }

    fn later(&self, seconds: i64) {
        self.told.airline.later(SignedDuration::from_secs(seconds));
    }
}

/// The example of RFC 8291, section 5 and appendix A: what reads pushes here reads what others write.
#[test]
fn the_browser_of_these_tests_reads_the_standards_example() {
    let browser = Browser::with_keys("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94", "BTBZMqHH6r4Tts7J_aSIgg");
    let browser = browser.expect("keys");
    let public = "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    assert_eq!(browser.p256dh(), public);
    let content = "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWAmS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxsj_Qulcy4a-fN";
    let content = BASE64URL_NOPAD.decode(content.as_bytes()).expect("base64url");
    assert_eq!(browser.read(&content).expect("read"), b"When I grow up, I want to be a watermelon");
    assert!(Browser::new().expect("keys").read(&content).is_err(), "nobody else does");
}

#[tokio::test]
async fn a_push_says_what_the_inbox_says_and_only_its_browser_reads_it() {
    let pushed = Pushed::new().await;
    pushed.late(60).await;
    assert_eq!(pushed.send().await, 1);
    let [push] = pushed.service.take().try_into().expect("one push");
    let said: Value =
        serde_json::from_slice(&pushed.browser.read(&push.body).expect("it is its own")).expect("JSON");
    let told = pushed.told.inbox(&pushed.told.token).await;
    for member in ["id", "kind", "title", "text", "booking_id"] {
        assert_eq!(said[member], told[0][member], "{said}");
    }
    assert_eq!((&said["kind"], &said["lang"]), (&json!("delay"), &json!("en")));
    assert!(Browser::new().expect("keys").read(&push.body).is_err());
    assert_eq!(push.path, "/one");
    for (name, value) in [("content-encoding", "aes128gcm"), ("urgency", "high")] {
        assert_eq!(push.header(name), Some(value));
    }
    let kept: i64 = push.header("ttl").expect("a time to live").parse().expect("seconds");
    assert!((1..=24 * 3_600).contains(&kept), "{kept}");
    let list = pushed.told.airline.call("GET", "/push-subscriptions", Some(&pushed.told.token), None).await;
    let list = list.expect(200);
    is_signed(&push, &list.text("/public_key"), &format!("http://127.0.0.1:{}", pushed.service.port));
    assert_eq!(list.json["subscriptions"][0]["reached_at"], pushed.told.airline.app.now().to_string());
    // The second version takes the place of the first, on the screen as in the inbox.
    pushed.late(120).await;
    assert_eq!((pushed.send().await, pushed.send().await), (1, 0));
    let [later] = pushed.service.take().try_into().expect("one push");
    assert_eq!(later.header("topic"), push.header("topic"));
    assert!(push.header("topic").is_some_and(|topic| topic.len() == 32));
    let next: Value =
        serde_json::from_slice(&pushed.browser.read(&later.body).expect("it is its own")).expect("JSON");
    assert_eq!(next["tag"], said["tag"]);
    assert_ne!(next["text"], said["text"]);
}

/// By us, to that service, for at most a day (RFC 8292 section 2).
fn is_signed(push: &Received, public: &str, origin: &str) {
    let value = push.header("authorization").expect("a signature");
    let (token, key) = value.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect(value);
    assert_eq!(key, public);
    let mut validation = Validation::new(Algorithm::ES256);
    validation.set_audience(&[origin]);
    validation.validate_exp = false;
    let key = DecodingKey::from_ec_der(&BASE64URL_NOPAD.decode(key.as_bytes()).expect("base64url"));
    let claims = jsonwebtoken::decode::<Value>(token, &key, &validation).expect("it is ours").claims;
    let noon = "2026-06-01T12:00:00Z".parse::<jiff::Timestamp>().expect("an instant").as_second();
    let lasts = claims["exp"].as_i64().expect("an end") - noon;
    assert!((1..=24 * 3_600).contains(&lasts), "{lasts}");
    assert!(claims["sub"].as_str().is_some_and(|contact| contact.starts_with("mailto:")), "{claims}");
}

#[tokio::test]
async fn what_is_read_taken_back_or_not_wanted_is_not_pushed() {
    let pushed = Pushed::new().await;
    let token = Some(pushed.told.token.as_str());
    pushed.late(60).await;
    let id = pushed.told.inbox(&pushed.told.token).await[0]["id"].as_str().expect("an id").to_owned();
    let path = format!("/notifications/{id}");
    pushed.told.airline.call("PATCH", &path, token, Some(json!({"read": true}))).await.expect(200);
    assert_eq!((pushed.send().await, pushed.read().len(), pushed.waiting().await), (1, 0, 0));
    // Told of 120 minutes, and then it is 180: the first is not so any more when it is sent.
    pushed.late(120).await;
    pushed.told.change(json!({"delay_minutes": 180})).await;
    assert_eq!((pushed.send().await, pushed.read().len()), (1, 0));
    pushed.told.tell().await;
    assert_eq!((pushed.send().await, pushed.read().len()), (1, 1));
    let off = json!({"preferences": [{"kind": "delay", "push": false}]});
    let wishes =
        pushed.told.airline.call("PATCH", "/notifications/preferences", token, Some(off)).await.expect(200);
    let all = wishes.json["preferences"].as_array().expect("a list");
    let of = |kind: &str| all.iter().find(|one| one["kind"] == kind).expect("the kind").clone();
    assert_eq!((&of("delay")["push"], &of("delay")["email"]), (&json!(false), &json!(true)));
    assert_eq!((&of("payment")["push"], &of("gate")["push"]), (&json!(false), &json!(true)));
    pushed.late(240).await;
    assert_eq!((pushed.send().await, pushed.waiting().await), (0, 0));
    // Another way leaves this one as it is.
    let mails = json!({"preferences": [{"kind": "delay", "email": true}]});
    pushed.told.airline.call("PATCH", "/notifications/preferences", token, Some(mails)).await.expect(200);
    pushed.late(300).await;
    assert_eq!(pushed.waiting().await, 0);
    // A reader of Hindi reads Hindi.
    let on = json!({"preferences": [{"kind": "delay", "push": true}]});
    pushed.told.airline.call("PATCH", "/notifications/preferences", token, Some(on)).await.expect(200);
    pushed.told.airline.call("PATCH", "/profile", token, Some(json!({"locale": "hi"}))).await.expect(200);
    pushed.late(360).await;
    pushed.send().await;
    let [hindi] = pushed.read().try_into().expect("one push");
    let in_hindi = pushed.told.airline.router();
    let mut asked = request("GET", "/api/v1/notifications", token, None, None);
    asked.headers_mut().insert("accept-language", "hi".parse().expect("a language"));
    let inbox = send(in_hindi, asked.map(|_: Body| Body::empty())).await.expect(200);
    assert_eq!((&hindi["title"], &hindi["lang"]), (&inbox.json["notifications"][0]["title"], &json!("hi")));
}

#[tokio::test]
async fn what_a_service_answers_ends_a_push_or_a_browser_or_puts_it_off() {
    let pushed = Pushed::new().await;
    for (minutes, refused) in [(30, "400 Bad Request"), (60, "413 Payload Too Large")] {
        pushed.service.answer(refused);
        pushed.late(minutes).await;
        assert_eq!((pushed.send().await, pushed.waiting().await), (1, 0), "{refused}");
    }
    pushed.service.answer("503 Unavailable");
    pushed.late(120).await;
    assert_eq!((pushed.send().await, pushed.waiting().await), (1, 1));
    assert_eq!(pushed.send().await, 0, "not at once");
    pushed.service.answer("429 Too Many Requests\r\nretry-after: 3600");
    pushed.later(13);
    assert_eq!(pushed.send().await, 1);
    pushed.later(3_599);
    assert_eq!(pushed.send().await, 0, "as late as the service wants");
    pushed.service.answer("201 Created");
    pushed.service.take();
    pushed.later(2);
    assert_eq!((pushed.send().await, pushed.read().len(), pushed.waiting().await), (1, 1, 0));
    // A wait that no calendar has is longer than it is worth, and nothing worse.
    pushed.service.answer("503 Unavailable\r\nretry-after: 9223372036854775807");
    pushed.late(150).await;
    assert_eq!((pushed.send().await, pushed.waiting().await), (1, 0));
    pushed.add("two").await;
    for (minutes, gone) in [(180, "410 Gone"), (210, "404 Not Found")] {
        pushed.service.answer(gone);
        pushed.late(minutes).await;
        assert_eq!((pushed.send().await, pushed.waiting().await), (2, 0), "{gone}");
        assert!(pushed.told.browsers(&pushed.told.token).await.is_empty(), "{gone}");
        pushed.add("one").await;
        pushed.add("two").await;
    }
}

/// A redirect is not followed: it could lead to where no service is.
#[tokio::test]
async fn a_browser_for_which_all_comes_to_nothing_is_removed() {
    let pushed = Pushed::new().await;
    pushed.service.answer("307 Temporary Redirect\r\nlocation: /elsewhere");
    pushed.late(60).await;
    pushed.send().await;
    assert_eq!((pushed.service.take().len(), pushed.waiting().await), (1, 1));
    let sql = pushed.told.airline.sql().await;
    sql.execute("DELETE FROM pushes", &[]).await.expect("given up");
    // Over weeks, but few.
    assert_eq!((pushed.missed(120).await, pushed.missed(180).await, pushed.missed(240).await), (1, 1, 1));
    pushed.failing_for(15).await;
    assert_eq!(pushed.missed(300).await, 1);
    // Many, but within days.
    pushed.failing_for(-2).await;
    assert_eq!((pushed.missed(360).await, pushed.missed(420).await), (1, 1));
    pushed.failing_for(1).await;
    assert_eq!(pushed.missed(480).await, 0);
}

/// One that came there is the end of all that did not, and so is adding the browser again.
#[tokio::test]
async fn a_push_that_is_taken_makes_up_for_those_before() {
    let pushed = Pushed::new().await;
    for round in 1..=4 {
        pushed.missed(60 * round).await;
    }
    pushed.failing_for(15).await;
    pushed.service.answer("201 Created");
    pushed.late(300).await;
    pushed.send().await;
    for round in 6..=9 {
        assert_eq!(pushed.missed(60 * round).await, 1);
    }
    pushed.failing_for(15).await;
    pushed.add("one").await;
    assert_eq!(pushed.missed(600).await, 1);
}

/// What is told to many waits for what is told to one, and nobody is told anything when it is too late.
#[tokio::test]
async fn what_is_told_to_many_goes_last_and_nothing_goes_too_late() {
    let pushed = Pushed::new().await;
    pushed.late(60).await;
    let many = "INSERT INTO pushes (user_id, id, subscription_id, notification_id, locale, is_bulk, created_at, due_at, gives_up_at)
        SELECT user_id, gen_random_uuid(), subscription_id, gen_random_uuid(), locale, true, created_at, due_at - interval '1 hour', gives_up_at
        FROM pushes, generate_series(1, 40)";
    pushed.told.airline.sql().await.execute(many, &[]).await.expect("queued");
    assert_eq!((pushed.send().await, pushed.read().len()), (32, 1));
    pushed.later(96 * 3_600);
    assert_eq!((pushed.send().await, pushed.waiting().await), (0, 9));
}

/// A service that fails is left alone, and that is no try of what waits for it.
#[tokio::test]
async fn a_service_that_fails_is_left_alone() {
    let pushed = Pushed::with(|config| {
        (config.breakers.calls_min, config.breakers.open_seconds) = (6, 3_600);
    })
    .await;
    pushed.add("two").await;
    pushed.service.answer("503 Unavailable");
    pushed.late(60).await;
    assert_eq!((pushed.send().await, pushed.service.take().len()), (2, 2));
    pushed.later(13);
    assert_eq!((pushed.send().await, pushed.service.take().len()), (2, 0));
    assert_eq!((pushed.waiting().await, pushed.told.airline.count(TRIES).await), (2, 2));
}

/// Anybody can make a name up below a service's: that it leads nowhere, or inside, says nothing of the service.
#[tokio::test]
async fn a_name_that_leads_nowhere_is_not_the_services_failure() {
    let pushed = Pushed::with(|config| {
        config.push.services.extend(["localhost".into(), "*.invalid".into()]);
        (config.breakers.calls_min, config.breakers.open_seconds) = (6, 3_600);
    })
    .await;
    let airline = &pushed.told.airline;
    airline.sql().await.execute("DELETE FROM push_subscriptions", &[]).await.expect("none but these");
    // A label has at most 63 letters (RFC 1035 section 2.3.4): nobody need be asked to find that it is no name.
    let no_name = "x".repeat(64);
    for browser in ["one", "two"] {
        for host in ["localhost", &format!("{no_name}.invalid")] {
            let endpoint = format!("https://{host}/{browser}");
            pushed.told.add(&pushed.told.token, &endpoint, &pushed.browser).await.expect(201);
        }
    }
    pushed.late(60).await;
    let mut config = airline.app.config.clone();
    config.push.allow_private = false;
    let strict = airline.app_with(config, Arc::clone(&airline.clock) as Arc<dyn Clock>);
    for tries in [4, 8] {
        assert_eq!(server::push::api::send_due(&strict).await.expect("tried"), 4);
        assert_eq!(airline.count(TRIES).await, tries, "each is tried each time");
        pushed.later(13);
    }
}

/// Nothing goes to a service that was taken from the settings, and its browsers go.
#[tokio::test]
async fn a_service_that_is_called_no_more_loses_its_browsers() {
    let pushed = Pushed::new().await;
    pushed.late(60).await;
    let airline = &pushed.told.airline;
    let mut config = airline.app.config.clone();
    config.push.services = vec!["push.example.com".into()];
    let other = airline.app_with(config, Arc::clone(&airline.clock) as Arc<dyn Clock>);
    assert_eq!(server::push::api::send_due(&other).await.expect("ended"), 1);
    assert_eq!((pushed.service.take().len(), pushed.waiting().await), (0, 0));
    assert!(pushed.told.browsers(&pushed.told.token).await.is_empty());
}

/// As whoever told what was told already would.
async fn queue_again(pushed: &Pushed) {
    let app = &pushed.told.airline.app;
    let sql = pushed.told.airline.sql().await;
    let row =
        sql.query_one("SELECT user_id, notification_id FROM pushes LIMIT 1", &[]).await.expect("a push");
    let again = ToPush {
        user: UserId::from_uuid(row.get(0)),
        notification: NotificationId::from_uuid(row.get(1)),
        locale: Locale::En,
        is_bulk: false,
        worth_until: app.now() + SignedDuration::from_hours(1),
    };
    server::push::api::queue(app, &sql, &[again]).await.expect("none is added");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn processes_that_send_at_once_send_each_once_and_what_one_leaves_is_taken_up() {
    let pushed = Pushed::new().await;
    for name in ["two", "three", "four"] {
        pushed.add(name).await;
    }
    pushed.late(60).await;
    let (other, _) = pushed.told.airline.second_server().await;
    // It was told before, and is not told again.
    tell_with(&other).await;
    queue_again(&pushed).await;
    assert_eq!(pushed.waiting().await, 4);
    let (app, other) = (&pushed.told.airline.app, &other);
    let (one, two) = tokio::join!(server::push::api::send_due(app), server::push::api::send_due(other));
    assert_eq!(one.expect("sent") + two.expect("sent"), 4);
    assert_eq!(pushed.read().len(), 4);
    // A process that dies with what it has claimed.
    pushed.late(120).await;
    let claimed = "UPDATE pushes SET due_at = due_at + interval '30 seconds', tries = 1";
    pushed.told.airline.sql().await.execute(claimed, &[]).await.expect("claimed");
    assert_eq!(pushed.send().await, 0);
    pushed.later(31);
    // What another is claiming at this moment is not waited for.
    let held = pushed.told.airline.holding("SELECT 1 FROM pushes LIMIT 1 FOR UPDATE").await;
    assert_eq!(pushed.send().await, 3);
    held.commit().await.expect("let go");
    assert_eq!((pushed.send().await, pushed.read().len()), (1, 4));
}

/// In an airline's own settings nothing on this machine is called, whatever a browser says and its name resolves to.
#[tokio::test]
async fn nothing_inside_is_called() {
    let came = Arc::new(AtomicUsize::new(0));
    let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
    let port = listener.local_addr().expect("an address").port();
    let counted = Arc::clone(&came);
    let taken = move || {
        counted.fetch_add(1, Ordering::Relaxed);
        async { StatusCode::CREATED }
    };
    serve_protected(listener, Router::new().fallback(taken));
    let told = Told::with(|config| {
        config.push.services = vec!["localhost".into()];
        config.push.ca_file = fixture("ca.pem");
        config.push.allow_private = true;
    })
    .await;
    told.booked(&told.token, "traveller@example.com", "b1").await;
    told.tell().await;
    let browser = Browser::new().expect("keys");
    told.add(&told.token, &format!("https://localhost:{port}/one"), &browser).await.expect(201);
    told.change(json!({"delay_minutes": 60})).await;
    told.tell().await;
    // The same database, in an airline's own settings.
    let airline = &told.airline;
    let mut config = airline.app.config.clone();
    config.push.allow_private = false;
    let strict = airline.app_with(config, Arc::clone(&airline.clock) as Arc<dyn Clock>);
    assert_eq!(server::push::api::send_due(&strict).await.expect("tried"), 1);
    assert_eq!((came.load(Ordering::Relaxed), airline.count("SELECT count(*) FROM pushes").await), (0, 1));
    airline.later(SignedDuration::from_secs(13));
    assert_eq!(airline.run_job("send_pushes").await, 1);
    assert_eq!((came.load(Ordering::Relaxed), airline.count("SELECT count(*) FROM pushes").await), (1, 0));
    // What nobody can be told any more waits for nothing.
    told.change(json!({"delay_minutes": 120})).await;
    told.tell().await;
    airline.later(SignedDuration::from_hours(96));
    assert_eq!(airline.run_job("give_up_pushes").await, 1);
}

/// A session that was ended by a process of an older release left its browser; nothing goes there, and it goes. What such a process leaves of
/// an erased account goes too.
#[tokio::test]
async fn what_an_older_release_leaves_behind_gets_nothing() {
    let pushed = Pushed::new().await;
    let sql = pushed.told.airline.sql().await;
    let ended = "UPDATE sessions SET ended_at = now(), end_cause = 'signed_out' WHERE id = (SELECT session_id FROM push_subscriptions)";
    sql.execute(ended, &[]).await.expect("ended");
    pushed.late(60).await;
    assert_eq!((pushed.send().await, pushed.service.take().len()), (1, 0));
    assert_eq!(pushed.told.airline.count("SELECT count(*) FROM push_subscriptions").await, 0);
    let nobodys = "INSERT INTO push_subscriptions VALUES (gen_random_uuid(), gen_random_uuid(), gen_random_uuid(), '', '', now())";
    sql.execute(nobodys, &[]).await.expect("left");
    assert_eq!(pushed.told.airline.run_job("forget_browsers_of_the_erased").await, 1);
    assert_eq!(pushed.told.airline.count("SELECT count(*) FROM push_subscriptions").await, 0);
}

/// Whoever erases an account takes its browsers first and what is on its way to them last. Whoever sends goes the same way: the one waits for
/// the other, and neither for ever.
#[tokio::test]
async fn an_account_is_erased_while_a_push_of_it_is_written_down() {
    let pushed = Pushed::new().await;
    pushed.late(60).await;
    let airline = &pushed.told.airline;
    let erasing = airline.holding("DELETE FROM push_subscriptions").await;
    let app = airline.app.clone();
    let sending = tokio::spawn(async move { server::push::api::send_due(&app).await });
    airline.until_it_waits(&sending).await;
    erasing.batch("DELETE FROM pushes").await.expect("nobody holds it who waits for a browser");
    erasing.commit().await.expect("committed");
    assert_eq!(sending.await.expect("no panic").expect("sent"), 1);
    assert_eq!((pushed.read().len(), pushed.waiting().await), (1, 0));
}
