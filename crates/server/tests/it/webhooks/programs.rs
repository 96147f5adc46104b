//! Webhooks of programs: each is told of what it could ask for, and keeps its own alone.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use server::identity::api::Role;
use server::webhooks::api as webhooks;

use super::receiver::Receiver;
use crate::identity::oauth::{Meeting, form};
use crate::support::{Airline, Reply};

/// An airline with a flight, a program of many users, and where it listens.
struct Scene {
    meeting: Meeting,
    receiver: Receiver,
}

impl Scene {
    async fn new() -> Self {
        let airline = Airline::with(|config| config.webhooks.allow_private = true).await;
        let meeting = Meeting::at(airline, "confidential").await;
        let times = ("2026-06-10T08:35", "2026-06-10T10:35");
        meeting.airline.flight(&meeting.admin, "KR1", ("ABE", "ATL"), times, 50).await;
        let scene = Self { meeting, receiver: Receiver::start().await };
        scene.sent().await;
        scene
    }

    fn airline(&self) -> &Airline {
        &self.meeting.airline
    }

    async fn staff(&self, method: &str, path: &str, body: Value) -> Reply {
        self.airline().call(method, path, Some(&self.meeting.admin), Some(body)).await
    }

    /// A program with these scopes that acts for the account of this address: its id, its token, and the account's own.
    async fn program(&self, email: &str, scopes: Value) -> (String, String, String) {
        let account = self.airline().account(email, Role::Traveller).await;
        let own = self.airline().call("GET", "/profile", Some(&account), None).await.expect(200).text("/id");
        let body = json!({"name": "Travel", "kind": "confidential", "scopes": scopes, "acts_for": own});
        let made = self.staff("POST", "/admin/clients", body).await.expect(201);
        let basic = STANDARD.encode(format!("{}:{}", made.text("/id"), made.text("/secret")));
        let asked = [("grant_type", "client_credentials")];
        let given = form(self.airline(), "/oauth/token", &asked, Some(&basic)).await.expect(200);
        (made.text("/id"), given.text("/access_token"), account)
    }

    async fn add(&self, token: &str, path: &str, events: &[&str]) -> Reply {
        let body = json!({"url": self.receiver.url(path), "events": events});
        self.airline().call("POST", "/webhooks", Some(token), Some(body)).await
    }

    /// A webhook of the program of many users, added by staff.
    async fn of_many(&self, events: &[&str]) -> String {
        let body =
            json!({"url": self.receiver.url("/ok"), "events": events, "client_id": self.meeting.client});
        self.staff("POST", "/admin/webhooks", body).await.expect(201).text("/webhook/id")
    }

    async fn book(&self, token: &str, key: &str) -> String {
        let offer = self.airline().offer("origin=ABE&destination=ATL&date=2026-06-10").await;
        self.airline().hold(token, &offer, key).await.expect(201).text("/id")
    }

    async fn relay(&self) {
        while self.airline().run_job("relay_events").await > 0 {}
    }

    /// What arrives of what happened since the last time: the type and the subject of each.
    async fn sent(&self) -> Vec<(String, String)> {
        self.relay().await;
        webhooks::send_due(&self.airline().app).await.expect("sent");
        let told = |body: &str| {
            let event: Value = serde_json::from_str(body).expect("JSON");
            let text = |name: &str| event[name].as_str().expect("text").to_owned();
            (text("type"), text("subject"))
        };
        self.receiver.take().iter().map(|received| told(&received.body)).collect()
    }

    /// What staff do to flights and promotions: the one is for everybody, the other for nobody else.
    async fn public_and_private(&self) {
        let times = ("2026-06-11T08:35", "2026-06-11T10:35");
        self.airline().flight(&self.meeting.admin, "KR2", ("ABE", "ATL"), times, 9).await;
        let terms = json!({"name": "Spring", "audience": "public", "benefit": {"kind": "percent", "basis_points": 1_000}});
        let promotion = json!({"code": "SPRING", "terms": terms});
        self.staff("POST", "/admin/promotions", promotion).await.expect(201);
    }
}

