//! Who may do what to whose: every operation of the OpenAPI document, asked by everybody there is, of what is theirs and of what is
//! another's. An operation whose path names an object this file does not have fails here, so that none is left out.

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::access::Permission;
use server::extras::import::import_extras;
use server::flights::import::File;
use server::identity::api::Role;

use crate::identity::oidc::Browser;
use crate::identity::oidc::fake::Fake;
use crate::identity::second_factor;
use crate::support::{Airline, Reply, booking_body, request, send};

const CARD: &str = "4242424242424242";
const EXTRAS: &str =
    "code,kind,name,per,unit,kg,price,currency,cabins,passengers,most,stock,refund,closes_minutes
album,other,Album,slice,one,,1000,USD,economy,adult,9,,24:100,60
";
/// Refusals that say who is asking, and not what they asked.
const OF_WHO: [&str; 7] = [
    "unauthenticated",
    "insufficient_scope",
    "owner_only",
    "programs_only",
    "forbidden",
    "second_factor_required",
    "step_up_required",
];

/// An operation as the document declares it.
struct Operation {
    method: String,
    path: String,
    access: String,
    permission: Option<Permission>,
    /// What its documentation sends.
    example: Option<Value>,
}

/// Every operation, those that only look first and those that take away last, so that what is asked of is there for all.
fn operations() -> Vec<Operation> {
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let mut found = Vec::new();
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("operations") {
            let permission = operation["x-permission"].as_str();
            found.push(Operation {
                method: method.to_uppercase(),
                path: path.clone(),
                access: operation["x-access"].as_str().expect("a policy").to_owned(),
                permission: permission
                    .map(|name| Permission::all().find(|one| one.as_str() == name).expect("a permission")),
                example: example(&document, operation),
            });
        }
    }
    let order = |operation: &Operation| {
        let place =
            ["GET", "PATCH", "PUT", "POST", "DELETE"].iter().position(|method| *method == operation.method);
        let ends_all = ["/me/sessions", "/me/second-factors/{id}", "/me/providers/{id}"]
            .iter()
            .any(|end| operation.path.ends_with(end))
            && operation.method == "DELETE";
        // Whoever begins to add a second factor anew forgets the one that was begun.
        let forgets = operation.path.ends_with("/second-factors/totp");
        // Whoever deletes their account is nobody afterwards.
        let leaves = operation.path == "/api/v1/me";
        (leaves, operation.path.ends_with("/logout") || ends_all || forgets, place)
    };
    found.sort_by_key(order);
    found
}

fn example(document: &Value, operation: &Value) -> Option<Value> {
    let schema = &operation["requestBody"]["content"]["application/json"]["schema"];
    let name = schema["$ref"].as_str()?.rsplit('/').next()?;
    Some(document["components"]["schemas"][name]["example"].clone())
}

/// What the owner has: the path of each object, and what is to be sent to it where an example would not do.
struct Belongings {
    airline: Airline,
    owner: String,
    /// The program that has webhooks, and another like it.
    programs: [String; 2],
    paths: BTreeMap<&'static str, String>,
    bodies: BTreeMap<&'static str, Value>,
}

impl Belongings {
    async fn gather() -> Self {
        let fake = Fake::start().await;
        let airline = Airline::with(|config| {
            config.auth.step_up_minutes = 60 * 24 * 7;
            config.webhooks.allow_private = true;
            fake.add_to(config, "example");
        });
        let airline = airline.await;
        let (admin, owner) = (airline.admin().await, airline.traveller().await);
        let extras = File { name: "extras.csv", bytes: EXTRAS.as_bytes() };
        import_extras(&airline.app.db, airline.app.now(), extras).await.expect("extras");
        for (number, date) in [("KR1", "2026-06-10"), ("KR2", "2026-06-20")] {
            let times = (format!("{date}T08:35"), format!("{date}T10:35"));
            airline.flight(&admin, number, ("ABE", "ATL"), (&times.0, &times.1), 9).await;
        }
        let programs = [String::new(), String::new()];
        let mut all = Self { airline, owner, programs, paths: BTreeMap::new(), bodies: BTreeMap::new() };
        let (held, paid) = (all.held().await, all.paid().await);
        all.book_paths(&held, &paid);
        all.quotes(&held, &paid).await;
        all.provider(&fake).await;
        all.of_the_account().await;
        all.of_programs().await;
        all.told().await;
        all.pushed().await;
        all.reviewed().await;
        all.asked().await;
        all.watched().await;
        all
    }

