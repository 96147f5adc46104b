//! Support tickets: asked, answered in turn, attached to, closed in time; and kept from everybody else.

use axum::body::Body;
use jiff::SignedDuration;
use serde_json::{Value, json};
use server::identity::api::Role;

use crate::support::{Airline, Reply, booking_body, request, send};

/// One red point.
pub(crate) const PNG: &[u8] = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0\0\x01\0\0\0\x01\x08\x02\0\0\0\x90wS\xde\0\0\0\x0cIDATx\x9cc\xf8\xcf\xc0\0\0\x03\x01\x01\0\xc9\xfe\x92\xef\0\0\0\0IEND\xaeB`\x82";
const PDF: &[u8] = b"%PDF-1.7\nand what a paper is made of";

struct Desk {
    airline: Airline,
    asha: String,
    agent: String,
    staff: String,
}

impl Desk {
    async fn new() -> Self {
        Self::of(Airline::new().await).await
    }

    async fn of(airline: Airline) -> Self {
        let asha = airline.traveller().await;
        let agent = airline.account("agent@example.com", Role::Agent).await;
        let staff = airline.account("support@example.com", Role::Support).await;
        Self { airline, asha, agent, staff }
    }

    async fn post(&self, token: &str, path: &str, body: Value, key: &str) -> Reply {
        self.airline.call_keyed("POST", path, Some(token), Some(body), Some(key)).await
    }

    async fn ask(&self, category: &str, key: &str) -> String {
        let new = json!({"category": category, "subject": "My bag", "text": "It is blue."});
        self.post(&self.asha, "/support/tickets", new, key).await.expect(201).text("/ticket/id")
    }

    async fn say(&self, id: &str, text: &str, key: &str) -> Reply {
        self.post(&self.asha, &format!("/support/tickets/{id}/messages"), json!({"text": text}), key).await
    }

    async fn answer(&self, id: &str, body: Value, key: &str) -> Reply {
        self.post(&self.staff, &format!("/admin/support/tickets/{id}/messages"), body, key).await
    }

    async fn ticket(&self, id: &str) -> Value {
        let path = format!("/support/tickets/{id}");
        self.airline.call("GET", &path, Some(&self.asha), None).await.expect(200).json
    }

    async fn queue(&self, query: &str) -> Value {
        let path = format!("/admin/support/tickets{query}");
        self.airline.call("GET", &path, Some(&self.staff), None).await.expect(200).json
    }

    /// What Asha was told of answers.
    async fn told(&self) -> Vec<String> {
        let inbox = self.airline.call("GET", "/notifications", Some(&self.asha), None).await.expect(200);
        let told = inbox.json["notifications"].as_array().expect("a list").iter();
        told.filter(|one| one["kind"] == "support_answer").map(Value::to_string).collect()
    }

    async fn upload(&self, token: &str, path: &str, content: &[u8]) -> Reply {
        let file = request("POST", &format!("/api/v1{path}"), Some(token), None, None);
        send(self.airline.router(), file.map(|_| Body::from(content.to_vec()))).await
    }

    async fn download(&self, token: &str, path: &str) -> Reply {
        send(self.airline.router(), request("GET", path, Some(token), None, None)).await
    }
}

fn texts(thread: &Value) -> Vec<&str> {
    let said = thread["thread"].as_array().expect("a thread").iter();
    said.filter_map(|one| one["text"].as_str().or_else(|| one["message"]["text"].as_str())).collect()
}

#[tokio::test]
async fn whoever_asks_is_answered_and_has_the_last_word() {
    let desk = Desk::new().await;
    let id = desk.ask("baggage", "ask").await;
    let asked = desk.ticket(&id).await;
    assert_eq!((&asked["ticket"]["status"], &asked["ticket"]["subject"]), (&json!("open"), &json!("My bag")));
    assert_eq!(asked["ticket"]["answer_expected_by"], "2026-06-02T12:00:00Z");
    assert_eq!(asked["ticket"]["available_actions"], json!(["message", "resolve"]));
    // Twice the same request is one message; asking again makes nobody wait longer, and is no answer.
    desk.airline.later(SignedDuration::from_hours(1));
    for _ in 0..2 {
        desk.say(&id, "And large.", "more").await.expect(201);
    }
    let waiting = desk.queue("").await;
    assert_eq!((&waiting["waiting"], &waiting["tickets"][0]["ticket"]["messages"]), (&json!(1), &json!(2)));
    assert_eq!(waiting["tickets"][0]["ticket"]["answer_expected_by"], "2026-06-02T12:00:00Z");
    // A note is for staff alone, and answers nothing.
    desk.answer(&id, json!({"text": "Asked Delhi.", "internal": true}), "note").await.expect(201);
    assert_eq!(texts(&desk.ticket(&id).await), ["It is blue.", "And large."]);
    assert_eq!(desk.ticket(&id).await["ticket"]["status"], "open");
    assert_eq!(desk.told().await, Vec::<String>::new());
    let answered = desk.answer(&id, json!({"text": "It is on its way."}), "answer").await.expect(201);
    assert_eq!(answered.json, json!({"id": id, "number": 4, "status": "waiting_customer"}));
    let path = format!("/admin/support/tickets/{id}");
    let seen = desk.airline.call("GET", &path, Some(&desk.staff), None).await.expect(200);
    assert_eq!(texts(&seen.json), ["It is blue.", "And large.", "Asked Delhi.", "It is on its way."]);
    assert_eq!(seen.json["ticket"]["first_answered_at"], "2026-06-01T13:00:00Z");
    // Whoever asked is told that there is an answer, once for each, and nothing of what it says.
    desk.answer(&id, json!({"text": "It is on its way."}), "answer").await.expect(201);
    let told = desk.told().await;
    assert_eq!(
        (told.len(), told[0].contains(&id), told[0].contains("on its way")),
        (1, true, false),
        "{told:?}"
    );
    let seen = desk.ticket(&id).await;
    assert_eq!(
        (&seen["ticket"]["status"], &seen["thread"][2]["number"]),
        (&json!("waiting_customer"), &json!(4))
    );
    assert_eq!(desk.queue("").await["waiting"], 0);
    desk.say(&id, "Which flight?", "which").await.expect(201);
    assert_eq!(desk.queue("").await["tickets"][0]["ticket"]["answer_expected_by"], "2026-06-02T13:00:00Z");
    desk.answer(&id, json!({"text": "KR1.", "resolve": true}), "last").await.expect(201);
    assert_eq!(desk.ticket(&id).await["ticket"]["status"], "resolved");
    desk.say(&id, "It did not come.", "again").await.expect(201);
    assert_eq!(desk.ticket(&id).await["ticket"]["status"], "waiting_staff");
    let resolve = format!("/support/tickets/{id}/resolve");
    for _ in 0..2 {
        let done = desk.airline.call("POST", &resolve, Some(&desk.asha), None).await.expect(200);
        assert_eq!(
            (&done.json["status"], &done.json["available_actions"]),
            (&json!("resolved"), &json!(["message"]))
        );
    }
    desk.airline.assert_sound().await;
}

#[tokio::test]
async fn what_is_resolved_can_be_opened_for_a_time_to_the_second() {
    let desk = Desk::new().await;
    let (id, other) = (desk.ask("other", "ask").await, desk.ask("other", "ask-2").await);
    for ticket in [&id, &other] {
        desk.answer(ticket, json!({"text": "Done.", "resolve": true}), &format!("done-{ticket}"))
            .await
            .expect(201);
    }
    desk.airline.later(SignedDuration::from_hours(24 * 14) - SignedDuration::from_secs(1));
    desk.airline.run_job("close_support_tickets").await;
    desk.say(&id, "It is not.", "not").await.expect(201);
    desk.airline.later(SignedDuration::from_secs(1));
    // Also before the job has come to it.
    desk.say(&other, "It is not.", "not-2").await.expect(409).has_code("ticket_closed");
    assert_eq!(desk.ticket(&other).await["ticket"]["available_actions"], json!([]));
    assert_eq!(desk.airline.run_job("close_support_tickets").await, 1);
    assert_eq!(desk.ticket(&other).await["ticket"]["status"], "closed");
    desk.answer(&other, json!({"text": "One more thing."}), "more")
        .await
        .expect(409)
        .has_code("ticket_closed");
    assert_eq!(desk.ticket(&id).await["ticket"]["status"], "waiting_staff");
    desk.airline.assert_sound().await;
}

#[tokio::test]
async fn the_queue_begins_with_whoever_must_be_answered_first() {
    let desk = Desk::new().await;
    let refund = desk.ask("refund", "1").await;
    desk.airline.later(SignedDuration::from_hours(1));
    let stranded = desk.ask("disruption", "2").await;
    let order = |queue: &Value| -> Vec<String> {
        let tickets = queue["tickets"].as_array().expect("a list").iter();
        tickets.map(|one| one["ticket"]["id"].as_str().expect("an id").to_owned()).collect()
    };
    assert_eq!(order(&desk.queue("").await), [stranded.as_str(), refund.as_str()]);
    let first = desk.queue("?limit=1").await;
    assert_eq!(order(&first), [stranded.as_str()]);
    let next = first["next_cursor"].as_str().expect("a cursor");
    assert_eq!(order(&desk.queue(&format!("?limit=1&cursor={next}")).await), [refund.as_str()]);
    assert_eq!(order(&desk.queue("?category=refund").await), [refund.as_str()]);
    assert_eq!(order(&desk.queue("?status=closed").await), Vec::<String>::new());
    // Overdue to the second: what is due now is not late yet.
    desk.airline.later(SignedDuration::from_hours(4));
    assert_eq!(order(&desk.queue("?overdue=true").await), Vec::<String>::new());
    desk.airline.later(SignedDuration::from_secs(1));
    let late = desk.queue("?overdue=true").await;
    assert_eq!(
        (order(&late), &late["overdue"], &late["tickets"][0]["overdue"]),
        (vec![stranded.clone()], &json!(1), &json!(true))
    );
    // Taken, and given to somebody who can answer.
    let path = format!("/admin/support/tickets/{refund}");
    let patch = |body: Value| desk.airline.call("PATCH", &path, Some(&desk.staff), Some(body));
    patch(json!({"assigned_to": "me"})).await.expect(200);
    assert_eq!(order(&desk.queue("?assigned_to=me").await), [refund.as_str()]);
    assert_eq!(order(&desk.queue("?assigned_to=nobody").await), [stranded.as_str()]);
    let traveller =
        desk.airline.call("GET", "/profile", Some(&desk.asha), None).await.expect(200).text("/id");
    patch(json!({"assigned_to": traveller})).await.expect(422);
    patch(json!({"assigned_to": "nobody"})).await.expect(200);
    // What turns out to be urgent is.
    let urgent = patch(json!({"category": "assistance"})).await.expect(200);
    assert_eq!(urgent.json["ticket"]["answer_expected_by"], "2026-06-01T21:00:01Z");
    let done = patch(json!({"resolved": true})).await.expect(200);
    assert_eq!((&done.json["ticket"]["status"], &done.json["overdue"]), (&json!("resolved"), &json!(false)));
    for query in ["?status=lost", "?category=cats", "?assigned_to=you", "?limit=51", "?cursor=1"] {
        let path = format!("/admin/support/tickets{query}");
        desk.airline.call("GET", &path, Some(&desk.staff), None).await.expect(422);
    }
    // Who sells at a counter may read, and no more.
    desk.airline.call("GET", "/admin/support/tickets", Some(&desk.agent), None).await.expect(200);
    desk.airline.call("PATCH", &path, Some(&desk.agent), Some(json!({"resolved": true}))).await.expect(403);
}

#[tokio::test]
async fn files_are_what_they_are_and_go_to_those_they_are_for() {
    let desk = Desk::new().await;
    let ben = desk.airline.account("ben@example.com", Role::Traveller).await;
    let refused: [&[u8]; 5] = [
        b"<html><script>alert(1)</script>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ\x90\x00 a program",
        b"PK\x03\x04 a zip",
        b"",
    ];
    for content in refused {
        let reply = desk.upload(&desk.asha, "/support/attachments?name=bag.png", content).await;
        reply.expect(422).has_code("file_not_allowed");
    }
    let sent = desk.upload(&desk.asha, "/support/attachments?name=..%2F..%2Fbag.html", PNG).await.expect(201);
    assert_eq!((&sent.json["name"], &sent.json["media_type"]), (&json!("bag.png"), &json!("image/png")));
    let file = sent.text("/id");
    let path = format!("/support/attachments/{file}");
    // Nobody else's, and nothing of staff's until it is said.
    desk.download(&ben, &path).await.expect(404);
    desk.download(&desk.staff, &format!("/admin{path}")).await.expect(404);
    let new = |files: &[&str]| json!({"category": "baggage", "subject": "My bag", "text": "As here.", "attachments": files});
    desk.post(&ben, "/support/tickets", new(&[&file]), "steal").await.expect(422);
    desk.post(&desk.asha, "/support/tickets", new(&[&file, &file]), "twice").await.expect(422);
    let asked = desk.post(&desk.asha, "/support/tickets", new(&[&file]), "ask").await.expect(201);
    assert_eq!(asked.json["thread"][0]["attachments"][0], sent.json);
    desk.post(&desk.asha, "/support/tickets", new(&[&file]), "again").await.expect(422);
    let got = desk.download(&desk.asha, &path).await.expect(200);
    assert!(
        got.bytes.starts_with(b"\x89PNG\r\n\x1a\n") && json!(got.bytes.len()) == sent.json["bytes"],
        "{:?}",
        got.bytes
    );
    let header = |name: &str| {
        got.headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().to_owned()
    };
    assert_eq!(header("content-type"), "image/png");
    assert!(header("content-disposition").starts_with("attachment; filename=\"bag.png\""));
    assert_eq!(
        (header("x-content-type-options"), header("content-security-policy")),
        ("nosniff".into(), "sandbox; default-src 'none'".into())
    );
    assert!(header("cache-control").contains("no-store"), "{}", header("cache-control"));
    assert_eq!(desk.download(&desk.staff, &format!("/admin{path}")).await.expect(200).bytes, got.bytes);
    // Staff's: with the answer, not before; and never with a note.
    let id = asked.text("/ticket/id");
    let form = format!("/admin/support/attachments?ticket_id={id}&name=form.pdf");
    let (form, secret) = (
        desk.upload(&desk.staff, &form, PDF).await.expect(201).text("/id"),
        desk.upload(&desk.staff, &form, PDF).await.expect(201).text("/id"),
    );
    desk.download(&desk.asha, &format!("/support/attachments/{form}")).await.expect(404);
    desk.answer(&id, json!({"text": "Look.", "internal": true, "attachments": [secret]}), "note")
        .await
        .expect(201);
    desk.answer(&id, json!({"text": "Fill this in.", "attachments": [form]}), "form").await.expect(201);
    assert_eq!(
        desk.download(&desk.asha, &format!("/support/attachments/{form}")).await.expect(200).bytes,
        PDF
    );
    desk.download(&desk.asha, &format!("/support/attachments/{secret}")).await.expect(404);
    // At rest it is neither the picture nor its name.
    let plain = "SELECT count(*) FROM support_attachments WHERE position('PNG'::bytea IN content_sealed) > 0 OR position('bag'::bytea IN name_sealed) > 0";
    assert_eq!(desk.airline.count(plain).await, 0);
    desk.airline.assert_sound().await;
}

#[tokio::test]
async fn files_are_limited_in_size_and_number_and_forgotten_if_not_used() {
    let airline = Airline::with(|config| {
        config.support.attachment_bytes = 200_000;
        config.support.attachments_per_day = 3;
    });
    let desk = Desk::of(airline.await).await;
    let of = |bytes: usize| [PNG, &vec![0; bytes - PNG.len()]].concat();
    let path = "/support/attachments";
    desk.upload(&desk.asha, path, &of(200_001)).await.expect(413).has_code("body_too_large");
    // Longer than any other body may be.
    assert!(desk.airline.app.config.http.body_bytes < 200_000);
    let kept = desk.upload(&desk.asha, path, &of(200_000)).await.expect(201).text("/id");
    let new = json!({"category": "other", "subject": "S", "text": "T", "attachments": [kept]});
    desk.post(&desk.asha, "/support/tickets", new, "ask").await.expect(201);
    for _ in 0..2 {
        desk.upload(&desk.asha, path, PNG).await.expect(201);
    }
    desk.upload(&desk.asha, path, PNG).await.expect(429).has_code("too_many_files");
    desk.upload("nobody", path, &of(200_000)).await.expect(401);
    desk.airline.later(SignedDuration::from_hours(24));
    assert_eq!(desk.airline.run_job("delete_loose_attachments").await, 2);
    assert_eq!(desk.airline.count("SELECT count(*) FROM support_attachments").await, 1);
    desk.upload(&desk.asha, path, PNG).await.expect(201);
}

#[tokio::test]
async fn a_ticket_is_about_a_booking_of_ones_own() {
    let desk = Desk::new().await;
    let (admin, ben) =
        (desk.airline.admin().await, desk.airline.account("ben@example.com", Role::Traveller).await);
    desk.airline.flight(&admin, "KR1", ("ABE", "ATL"), ("2026-06-10T08:35", "2026-06-10T10:35"), 9).await;
    let offer = desk.airline.offer("origin=ABE&destination=ATL&date=2026-06-10").await;
    let held = desk.post(&desk.asha, "/bookings", booking_body(&offer), "hold").await.expect(201).text("/id");
    let new = json!({"category": "booking", "subject": "S", "text": "T", "booking_id": held});
    let refused = desk.post(&ben, "/support/tickets", new.clone(), "ask").await.expect(422);
    assert_eq!(refused.json["field"], "booking_id");
    let asked = desk.post(&desk.asha, "/support/tickets", new, "ask").await.expect(201);
    assert_eq!(asked.json["ticket"]["booking_id"], held);
}

#[tokio::test]
async fn nobody_asks_and_writes_without_end_in_a_day() {
    let airline = Airline::with(|config| {
        config.support.tickets_per_day = 3;
        config.support.messages_per_day = 5;
    });
    let desk = Desk::of(airline.await).await;
    let new = json!({"category": "other", "subject": "S", "text": "T"});
    let ask = async |key: &str| desk.post(&desk.asha, "/support/tickets", new.clone(), key).await;
    let id = ask("a1").await.expect(201).text("/ticket/id");
    let path = format!("/support/tickets/{id}/messages");
    let write = async |key: &str| desk.post(&desk.asha, &path, json!({"text": "T"}), key).await;
    // What is resolved counts too: whoever opens and resolves is as loud.
    let resolve = format!("/support/tickets/{id}/resolve");
    desk.airline.call("POST", &resolve, Some(&desk.asha), None).await.expect(200);
    ask("a2").await.expect(201);
    ask("a3").await.expect(201);
    ask("a4").await.expect(429).has_code("too_many_tickets");
    write("m1").await.expect(201);
    write("m2").await.expect(201);
    write("m3").await.expect(429).has_code("too_many_messages");
    // Answers of staff are not counted, nor is what was said before.
    desk.answer(&id, json!({"text": "T"}), "n").await.expect(201);
    write("m2").await.expect(201);
    desk.airline.later(SignedDuration::from_hours(24));
    write("m4").await.expect(201);
    ask("a5").await.expect(201);
}

#[tokio::test]
async fn odd_tickets_are_refused_and_nobody_opens_too_many() {
    let desk = Desk::of(Airline::with(|config| config.support.open_tickets = 2).await).await;
    let good = json!({"category": "other", "subject": "S", "text": "T"});
    for (member, value) in [
        ("category", json!("cats")),
        ("subject", json!("  ")),
        ("subject", json!("two\nlines")),
        ("subject", json!("x".repeat(151))),
        ("text", json!("")),
        ("text", json!("x".repeat(5_001))),
        ("text", json!("a\u{1b}[31m")),
        ("attachments", json!(["att_0193f2a1c5d07bb2a4d1c0ffee00000f"])),
    ] {
        let mut body = good.clone();
        body[member] = value;
        let refused = desk.post(&desk.asha, "/support/tickets", body, "odd").await.expect(422);
        assert_eq!(refused.json["field"], member);
    }
    assert_eq!(desk.airline.count("SELECT count(*) FROM support_tickets").await, 0);
    let id = desk.ask("other", "1").await;
    desk.ask("other", "2").await;
    desk.post(&desk.asha, "/support/tickets", good.clone(), "3")
        .await
        .expect(409)
        .has_code("too_many_open_tickets");
    desk.airline
        .call("POST", &format!("/support/tickets/{id}/resolve"), Some(&desk.asha), None)
        .await
        .expect(200);
    desk.post(&desk.asha, "/support/tickets", good, "3").await.expect(201);
    let note = json!({"text": "T", "internal": true, "resolve": true});
    desk.answer(&id, note, "n").await.expect(422);
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_said_at_once_is_numbered_without_gaps() {
    let desk = Desk::new().await;
    let id = desk.ask("other", "ask").await;
    let saying = (0..12).map(|turn| {
        let (desk, id) = (&desk, &id);
        async move {
            if turn % 2 == 0 {
                desk.say(id, "More.", &format!("say-{turn}")).await
            } else {
                desk.answer(id, json!({"text": "Yes."}), &format!("answer-{turn}")).await
            }
        }
    });
    for reply in futures_util::future::join_all(saying).await {
        reply.expect(201);
    }
    let numbers: Vec<i64> = desk.ticket(&id).await["thread"]
        .as_array()
        .expect("a thread")
        .iter()
        .filter_map(|one| one["number"].as_i64())
        .collect();
    assert_eq!(numbers, (1..=13).collect::<Vec<_>>());
    desk.airline.assert_sound().await;
}

#[tokio::test]
async fn with_an_account_go_its_tickets_and_files() {
    let desk = Desk::new().await;
    let file = desk.upload(&desk.asha, "/support/attachments", PNG).await.expect(201).text("/id");
    let new = json!({"category": "account", "subject": "My data", "text": "Which?", "attachments": [file]});
    desk.post(&desk.asha, "/support/tickets", new, "ask").await.expect(201);
    let data = desk.airline.call("GET", "/me/export", Some(&desk.asha), None).await.expect(200);
    assert_eq!(data.json["support_tickets"][0]["thread"][0]["text"], "Which?");
    desk.airline.call("DELETE", "/me", Some(&desk.asha), None).await.expect(204);
    for count in [
        "SELECT count(*) FROM support_tickets",
        "SELECT count(*) FROM support_messages",
        "SELECT count(*) FROM support_attachments",
    ] {
        assert_eq!(desk.airline.count(count).await, 0, "{count}");
    }
}

#[tokio::test]
async fn old_tickets_are_forgotten() {
    let desk = Desk::of(Airline::with(|config| config.support.keep_days = 20).await).await;
    let (old, open) = (desk.ask("other", "1").await, desk.ask("other", "2").await);
    desk.answer(&old, json!({"text": "Done.", "resolve": true}), "done").await.expect(201);
    desk.airline.later(SignedDuration::from_hours(24 * 20));
    desk.airline.run_job("close_support_tickets").await;
    assert_eq!(desk.airline.run_job("delete_old_support_tickets").await, 1);
    desk.airline.call("GET", &format!("/support/tickets/{old}"), Some(&desk.asha), None).await.expect(404);
    assert_eq!(desk.ticket(&open).await["ticket"]["status"], "open");
}

/// Many files at once are all looked at before the first of them is kept; each is counted when it is.
#[tokio::test(flavor = "multi_thread")]
async fn files_that_are_sent_at_once_are_counted_one_after_the_other() {
    let desk = Desk::of(Airline::with(|config| config.support.attachments_per_day = 1).await).await;
    let held = desk.airline.holding("SELECT FROM users FOR UPDATE").await;
    let upload = || {
        let file = request("POST", "/api/v1/support/attachments", Some(&desk.asha), None, None);
        tokio::spawn(send(desk.airline.router(), file.map(|_| Body::from(PNG.to_vec()))))
    };
    let sent: Vec<_> = (0..3).map(|_| upload()).collect();
    desk.airline.until_so_many_wait(3).await;
    drop(held);
    let mut statuses = Vec::new();
    for reply in sent {
        statuses.push(reply.await.expect("an answer").status.as_u16());
    }
    statuses.sort_unstable();
    assert_eq!(statuses, [201, 429, 429]);
    assert_eq!(desk.airline.count("SELECT count(*) FROM support_attachments").await, 1);
}
