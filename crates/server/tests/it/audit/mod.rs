//! What staff did: that each act leaves a record with it, and that nobody changes one unseen.

mod announced;
mod counter;
mod looked;
mod serving;

use std::collections::BTreeMap;

use jiff::SignedDuration;
use serde_json::{Value, json};
use server::audit::api::{Broken, Head, Report, verify};
use server::identity::api::Role;

use crate::payments::one_hold_with;
use crate::support::{Airline, Reply, request, send};

/// Staff at work: every operation of theirs that writes, once, with what it answered.
struct Work {
    airline: Airline,
    admin: String,
    done: BTreeMap<String, Vec<Reply>>,
}

impl Work {
    /// `operation` is as the document names it, `path` as it is called.
    async fn act(&mut self, operation: &str, path: &str, body: Option<Value>) -> Reply {
        let (method, _) = operation.split_once(' ').expect("a method");
        let key = format!("k{}", self.done.len());
        let reply = self.airline.call_keyed(method, path, Some(&self.admin), body, Some(&key)).await;
        assert!(reply.status.is_success(), "{operation}: {} {}", reply.status, reply.json);
        let copy =
            Reply { json: reply.json.clone(), bytes: Vec::new(), headers: reply.headers.clone(), ..reply };
        self.done.entry(operation.to_owned()).or_default().push(copy);
        reply
    }

    async fn flights(&mut self) {
        let flight = json!({"flight_number": "KR900", "origin": "ABE", "destination": "ATL", "departs_local": "2026-06-11T08:35",
            "arrives_local": "2026-06-11T10:35", "aircraft": "73H",
            "cabins": [{"cabin": "economy", "capacity": 9, "classes": [{"class": "Y", "fare": 20_000}]}]});
        let id = self.act("POST /flights", "/flights", Some(flight)).await.text("/id");
        self.act("PUT /flights/{id}", &format!("/flights/{id}"), Some(json!({"gate": "B4"}))).await;
        self.act("DELETE /flights/{id}", &format!("/flights/{id}"), None).await;
    }

    async fn extras(&mut self) {
        let extra = json!({"kind": "baggage", "name": "Checked bag", "per": "slice", "unit": "piece", "kg": 23,
            "price": {"amount": 4000, "currency": "USD"}, "cabins": ["economy"], "passengers": ["adult"], "most": 5});
        self.act("POST /extras", "/extras", Some(json!({"code": "bag_23", "extra": extra}))).await;
        self.act("PUT /extras/{code}", "/extras/bag_23", Some(extra)).await;
        self.act("DELETE /extras/{code}", "/extras/bag_23", None).await;
    }

    async fn promotions(&mut self) {
        let terms = |name: &str| json!({"name": name, "audience": "public", "benefit": {"kind": "percent", "basis_points": 1_000}, "per_user_limit": 1});
        let body = json!({"code": "AUDIT10", "terms": terms("Sale")});
        self.act("POST /admin/promotions", "/admin/promotions", Some(body)).await;
        let path = "/admin/promotions/AUDIT10";
        self.act("PUT /admin/promotions/{code}", path, Some(terms("Sale again"))).await;
        let emails = json!({"emails": ["traveller@example.com", "nobody@example.com"]});
        self.act("PUT /admin/promotions/{code}/audience", &format!("{path}/audience"), Some(emails)).await;
        self.act("DELETE /admin/promotions/{code}", path, None).await;
    }

    /// A ticket is taken and answered, with a file.
    async fn support(&mut self) {
        let asker = self.airline.account("asker@example.com", Role::Traveller).await;
        let new = json!({"category": "other", "subject": "A canary", "text": "A canary"});
        let asked =
            self.airline.call_keyed("POST", "/support/tickets", Some(&asker), Some(new), Some("ask")).await;
        let id = asked.expect(201).text("/ticket/id");
        let path = format!("/admin/support/tickets/{id}");
        self.act("PATCH /admin/support/tickets/{id}", &path, Some(json!({"assigned_to": "me"}))).await;
        let file = format!("/api/v1/admin/support/attachments?ticket_id={id}&name=form.pdf");
        let file = request("POST", &file, Some(&self.admin), None, None)
            .map(|_| axum::body::Body::from("%PDF-1.7 a form"));
        let sent = send(self.airline.router(), file).await.expect(201);
        let answer = json!({"text": "Fill this in.", "attachments": [sent.text("/id")]});
        self.done.entry("POST /admin/support/attachments".to_owned()).or_default().push(sent);
        self.act("POST /admin/support/tickets/{id}/messages", &format!("{path}/messages"), Some(answer))
            .await;
    }