const OWN: [&str; 4] = ["webhooks:read", "webhooks:write", "bookings:read", "bookings:write"];

#[tokio::test]
async fn a_program_in_its_own_name_is_told_of_its_own_bookings_and_of_flights() {
    let scene = Scene::new().await;
    let (_, token, account) = scene.program("travel@example.com", json!(OWN)).await;
    scene.add(&token, "/ok", &["*"]).await.expect(201);
    let own = scene.book(&account, "a").await;
    scene.book(&scene.meeting.user, "b").await;
    assert_eq!(scene.sent().await, [("booking.held".to_owned(), own.clone())], "another's is not told of");
    scene.public_and_private().await;
    let told: Vec<String> = scene.sent().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(told, ["flight.created"], "promotions are the airline's own");
    // It paid, and the program may not see payments.
    scene.airline().pay(&account, &own, "4242424242424242", "pay").await.expect(201);
    let told: Vec<String> = scene.sent().await.into_iter().map(|(kind, _)| kind).collect();
    assert_eq!(told, ["booking.confirmed"]);
    // Control: the airline's own is told of everything.
    let body = json!({"url": scene.receiver.url("/ok"), "events": ["*"]});
    let all = scene.staff("POST", "/admin/webhooks", body).await.expect(201);
    assert_eq!(all.json["webhook"]["client_id"], Value::Null);
    scene.book(&scene.meeting.user, "c").await;
    assert_eq!(scene.sent().await.len(), 1);
}

#[tokio::test]
async fn a_program_of_many_users_is_told_of_those_who_let_it_and_for_as_long() {
    let scene = Scene::new().await;
    let webhook = scene.of_many(&["booking.*", "flight.*"]).await;
    let user = scene.meeting.user.clone();
    scene.book(&user, "before").await;
    assert_eq!(scene.sent().await, [], "nobody has let it see anything");
    let given = scene.meeting.exchange(&scene.meeting.code().await).await.expect(200);
    let other = scene.airline().account("bela@example.com", Role::Traveller).await;
    scene.book(&other, "another's").await;
    let first = scene.book(&user, "after").await;
    assert_eq!(scene.sent().await, [("booking.held".to_owned(), first.clone())]);
    // Queued while it may, and taken back before it is sent: nothing leaves.
    scene.airline().call("DELETE", &format!("/bookings/{first}"), Some(&user), None).await.expect(200);
    scene.relay().await;
    let waiting = "SELECT count(*) FROM webhook_deliveries WHERE status = 'pending'";
    assert_eq!(scene.airline().count(waiting).await, 1);
    let token = given.text("/refresh_token");
    scene.meeting.form("/oauth/revoke", &[("token", &token)]).await.expect(200);
    assert_eq!(scene.sent().await, [], "its user does not let it any more");
    let path = format!("/admin/webhooks/{webhook}/deliveries?status=failed");
    let failed = scene.airline().call("GET", &path, Some(&scene.meeting.admin), None).await.expect(200);
    assert_eq!(failed.text("/deliveries/0/type"), "booking.cancelled");
    assert_eq!(failed.text("/deliveries/0/attempts/0/error"), "not_told");
    // Nor by a replay, of one or of a span.
    let one = format!("/admin/webhooks/{webhook}/deliveries/{}/replay", failed.text("/deliveries/0/id"));
    scene.staff("POST", &one, json!({})).await.expect(201);
    let span =
        json!({"since": "2026-01-01T00:00:00Z", "until": "2027-01-01T00:00:00Z", "events": ["booking.*"]});
    let queued = scene.staff("POST", &format!("/admin/webhooks/{webhook}/replay"), span).await.expect(200);
    assert_eq!(queued.json["queued"], 0);
    assert_eq!(scene.sent().await, []);
    // Flights it hears of until it is disabled.
    scene.public_and_private().await;
    assert_eq!(scene.sent().await.len(), 1);
    let client = format!("/admin/clients/{}", scene.meeting.client);
    scene.staff("PATCH", &client, json!({"disabled": true})).await.expect(200);
    let times = ("2026-06-12T08:35", "2026-06-12T10:35");
    scene.airline().flight(&scene.meeting.admin, "KR3", ("ABE", "ATL"), times, 9).await;
    assert_eq!(scene.sent().await, []);
}