    /// What the owner was told.
    async fn told(&mut self) {
        self.airline.run_job("relay_events").await;
        self.airline.run_job("tell_news").await;
        let list = self.airline.call("GET", "/notifications", Some(&self.owner), None).await.expect(200);
        let id = list.text("/notifications/0/id");
        self.paths.insert("/notifications/{id}", format!("/notifications/{id}"));
        self.bodies.insert("/notifications/read", json!({"until": id}));
    }

    /// What the owner asked for help with.
    async fn asked(&mut self) {
        let file = request("POST", "/api/v1/support/attachments?name=bag.png", Some(&self.owner), None, None);
        let file =
            send(self.airline.router(), file.map(|_| axum::body::Body::from(crate::support_tickets::PNG)))
                .await;
        let file = file.expect(201).text("/id");
        let new =
            json!({"category": "baggage", "subject": "My bag", "text": "It is blue.", "attachments": [file]});
        let id = self.post("/support/tickets", new, "ticket").await.text("/ticket/id");
        let ticket = format!("/support/tickets/{id}");
        for (template, path) in [
            ("/support/tickets/{id}", ticket.clone()),
            ("/support/tickets/{id}/messages", format!("{ticket}/messages")),
            ("/support/tickets/{id}/resolve", format!("{ticket}/resolve")),
            ("/support/attachments/{id}", format!("/support/attachments/{file}")),
        ] {
            self.paths.insert(template, path);
        }
    }

    /// A browser that takes pushes for the owner.
    async fn pushed(&mut self) {
        let (browser, names) = (testkit::push::Browser::new().expect("keys"), |name| {
            format!("https://fcm.googleapis.com/{name}")
        });
        let body = |name| json!({"endpoint": names(name), "keys": {"p256dh": browser.p256dh(), "auth": browser.auth()}});
        let id = self.post("/push-subscriptions", body("one"), "browser").await.text("/id");
        self.paths.insert("/push-subscriptions/{id}", format!("/push-subscriptions/{id}"));
        self.bodies.insert("/push-subscriptions", body("another"));
    }

    /// A price that the owner watches.
    async fn watched(&mut self) {
        let new = json!({"route": {"origin": "ABE", "destination": "ATL", "date": "2026-06-10"}, "drop_percent": 10});
        let id = self.post("/price-watches", new, "watch").await.text("/id");
        self.paths.insert("/price-watches/{id}", format!("/price-watches/{id}"));
    }