    /// Somebody wrote two reviews; staff hide one and publish the other.
    async fn reviews(&mut self) {
        let written = "INSERT INTO reviews (flight_number, id, user_id, flight_id, booking_id, stars, language, status, created_at, changed_at)
                       SELECT 'KR1', ('0193f2a1-c5d0-7bb2-a4d1-c0ffee00000' || n)::uuid, gen_random_uuid(), gen_random_uuid(), gen_random_uuid(),
                              1, 'en', 'pending', now(), now() FROM generate_series(1, 2) AS n";
        self.airline.sql().await.execute(written, &[]).await.expect("written");
        for (number, decision) in [
            (1, json!({"decision": "hide", "reason": "spam", "version": 1})),
            (2, json!({"decision": "publish", "version": 1})),
        ] {
            let path = format!("/admin/reviews/rev_0193f2a1c5d07bb2a4d1c0ffee00000{number}/decision");
            self.act("POST /admin/reviews/{id}/decision", &path, Some(decision)).await;
        }
    }

    async fn webhooks(&mut self) {
        let body = json!({"url": "http://127.0.0.1:9/hooks/canary-of-a-path", "events": ["flight.*"]});
        let id = self.act("POST /admin/webhooks", "/admin/webhooks", Some(body)).await.text("/webhook/id");
        let path = format!("/admin/webhooks/{id}");
        self.act("PATCH /admin/webhooks/{id}", &path, Some(json!({"description": "Ground handling"}))).await;
        self.act(
            "POST /admin/webhooks/{id}/rotate-secret",
            &format!("{path}/rotate-secret"),
            Some(json!({})),
        )
        .await;
        let ping =
            self.act("POST /admin/webhooks/{id}/ping", &format!("{path}/ping"), None).await.text("/id");
        let again = format!("{path}/deliveries/{ping}/replay");
        self.act("POST /admin/webhooks/{id}/deliveries/{delivery}/replay", &again, None).await;
        let span = json!({"since": "2026-06-01T00:00:00Z"});
        self.airline.later(SignedDuration::from_secs(1));
        self.act("POST /admin/webhooks/{id}/replay", &format!("{path}/replay"), Some(span)).await;
        self.act("DELETE /admin/webhooks/{id}", &path, None).await;
    }

    async fn accounts(&mut self) {
        let client = json!({"name": "Agency", "kind": "confidential", "redirect_uris": ["https://agency.example/back"],
            "scopes": ["bookings:read"]});
        let id = self.act("POST /admin/clients", "/admin/clients", Some(client)).await.text("/id");
        let path = format!("/admin/clients/{id}");
        self.act("PATCH /admin/clients/{id}", &path, Some(json!({"name": "Agency two"}))).await;
        self.act("POST /admin/clients/{id}/rotate-secret", &format!("{path}/rotate-secret"), None).await;
        let clerk = self.airline.account("clerk@example.com", Role::Traveller).await;
        let id = self.airline.call("GET", "/profile", Some(&clerk), None).await.expect(200).text("/id");
        let search = json!({"email": "clerk@example.com"});
        self.act("POST /admin/accounts/search", "/admin/accounts/search", Some(search)).await;
        self.act("GET /admin/accounts/{id}", &format!("/admin/accounts/{id}"), None).await;
        self.act(
            "PATCH /admin/accounts/{id}",
            &format!("/admin/accounts/{id}"),
            Some(json!({"role": "agent"})),
        )
        .await;
        let factors = format!("/admin/accounts/{id}/second-factors");
        self.act("DELETE /admin/accounts/{id}/second-factors", &factors, None).await;
    }