/// A token in a user's name opens nothing of the program's, or each user could listen to all the others: no user can give it.
#[tokio::test]
async fn what_is_a_programs_own_is_no_users_to_give() {
    let scene = Scene::new().await;
    let client = format!("/admin/clients/{}", scene.meeting.client);
    let refused = scene.staff("PATCH", &client, json!({"scopes": OWN})).await.expect(422);
    assert_eq!(refused.text("/field"), "scopes");
    // One that acts for an account as well, and has users.
    let own = scene.airline().account("own@example.com", Role::Traveller).await;
    let own = scene.airline().call("GET", "/profile", Some(&own), None).await.expect(200).text("/id");
    let body = json!({"name": "Both", "kind": "confidential", "scopes": OWN, "acts_for": own,
        "redirect_uris": ["https://agency.example/back"]});
    let both = scene.staff("POST", "/admin/clients", body).await.expect(201).text("/id");
    let mut asked = scene.meeting.asked();
    asked["client_id"] = json!(both);
    asked["scope"] = json!("bookings:read webhooks:write");
    let refused = scene.meeting.decide(asked.clone(), true).await.expect(422);
    assert_eq!(refused.text("/field"), "scope");
    asked["scope"] = json!("bookings:read");
    scene.meeting.decide(asked, true).await.expect(200);
    let listed = scene.airline().call("GET", "/webhooks", Some(&scene.meeting.user), None).await.expect(403);
    assert_eq!(listed.code(), "programs_only");
}

/// What it may not be told of any more it is not shown in its log either, nor sent again.
#[tokio::test]
async fn the_log_tells_no_more_than_what_is_sent() {
    let scene = Scene::new().await;
    let (client, token, account) = scene.program("travel@example.com", json!(OWN)).await;
    let webhook = scene.add(&token, "/ok", &["*"]).await.expect(201).text("/webhook/id");
    scene.book(&account, "a").await;
    assert_eq!(scene.sent().await.len(), 1);
    let log = format!("/webhooks/{webhook}/deliveries");
    let seen = scene.airline().call("GET", &log, Some(&token), None).await.expect(200);
    assert!(seen.text("/deliveries/0/body").contains("booking.held"));
    let scopes = json!({"scopes": ["webhooks:read", "webhooks:write"]});
    scene.staff("PATCH", &format!("/admin/clients/{client}"), scopes).await.expect(200);
    let seen = scene.airline().call("GET", &log, Some(&token), None).await.expect(200);
    let one = format!("{log}/{}", seen.text("/deliveries/0/id"));
    let alone = scene.airline().call("GET", &one, Some(&token), None).await.expect(200);
    assert_eq!((&seen.json["deliveries"][0]["body"], &alone.json["body"]), (&Value::Null, &Value::Null));
    let again = scene.airline().call("POST", &format!("{one}/replay"), Some(&token), None).await.expect(409);
    assert_eq!(again.code(), "not_told_any_more");
    // Staff see what was sent.
    let seen = scene.staff("GET", &format!("/admin{log}"), json!({})).await.expect(200);
    assert!(seen.text("/deliveries/0/body").contains("booking.held"));
}