    /// What the owner wrote of the flight they will have flown.
    async fn reviewed(&mut self) {
        let review = "WITH one AS (
                INSERT INTO reviews (flight_number, id, user_id, flight_id, booking_id, stars, language, status, created_at, changed_at)
                SELECT 'KR1', '0193f2a1-c5d0-7bb2-a4d1-c0ffee00000e', b.user_id, s.flight_id, b.id, 4, 'en', 'published', $1, $1
                FROM bookings b JOIN booking_segments s ON s.booking_id = b.id WHERE b.status = 'confirmed' RETURNING flight_number, flight_id),
            counted AS (INSERT INTO flight_ratings SELECT flight_number, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0, 0, $1 FROM one)
            SELECT flight_id FROM one";
        let row =
            self.airline.sql().await.query_one(review, &[&self.airline.app.now()]).await.expect("a review");
        let flight = kernel::FlightId::from_uuid(row.get(0));
        self.paths.insert("/flights/{id}/review", format!("/flights/{flight}/review"));
    }

    /// A webhook of a program, with a delivery; its token, and that of a program like it that has none.
    async fn of_programs(&mut self) {
        let scopes = json!(["webhooks:read", "webhooks:write", "bookings:read"]);
        let own = program(self, "travel@example.com", &scopes).await;
        self.programs = [own.clone(), program(self, "other@example.com", &scopes).await];
        let new = json!({"url": "http://127.0.0.1:9/", "events": ["booking.*"]});
        let made = self.airline.call("POST", "/webhooks", Some(&own), Some(new.clone())).await.expect(201);
        let webhook = format!("/webhooks/{}", made.text("/webhook/id"));
        let pinged =
            self.airline.call("POST", &format!("{webhook}/ping"), Some(&own), None).await.expect(200);
        let delivery = format!("{webhook}/deliveries/{}", pinged.text("/id"));
        for (template, path) in [
            ("/webhooks/{id}", webhook.clone()),
            ("/webhooks/{id}/rotate-secret", format!("{webhook}/rotate-secret")),
            ("/webhooks/{id}/ping", format!("{webhook}/ping")),
            ("/webhooks/{id}/replay", format!("{webhook}/replay")),
            ("/webhooks/{id}/deliveries", format!("{webhook}/deliveries")),
            ("/webhooks/{id}/deliveries/{delivery}", delivery.clone()),
            ("/webhooks/{id}/deliveries/{delivery}/replay", format!("{delivery}/replay")),
        ] {
            self.paths.insert(template, path);
        }
        self.bodies.insert("/webhooks", new);
    }

    async fn post(&self, path: &str, body: Value, key: &str) -> Reply {
        let reply = self.airline.call_keyed("POST", path, Some(&self.owner), Some(body), Some(key)).await;
        assert!(reply.status.is_success(), "{path}: {}", reply.json);
        reply
    }

    async fn offer(&self, date: &str) -> String {
        self.airline.offer(&format!("origin=ABE&destination=ATL&date={date}")).await
    }

    /// A hold with an extra.
    async fn held(&self) -> String {
        let mut body = booking_body(&self.offer("2026-06-10").await);
        body["extras"] = json!({"items": [{"code": "album", "passenger": 1, "slice": 1}]});
        self.post("/bookings", body, "held").await.text("/id")
    }

    /// A booking that is paid, with an order that is not.
    async fn paid(&mut self) -> String {
        let body = booking_body(&self.offer("2026-06-10").await);
        let id = self.post("/bookings", body, "paid").await.text("/id");
        let paid = self.airline.pay(&self.owner, &id, CARD, "pay").await.expect(201);
        self.paths.insert("/payments/{id}", format!("/payments/{}", paid.text("/id")));
        id
    }

    fn book_paths(&mut self, held: &str, paid: &str) {
        for (template, booking) in [
            ("/bookings/{id}", held),
            ("/bookings/{id}/cancellation-quote", paid),
            ("/bookings/{id}/cancellations", paid),
            ("/bookings/{id}/change-quote", paid),
            ("/bookings/{id}/changes", paid),
            ("/bookings/{id}/coupon", held),
            ("/bookings/{id}/extend", held),
            ("/bookings/{id}/extras", held),
            ("/bookings/{id}/extras/{extra}", held),
            ("/bookings/{id}/orders/{order}", paid),
            ("/bookings/{id}/receipt", paid),
            ("/bookings/{id}/itinerary", paid),
            ("/bookings/{id}/calendar", paid),
            ("/bookings/{id}/seats", held),
            ("/bookings/{id}/boarding-passes", paid),
            ("/bookings/{id}/boarding-passes/{segment}/{passenger}/bar-code", paid),
            ("/bookings/{id}/boarding-passes/{segment}/{passenger}/apple-wallet", paid),
            ("/bookings/{id}/boarding-passes/{segment}/{passenger}/google-wallet", paid),
            ("/bookings/{id}/boarding-passes/{segment}/{passenger}/link", paid),
            ("/bookings/{id}/check-in", paid),
            ("/bookings/{id}/check-in/{segment}", paid),
            ("/bookings/{id}/check-in/{segment}/{passenger}", paid),
            ("/bookings/{id}/passengers/{passenger}/document", paid),
        ] {
            let numbers = ["{extra}", "{order}", "{segment}", "{passenger}"];
            let path =
                numbers.iter().fold(template.replace("{id}", booking), |path, name| path.replace(name, "1"));
            self.paths.insert(template, path);
        }
    }

    /// Quotes are signed for one booking: somebody else may have got hold of them. And the order that is open.
    async fn quotes(&mut self, held: &str, paid: &str) {
        let everything = json!({});
        let asked = self.post(&format!("/bookings/{paid}/cancellation-quote"), everything, "q1").await;
        let cancelling = json!({"quote_id": asked.text("/quote_id")});
        let other = json!({"slices": [{"slice": 1, "offer_id": self.offer("2026-06-20").await}]});
        let asked = self.post(&format!("/bookings/{paid}/change-quote"), other.clone(), "q2").await;
        let changing = json!({"quote_id": asked.text("/quote_id")});
        let album = json!({"items": [{"code": "album", "passenger": 1, "slice": 1}]});
        self.post(&format!("/bookings/{paid}/extras"), album.clone(), "order").await;
        self.bodies.extend([
            ("/bookings/{id}/cancellation-quote", json!({})),
            ("/bookings/{id}/cancellations", cancelling),
            ("/bookings/{id}/change-quote", other),
            ("/bookings/{id}/changes", changing),
            ("/bookings/{id}/extras", album),
            ("/payments", json!({"booking_id": held, "method": {"type": "card", "number": CARD}})),
        ]);
    }

    async fn of_the_account(&mut self) {
        let asha = json!({"given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"});
        let traveller = self.post("/me/travellers", asha.clone(), "t1").await.text("/id");
        self.paths.insert("/me/travellers/{id}", format!("/me/travellers/{traveller}"));
        // Another person, who is still there when the first is forgotten.
        let traveller = self.post("/me/travellers", asha, "t2").await.text("/id");
        self.paths.insert("/me/travellers/{id}/document", format!("/me/travellers/{traveller}/document"));
        let card = json!({"type": "card", "token": "pm_card_visa"});
        let method = self.post("/me/payment-methods", card, "m1").await.text("/id");
        self.paths.insert("/me/payment-methods/{id}", format!("/me/payment-methods/{method}"));
        self.second_factors().await;
        let listed = self.airline.call("GET", "/me/sessions", Some(&self.owner), None).await.expect(200);
        let sessions = listed.json["sessions"].as_array().expect("sessions");
        let other = sessions.iter().find(|session| session["current"] == false).expect("another");
        let other = other["id"].as_str().expect("an id");
        self.paths.insert("/me/sessions/{id}", format!("/me/sessions/{other}"));
    }

    /// An identity at a provider that opens the account.
    async fn provider(&mut self, fake: &Fake) {
        let confirmed = "UPDATE users SET email_verified_at = created_at";
        self.airline.sql().await.execute(confirmed, &[]).await.expect("confirmed");
        let browser = Browser::default();
        browser.log_in(&self.airline, "traveller@example.com", "a password of some length").await.expect(204);
        browser.link(&self.airline, fake).await.expect(200);
        self.paths.insert("/me/providers/{id}", "/me/providers/example".into());
    }

    /// What the owner has, as the database has it.
    async fn state(&self) -> String {
        let rows = "SELECT concat_ws(' ',
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM bookings t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM booking_orders t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM booking_extras t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM check_ins t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM travel_documents t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM payments t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM saved_methods t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM saved_travellers t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM webhook_endpoints t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM webhook_deliveries t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM provider_links t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM notifications t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM reviews t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM support_tickets t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM support_attachments t),
            (SELECT string_agg(t::text, ' ' ORDER BY t) FROM price_watches t),
            (SELECT string_agg(id::text, ' ' ORDER BY id) FROM sessions WHERE ended_at IS NULL))";
        self.airline.sql().await.query_one(rows, &[]).await.expect("a row").get(0)
    }

    /// One that counts and one that is begun; and another session, opened with the first.
    async fn second_factors(&mut self) {
        let app = second_factor::begin(&self.airline, &self.owner, "Telephone").await;
        let code = app.shows(self.airline.app.now());
        let added = second_factor::confirm(&self.airline, &self.owner, &app, &code).await.expect(200);
        let recovery = json!({"recovery_code": added.text("/recovery_codes/0")});
        let half = second_factor::half(&self.airline, "traveller@example.com").await;
        second_factor::second(&self.airline, &half, recovery).await.expect(200);
        let begun = second_factor::begin(&self.airline, &self.owner, "Tablet").await;
        self.paths.insert("/me/second-factors/{id}", format!("/me/second-factors/{}", app.id));
        self.paths
            .insert("/me/second-factors/{id}/confirm", format!("/me/second-factors/{}/confirm", begun.id));
        self.bodies.insert("/me/proof", json!({"code": "no code"}));
    }

    async fn sign_in(&self, email: &str) -> String {
        let body = json!({"email": email, "password": "a password of some length"});
        self.airline.call("POST", "/login", None, Some(body)).await.expect(200).text("/access_token")
    }

    /// Asks for it as its documentation does, of what the owner has.
    async fn ask(&self, operation: &Operation, token: Option<&str>) -> Reply {
        let (prefix, template) = match operation.path.strip_prefix("/api/v1") {
            Some(template) => ("/api/v1", template),
            None => ("", operation.path.as_str()),
        };
        let path = match (self.paths.get(template), operation.access.as_str()) {
            (Some(path), _) => path.clone(),
            // What everybody may see, and what staff have, belongs to no traveller: whatever id does.
            (None, "public" | "staff") => template
                .replace("{id}", "flt_20261201000080008000b97700134001")
                .replace("{delivery}", "whd_1")
                .replace("{number}", "1")
                .replace("{code}", "NONE")
                .replace("{offer_id}", "off_none"),
            (None, _) => template.to_owned(),
        };
        assert!(!path.contains('{'), "{template} names an object that this test does not have: give it one");
        let body = self.bodies.get(template).cloned().or_else(|| operation.example.clone());
        let key = format!(
            "{}-{}",
            operation.method,
            self.airline.app.random.bytes::<8>().map(|byte| byte.to_string()).concat()
        );
        self.airline.call_keyed(&operation.method, &format!("{prefix}{path}"), token, body, Some(&key)).await
    }
}