    /// The gateway refuses a refund, and the one that staff send in its place.
    async fn refunds(&mut self, traveller: &str, booking: &str) {
        self.airline.pay(traveller, booking, "4242424242424242", "p1").await.expect(201);
        self.counter(traveller, booking).await;
        self.airline.gateway_post("/_test/hostility", &[("refund_failed", "1")]).await;
        self.airline.call("DELETE", &format!("/bookings/{booking}"), Some(traveller), None).await.expect(200);
        let first = self.failed_refund().await;
        self.act("POST /admin/refunds/{id}/retry", &format!("/admin/refunds/{first}/retry"), None).await;
        let second_refund = self.failed_refund().await;
        let settlement = json!({"method": "bank_transfer", "reference": "UTR 1", "note": "Card closed"});
        let seen = json!({"reference": "UTR 1", "proposed_at": self.airline.app.now()});
        self.act(
            "POST /admin/refunds/{id}/settle",
            &format!("/admin/refunds/{second_refund}/settle"),
            Some(settlement),
        )
        .await;
        // It is a great one: somebody else has to approve.
        let second = self.airline.account("second@example.com", Role::Admin).await;
        let first = std::mem::replace(&mut self.admin, second);
        self.act(
            "POST /admin/refunds/{id}/approve",
            &format!("/admin/refunds/{second_refund}/approve"),
            Some(seen),
        )
        .await;
        self.admin = first;
    }

    async fn failed_refund(&self) -> String {
        for _ in 0..3 {
            self.airline.later(SignedDuration::from_secs(31));
            self.airline.run_job("send_refunds").await;
        }
        let path = "/admin/refunds?status=failed";
        self.airline.call("GET", path, Some(&self.admin), None).await.expect(200).text("/refunds/0/id")
    }
}

async fn everything_done() -> Work {
    let (airline, traveller, booking) = one_hold_with(|config| {
        config.webhooks.allow_private = true;
        config.refunds.second_person_from.clear();
    })
    .await;
    let login = json!({"email": "admin@example.com", "password": "a password of some length"});
    let admin = airline.call("POST", "/login", None, Some(login)).await.expect(200).text("/access_token");
    let mut work = Work { airline, admin, done: BTreeMap::new() };
    work.flights().await;
    work.extras().await;
    work.promotions().await;
    work.reviews().await;
    work.support().await;
    work.announces().await;
    work.webhooks().await;
    work.act("POST /admin/integrity", "/admin/integrity", None).await;
    work.accounts().await;
    work.refunds(&traveller, &booking).await;
    work.looks().await;
    work
}

async fn listed(airline: &Airline, admin: &str, query: &str) -> Vec<Value> {
    let path = format!("/admin/audit?{query}");
    let page = airline.call("GET", &path, Some(admin), None).await.expect(200);
    page.json["records"].as_array().expect("records").clone()
}

#[tokio::test]
async fn every_operation_of_staff_that_writes_or_shows_a_traveller_leaves_its_record() {
    let work = everything_done().await;
    let document = serde_json::to_value(server::router::document()).expect("JSON");
    let (mut operations, mut passed_over) = (0, Vec::new());
    for (path, item) in document["paths"].as_object().expect("paths") {
        for (method, operation) in item.as_object().expect("a path") {
            let access = operation["x-access"].as_str().expect("a policy");
            let name = format!("{} {}", method.to_uppercase(), path.trim_start_matches("/api/v1"));
            if access != "staff" || looked::is_not_recorded(&name) {
                passed_over.extend((access == "staff").then_some(name));
                continue;
            }
            operations += 1;
            let done = work
                .done
                .get(&name)
                .unwrap_or_else(|| panic!("{name} is staff's and this test does not do it"));
            for reply in done {
                let request = reply.headers["x-request-id"].to_str().expect("an id");
                let sql = work.airline.sql().await;
                let find = "SELECT role, action, object FROM audit_records WHERE request_id = $1";
                let rows = sql.query(find, &[&request]).await.expect("rows");
                assert_eq!(rows.len(), 1, "{name} leaves one record");
                assert_eq!(rows[0].get::<_, &str>(0), "admin", "{name}");
            }
        }
    }
    assert_eq!(operations, work.done.len(), "all that was done is in the document");
    looked::assert_known(&passed_over);
    // No secret and no traveller stands in any of them.
    let dump = work.airline.sql().await;
    let dump =
        dump.query_one("SELECT string_agg(r::text, ' ') FROM audit_records r", &[]).await.expect("rows");
    let dump: String = dump.get(0);
    for canary in [
        "whsec_",
        "ucs_",
        "clerk@example.com",
        "canary-of-a-path",
        "traveller@example.com",
        "nobody@example.com",
        "Asha",
        "4242424242424242",
    ] {
        assert!(!dump.contains(canary), "{canary} stands in the audit");
    }
    work.looks_unrecorded().await;
}