#[tokio::test]
async fn what_staff_keep_off_stays_off() {
    let scene = Scene::new().await;
    let (_, token, _) = scene.program("travel@example.com", json!(OWN)).await;
    let webhook = scene.add(&token, "/ok", &["*"]).await.expect(201).text("/webhook/id");
    let own = format!("/webhooks/{webhook}");
    let asked = async |method: &str, body: Value| {
        let reply = scene.airline().call(method, &own, Some(&token), Some(body)).await;
        (reply.status.as_u16(), reply.code().to_owned())
    };
    // What it does itself it undoes itself.
    assert_eq!(asked("PATCH", json!({"enabled": false})).await.0, 200);
    assert_eq!(asked("PATCH", json!({"enabled": true})).await.0, 200);
    let off = scene.staff("PATCH", &format!("/admin{own}"), json!({"enabled": false})).await.expect(200);
    assert_eq!(off.text("/disabled_reason"), "staff");
    let refused = (409, "webhook_disabled_by_staff".to_owned());
    assert_eq!(asked("PATCH", json!({"enabled": true})).await, refused);
    assert_eq!(asked("DELETE", json!({})).await, refused);
    scene.staff("PATCH", &format!("/admin{own}"), json!({"enabled": true})).await.expect(200);
    assert_eq!(asked("DELETE", json!({})).await.0, 204);
}

/// However many come at once: they are counted one after the other.
#[tokio::test]
async fn of_thirty_at_once_ten_are_added() {
    let scene = Scene::new().await;
    let (_, token, _) = scene.program("travel@example.com", json!(OWN)).await;
    let adding = (0..30).map(|_| scene.add(&token, "/ok", &["flight.*"]));
    let added = futures_util::future::join_all(adding).await;
    assert_eq!(added.iter().filter(|reply| reply.status == 201).count(), 10);
    assert!(added.iter().all(|reply| [201, 409].contains(&reply.status.as_u16())));
}

#[tokio::test]
async fn what_would_never_be_told_and_what_is_anothers_is_refused() {
    let scene = Scene::new().await;
    let (id, token, _) = scene.program("travel@example.com", json!(OWN)).await;
    for (events, part) in [
        (["payment.*"], "payments:read"),
        (["promotion.filed"], "flight.*"),
        (["refund.failed"], "refund.succeeded"),
    ] {
        let refused = scene.add(&token, "/ok", &events).await.expect(422);
        assert_eq!(refused.text("/field"), "events");
        assert!(refused.text("/detail").contains(part), "{}", refused.json);
    }
    let of_another =
        |client: &str| json!({"url": scene.receiver.url("/ok"), "events": ["*"], "client_id": client});
    let asked = of_another(&scene.meeting.client);
    let refused = scene.airline().call("POST", "/webhooks", Some(&token), Some(asked)).await.expect(422);
    assert_eq!(refused.text("/field"), "client_id");
    let unknown = of_another("cli_0193f2a1c5d07bb2a4d1c0ffee000001");
    let refused = scene.staff("POST", "/admin/webhooks", unknown).await.expect(422);
    assert_eq!(refused.text("/field"), "client_id");
    // It may name itself; then it has what it is shown, a page at a time, and nothing of the airline's.
    let mine = of_another(&id);
    scene.airline().call("POST", "/webhooks", Some(&token), Some(mine)).await.expect(201);
    let of_staff = json!({"url": scene.receiver.url("/ok"), "events": ["*"]});
    let airlines = scene.staff("POST", "/admin/webhooks", of_staff).await.expect(201).text("/webhook/id");
    for _ in 1..10 {
        scene.add(&token, "/ok", &["flight.*"]).await.expect(201);
    }
    assert_eq!(scene.add(&token, "/ok", &["flight.*"]).await.expect(409).code(), "too_many_webhooks");
    let page = scene.airline().call("GET", "/webhooks?limit=8", Some(&token), None).await.expect(200);
    let next = format!("/webhooks?limit=8&cursor={}", page.text("/next_cursor"));
    let rest = scene.airline().call("GET", &next, Some(&token), None).await.expect(200);
    let listed = |page: &Reply| page.json["webhooks"].as_array().expect("webhooks").len();
    assert_eq!((listed(&page), listed(&rest), &rest.json["next_cursor"]), (8, 2, &Value::Null));
    let path = format!("/webhooks/{airlines}");
    scene.airline().call("GET", &path, Some(&token), None).await.expect(404);
    // Staff see both.
    let all = scene.staff("GET", "/admin/webhooks", json!({})).await.expect(200);
    assert_eq!(listed(&all), 11);
}