fn refused(reply: &Reply) -> (u16, String) {
    (reply.status.as_u16(), reply.json["code"].as_str().unwrap_or_default().to_owned())
}

fn is_of_who(reply: &Reply) -> bool {
    reply.json["code"].as_str().is_some_and(|code| OF_WHO.contains(&code))
}

/// The token of a program with these scopes that acts for an account of its own.
async fn program(all: &Belongings, email: &str, scopes: &Value) -> String {
    let admin = all.sign_in("admin@example.com").await;
    let agency = all.airline.account(email, Role::Traveller).await;
    let own = all.airline.call("GET", "/profile", Some(&agency), None).await.expect(200).text("/id");
    let body = json!({"name": "Agency", "kind": "confidential", "scopes": scopes, "acts_for": own});
    let made = all.airline.call("POST", "/admin/clients", Some(&admin), Some(body)).await.expect(201);
    let pairs = [("client_id", made.text("/id")), ("client_secret", made.text("/secret"))];
    let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (*name, value.as_str())).collect();
    let pairs = [&[("grant_type", "client_credentials")][..], &pairs].concat();
    let given = crate::identity::oauth::form(&all.airline, "/oauth/token", &pairs, None).await.expect(200);
    given.text("/access_token")
}

/// Somebody whose session ended, and somebody whose account was disabled.
async fn gone(all: &Belongings) -> [(&'static str, String); 2] {
    let revoked = all.airline.account("revoked@example.com", Role::Admin).await;
    all.airline.call("POST", "/logout", Some(&revoked), None).await.expect(204);
    let disabled = all.airline.account("disabled@example.com", Role::Admin).await;
    let id = all.airline.call("GET", "/profile", Some(&disabled), None).await.expect(200).text("/id");
    let admin = all.sign_in("admin@example.com").await;
    let body = Some(json!({"disabled": true}));
    all.airline.call("PATCH", &format!("/admin/accounts/{id}"), Some(&admin), body).await.expect(200);
    [("revoked", revoked), ("disabled", disabled)]
}

#[tokio::test]
async fn every_operation_answers_those_it_is_for_and_nobody_else() {
    let all = Belongings::gather().await;
    // One scope that no operation of an object needs alone.
    let program = program(&all, "agency@example.com", &json!(["account:read"])).await;
    let nobody = gone(&all).await;
    let mut roles = Vec::new();
    for role in Role::ALL {
        roles.push((role, all.airline.account(&format!("{}-2@example.com", role.as_str()), role).await));
    }
    let mut asked = 0;
    for operation in operations() {
        let name = format!("{} {}", operation.method, operation.path);
        if operation.access == "public" {
            let reply = all.ask(&operation, None).await;
            assert!(!is_of_who(&reply), "{name}, anonymous: {}", reply.json);
            asked += 1;
            continue;
        }
        for (who, token) in
            [("anonymous", None)].into_iter().chain(nobody.iter().map(|(who, token)| (*who, Some(token))))
        {
            let reply = all.ask(&operation, token.map(String::as_str)).await;
            assert_eq!(refused(&reply), (401, "unauthenticated".into()), "{name}, {who}");
            asked += 1;
        }
        let before = all.state().await;
        for (role, token) in &roles {
            let reply = all.ask(&operation, Some(token)).await;
            assert_reached(&operation, &name, *role, &reply);
            asked += 1;
        }
        if operation.permission.is_none() && operation.path.contains('{') {
            assert_eq!(all.state().await, before, "{name}: refused, and done all the same");
        }
        asked += 2;
        let reply = all.ask(&operation, Some(&program)).await;
        let own = ["GET /api/v1/profile", "GET /api/v1/me/travellers"].contains(&name.as_str());
        let expected = if operation.access == "owner" { "owner_only" } else { "insufficient_scope" };
        assert_eq!(refused(&reply) == (403, expected.into()), !own, "{name}, a program: {}", reply.json);
        if operation.access == "program" {
            assert_own(&all, &operation, &name).await;
            asked += 2;
        } else if operation.access != "staff" {
            let reply = all.ask(&operation, Some(&all.owner)).await;
            let refused = is_of_who(&reply) || reply.status == 404;
            assert!(!refused, "{name}, the owner: {} {}", reply.status, reply.json);
        }
        all.airline.later(SignedDuration::from_millis(1));
    }
    assert!(asked > 600, "{asked}");
}

/// What is a program's is there for that program alone.
async fn assert_own(all: &Belongings, operation: &Operation, name: &str) {
    let [own, other] = &all.programs;
    let before = all.state().await;
    let reply = all.ask(operation, Some(other)).await;
    if operation.path.contains('{') {
        assert_eq!(refused(&reply), (404, "not_found".into()), "{name}, another program's");
        assert_eq!(all.state().await, before, "{name}: refused, and done all the same");
    }
    let reply = all.ask(operation, Some(own)).await;
    assert!(
        !is_of_who(&reply) && reply.status != 404,
        "{name}, the program: {} {}",
        reply.status,
        reply.json
    );
}

/// What staff do is for their roles; what is a traveller's is for nobody else, staff or not, and looks as if it were not there.
#[track_caller]
fn assert_reached(operation: &Operation, name: &str, role: Role, reply: &Reply) {
    match operation.permission {
        Some(permission) if role.may(permission) => {
            assert!(!is_of_who(reply), "{name}, {role:?}: {}", reply.json);
        }
        Some(_) => assert_eq!(refused(reply), (403, "forbidden".into()), "{name}, {role:?}"),
        None if operation.access == "program" => {
            assert_eq!(refused(reply), (403, "programs_only".into()), "{name}, {role:?}");
        }
        None if operation.path.contains('{') => {
            assert_eq!(refused(reply), (404, "not_found".into()), "{name}, {role:?}, another's");
        }
        None => assert!(!is_of_who(reply), "{name}, {role:?}: {}", reply.json),
    }
}