#[tokio::test]
async fn a_record_says_who_did_what_to_what_and_from_where() {
    let airline = Airline::with(|config| {
        config.http.trusted_proxies = vec!["127.0.0.1".parse().expect("an address")];
    })
    .await;
    let admin = airline.admin().await;
    let me = airline.call("GET", "/profile", Some(&admin), None).await.expect(200).text("/id");
    let times = ("2026-06-10T08:35", "2026-06-10T10:35");
    let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), times, 9).await;
    airline.later(SignedDuration::from_secs(60));
    let change = Some(json!({"gate": "B4"}));
    let mut asked = crate::support::request("PUT", &format!("/flights/{flight}"), Some(&admin), change, None);
    asked.headers_mut().insert("x-forwarded-for", "203.0.113.9".parse().expect("a value"));
    asked.headers_mut().insert("x-request-id", "desk-20260601".parse().expect("a value"));
    crate::support::send(airline.router(), asked).await.expect(200);
    let [record] = &listed(&airline, &admin, &format!("object={flight}&action=flight.update")).await[..]
    else {
        panic!("one record")
    };
    assert_eq!(
        (&record["actor"], &record["role"], &record["client"]),
        (&json!(me), &json!("admin"), &Value::Null)
    );
    assert_eq!((&record["address"], &record["request_id"]), (&json!("203.0.113.9"), &json!("desk-20260601")));
    assert_eq!((&record["before"]["gate"], &record["after"]["gate"]), (&Value::Null, &json!("B4")));
    assert_eq!(record["position"], Value::Null, "not chained yet");
    airline.run_job("chain_audit_records").await;
    assert_eq!(listed(&airline, &admin, "action=flight.update").await[0]["position"], 2);
    // Filters and pages.
    assert_eq!(listed(&airline, &admin, &format!("actor={me}")).await.len(), 2);
    assert_eq!(listed(&airline, &admin, "since=2026-06-01T12:00:30Z").await.len(), 1);
    assert_eq!(listed(&airline, &admin, "until=2026-06-01T12:00:30Z").await[0]["action"], "flight.create");
    let page = airline.call("GET", "/admin/audit?limit=1", Some(&admin), None).await.expect(200);
    assert_eq!(page.text("/records/0/action"), "flight.update");
    let next = format!("limit=1&cursor={}", page.text("/next_cursor"));
    assert_eq!(listed(&airline, &admin, &next).await[0]["action"], "flight.create");
    airline.call("GET", "/admin/audit?cursor=x", Some(&admin), None).await.expect(422);
}

#[tokio::test]
async fn what_was_not_done_is_not_recorded() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    let times = ("2026-06-10T08:35", "2026-06-10T10:35");
    let flight = airline.flight(&admin, "KR1", ("ABE", "ATL"), times, 9).await;
    let refused = [
        ("PUT", format!("/flights/{flight}"), json!({"delay_minutes": -1}), 422),
        ("PUT", "/flights/flt_20261201000080008000b97700134001".to_owned(), json!({"gate": "B4"}), 404),
        ("DELETE", "/extras/none".to_owned(), json!({}), 404),
        ("DELETE", "/admin/webhooks/whk_0193f2a1c5d07bb2a4d1c0ffee000004".to_owned(), json!({}), 404),
    ];
    for (method, path, body, status) in refused {
        airline.call(method, &path, Some(&admin), Some(body)).await.expect(status);
    }
    assert_eq!(airline.count("SELECT count(*) FROM audit_records").await, 1);
    // And no act without its record: where that cannot be written nothing is done.
    airline
        .sql()
        .await
        .batch("ALTER TABLE audit_records ADD CONSTRAINT full_up CHECK (false) NOT VALID")
        .await
        .expect("done");
    airline
        .call("PUT", &format!("/flights/{flight}"), Some(&admin), Some(json!({"gate": "B4"})))
        .await
        .expect(500);
    let shown = airline.call("GET", &format!("/flights/{flight}"), None, None).await.expect(200);
    assert_eq!(shown.json["gate"], Value::Null);
}

/// Six records, chained.
async fn six() -> (Airline, Head) {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for number in 1..=6 {
        let times = ("2026-06-10T08:35", "2026-06-10T10:35");
        airline.flight(&admin, &format!("KR{number}"), ("ABE", "ATL"), times, 9).await;
        // Some links are made in one turn of the job, some in another.
        if number % 2 == 0 {
            airline.run_job("chain_audit_records").await;
        }
    }
    let report = look(&airline, None).await;
    assert_eq!((report.sound, &report.broken), (6, &None));
    (airline, report.head)
}

async fn look(airline: &Airline, expected: Option<&Head>) -> Report {
    verify(&airline.app.db, &airline.app.sealer, airline.app.now(), expected).await.expect("read")
}

/// Does the damage, looks, and takes it back.
async fn found_after(airline: &Airline, damage: &str, expected: Option<&Head>) -> Option<Broken> {
    let sql = airline.sql().await;
    let keep = "CREATE TABLE kept_records AS SELECT * FROM audit_records; CREATE TABLE kept_links AS SELECT * FROM audit_links;";
    sql.batch(&format!("{keep} {damage}")).await.unwrap_or_else(|error| panic!("{damage}: {error}"));
    let broken = look(airline, expected).await.broken;
    sql.batch(
        "TRUNCATE audit_records, audit_links; INSERT INTO audit_records SELECT * FROM kept_records;
         INSERT INTO audit_links SELECT * FROM kept_links; DROP TABLE kept_records, kept_links;",
    )
    .await
    .expect("taken back");
    assert_eq!(look(airline, None).await.broken, None, "{damage}: not taken back");
    broken
}

fn record_at(position: u8) -> String {
    format!("(SELECT record FROM audit_links WHERE position = {position})")
}

#[tokio::test]
async fn a_change_of_any_member_of_any_record_is_found_and_named() {
    let (airline, _) = six().await;
    let changes = [
        "recorded_at = recorded_at + interval '1 microsecond'",
        "actor = gen_random_uuid()",
        "role = role || 'x'",
        "client = ''",
        "address = '203.0.113.7'",
        "request_id = request_id || 'x'",
        "action = 'flight.nothing'",
        "object = object || 'x'",
        "before = '{}'",
        "after = (replace(after::text, 'KR', 'KX'))::json",
        "after = (after::text || ' ')::json",
        "after = NULL",
    ];
    for position in 1..=6_u8 {
        for change in changes {
            let damage = format!("UPDATE audit_records SET {change} WHERE id = {}", record_at(position));
            let found = found_after(&airline, &damage, None).await;
            assert!(
                matches!(found, Some(Broken::Changed { position: at, .. }) if at == i64::from(position)),
                "{damage}: {found:?}"
            );
        }
    }
}

#[tokio::test]
async fn what_is_removed_swapped_or_put_there_is_found() {
    let (airline, head) = six().await;
    let kinds = |found: Option<Broken>| match found {
        None => "nothing".to_owned(),
        Some(Broken::LinkMissing { position }) => format!("link {position} missing"),
        Some(Broken::RecordMissing { position, .. }) => format!("record {position} missing"),
        Some(Broken::Changed { position, .. }) => format!("changed {position}"),
        Some(Broken::NeverLinked { count, .. }) => format!("never linked {count}"),
        Some(Broken::NotAsExpected { position, ends }) => format!("expected {position} of {ends}"),
    };
    let swap_contents = format!(
        "CREATE TABLE two AS SELECT * FROM audit_records WHERE id IN ({}, {});
         UPDATE audit_records r SET object = t.object, request_id = t.request_id, after = t.after, recorded_at = t.recorded_at
         FROM two t WHERE r.id IN (SELECT id FROM two) AND t.id <> r.id; DROP TABLE two",
        record_at(3),
        record_at(5)
    );
    let swap_ids = format!(
        "CREATE TABLE two AS SELECT {} AS a, {} AS b; UPDATE audit_records SET id = gen_random_uuid() WHERE id = (SELECT a FROM two);
         UPDATE audit_records SET id = (SELECT a FROM two) WHERE id = (SELECT b FROM two);
         UPDATE audit_records SET id = (SELECT b FROM two) WHERE id NOT IN (SELECT record FROM audit_links); DROP TABLE two",
        record_at(3),
        record_at(5)
    );
    let old = "INSERT INTO audit_records SELECT lane, gen_random_uuid(), recorded_at - interval '1 day', actor, role, client, address,
        request_id, action, object, before, after FROM audit_records LIMIT 1";
    for (damage, found) in [
        (format!("DELETE FROM audit_records WHERE id = {}", record_at(4)), "record 4 missing"),
        ("DELETE FROM audit_links WHERE position = 4".to_owned(), "link 4 missing"),
        (format!("DELETE FROM audit_records WHERE id = {}; DELETE FROM audit_links WHERE position = 1", record_at(1)), "link 1 missing"),
        ("UPDATE audit_links SET position = CASE position WHEN 3 THEN 30 ELSE 3 END WHERE position IN (3, 5); UPDATE audit_links SET position = 5 WHERE position = 30".to_owned(), "changed 3"),
        (swap_contents, "changed 3"),
        (swap_ids, "changed 3"),
        ("UPDATE audit_links SET hash = decode(repeat('00', 32), 'hex') WHERE position = 6".to_owned(), "changed 6"),
        (old.to_owned(), "never linked 1"),
        // The newest and its link: only who kept the head can tell.
        (format!("DELETE FROM audit_records WHERE id = {}; DELETE FROM audit_links WHERE position = 6", record_at(6)), "expected 6 of 5"),
    ] {
        assert_eq!(kinds(found_after(&airline, &damage, Some(&head)).await), found, "{damage}");
    }
    // Another installation's keys make another chain.
    let (other, _) = six().await;
    let report = verify(&airline.app.db, &other.app.sealer, airline.app.now(), None).await.expect("read");
    assert_eq!(kinds(report.broken), "changed 1");
}

/// For the role that serves, too: the installation's own, which owns the tables.
#[tokio::test]
async fn nobody_who_serves_can_rewrite_it() {
    let (airline, _) = six().await;
    let sql = airline.sql().await;
    sql.batch("CREATE ROLE audit_probe; GRANT audit_probe TO CURRENT_USER").await.unwrap_or(());
    let own = "GRANT ALL ON SCHEMA public TO audit_probe; ALTER TABLE audit_records OWNER TO audit_probe;
        ALTER TABLE audit_links OWNER TO audit_probe";
    sql.batch(own).await.expect("owned");
    let insert = "INSERT INTO audit_records SELECT lane, gen_random_uuid(), recorded_at, actor, role, client, address, request_id,
        action, object, before, after FROM audit_records LIMIT 1";
    for (statement, allowed) in [
        ("UPDATE audit_records SET role = role", false),
        ("DELETE FROM audit_records", false),
        ("TRUNCATE audit_records", false),
        ("UPDATE audit_links SET hash = hash", false),
        ("DELETE FROM audit_links", false),
        ("TRUNCATE audit_links", false),
        (insert, true),
    ] {
        let tx = airline.app.db.begin().await.expect("a transaction");
        tx.batch("SET LOCAL ROLE audit_probe").await.expect("a role");
        let done = tx.batch(statement).await;
        assert_eq!(done.is_ok(), allowed, "{statement}: {done:?}");
        if let Err(error) = done {
            assert!(error.to_string().contains("42501"), "{statement}: {error}");
        }
    }
}

/// Two processes that chain at the same time make one chain.
#[tokio::test]
async fn two_that_chain_at_once_make_one_chain() {
    let airline = Airline::new().await;
    let admin = airline.admin().await;
    for number in 1..=4 {
        let times = ("2026-06-10T08:35", "2026-06-10T10:35");
        airline.flight(&admin, &format!("KR{number}"), ("ABE", "ATL"), times, 9).await;
    }
    let (other, _) = airline.second_server().await;
    let turn = async |app: &server::App| {
        // The lease would keep one of them out; a paused holder may wake after it ran out.
        app.db.read().await.expect("a connection").batch("DELETE FROM leases").await.expect("free");
        let job = server::audit::api::jobs(app).into_iter().next().expect("a job");
        // Whoever comes second finds the position taken, fails, and tries again at its next turn.
        job.turn().await.unwrap_or(0)
    };
    let (one, two) = tokio::join!(turn(&airline.app), turn(&other));
    assert_eq!(one + two, 4, "each record once");
    assert_eq!((look(&airline, None).await.sound, look(&airline, None).await.broken), (4, None));
}
