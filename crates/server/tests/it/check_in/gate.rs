//! The gate: who gets on, who does not, and what becomes of their tickets.

use std::collections::BTreeSet;

use futures_util::future::join_all;
use jiff::SignedDuration;
use serde_json::{Value, json};

use super::{Terminal, people};
use crate::support::{Reply, request, send};

impl Terminal {
    /// Checks everybody in a day before, and turns the clock to half an hour before departure.
    pub(super) async fn at_the_gate(&self, bookings: &[(&str, &[i16])]) {
        self.seconds_before(24 * 3600);
        for (id, passengers) in bookings {
            self.check_in(id, passengers).await.expect(200);
        }
        self.seconds_before(1_800);
    }

    pub(super) async fn codes(&self, id: &str) -> Vec<String> {
        let passes = self.passes(id).await;
        passes.iter().map(|pass| pass["bar_code"].as_str().expect("a text").to_owned()).collect()
    }

    pub(super) async fn scan(&self, code: &str, device: &str, scan: &str) -> Reply {
        let body = json!({"bar_code": code, "device": device, "scan": scan});
        let path = format!("/flights/{}/boardings", self.flight);
        self.airline.call("POST", &path, Some(&self.admin), Some(body)).await
    }

    pub(super) async fn off(&self, number: i16) -> Reply {
        let path = format!("/flights/{}/boardings/{number}", self.flight);
        self.airline.call("DELETE", &path, Some(&self.admin), None).await
    }

    pub(super) async fn close(&self) -> Reply {
        let path = format!("/flights/{}/close-boarding", self.flight);
        self.airline.call("POST", &path, Some(&self.admin), None).await
    }

    /// The manifest as a table: four passengers, the first of them Asha Rao.
    async fn is_a_sheet_too(&self) {
        let path = format!("/flights/{}/manifest.csv", self.flight);
        let sheet = self.airline.call("GET", &path, Some(&self.admin), None).await.expect(200);
        assert_eq!(sheet.headers["content-disposition"], "attachment; filename=\"KR1-2026-06-10.csv\"");
        let sheet = String::from_utf8(sheet.bytes).expect("UTF-8");
        let rows: Vec<&str> = sheet.trim_start_matches('\u{feff}').lines().collect();
        assert_eq!((rows.len(), rows[0].starts_with("sequence,seat,family_name,")), (5, true));
        assert!(rows[1].starts_with("1,") && rows[1].contains(",Rao,Asha,adult,economy,"), "{}", rows[1]);
        self.airline.call("GET", &path, Some(&self.token), None).await.expect(403);
    }

    async fn manifest(&self) -> Value {
        let path = format!("/flights/{}/manifest", self.flight);
        self.airline.call("GET", &path, Some(&self.admin), None).await.expect(200).json
    }

    /// How many are open, checked in, boarded, flown, not there.
    async fn counts(&self) -> [i64; 5] {
        let counts = self.manifest().await["counts"].clone();
        ["open", "checked_in", "boarded", "flown", "no_show"].map(|of| counts[of].as_i64().expect("a number"))
    }

    pub(super) async fn events(&self, kind: &'static str) -> i64 {
        let sql = self.airline.sql().await;
        let rows = "SELECT count(*) FROM outbox WHERE type = $1";
        sql.query_one(rows, &[&kind]).await.expect("a row").get(0)
    }
}

#[tokio::test]
async fn whoever_boards_has_flown_and_whoever_does_not_come_has_not() {
    let terminal = Terminal::open().await;
    let (two, one, never) = (
        terminal.booked("aa", "k1").await,
        terminal.booked("a", "k2").await,
        terminal.booked("a", "k3").await,
    );
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&two, &[1, 2]).await.expect(200);
    terminal.check_in(&one, &[1]).await.expect(200);
    terminal.staff_put(json!({"gate": "B4"})).await;
    let (codes, other) = (terminal.codes(&two).await, terminal.codes(&one).await);
    terminal.seconds_before(2_401);
    let early = terminal.scan(&codes[0], "left", "s0").await.expect(409);
    assert_eq!(
        (early.code(), early.text("/boarding_at").as_str()),
        ("boarding_not_open", "2026-06-10T11:55:00Z")
    );
    terminal.close().await.expect(409).has_code("boarding_not_open");
    terminal.seconds_before(1_800);
    let aboard = terminal.scan(&codes[0], "left", "s1").await.expect(200);
    assert_eq!((aboard.text("/given_name"), aboard.text("/gate")), ("Asha".to_owned(), "B4".to_owned()));
    assert_eq!((&aboard.json["sequence"], &aboard.json["version"]), (&json!(1), &json!(1)));
    terminal.scan(&other[0], "right", "s1").await.expect(200);
    assert_eq!(terminal.counts().await, [1, 1, 2, 0, 0]);
    let lines = terminal.manifest().await["passengers"].clone();
    let sequences: Vec<Option<i64>> =
        lines.as_array().expect("lines").iter().map(|line| line["sequence"].as_i64()).collect();
    assert_eq!(sequences, [Some(1), Some(2), Some(3), None]);
    assert_eq!((&lines[0]["status"], &lines[0]["family_name"]), (&json!("boarded"), &json!("Rao")));
    terminal.is_a_sheet_too().await;
    // Let on by mistake; on board nobody is put off, and nobody else's ticket ends the booking.
    terminal.offload(&one, &[1]).await.expect(409).has_code("has_boarded");
    terminal.off(3).await.expect(204);
    terminal.off(3).await.expect(404);
    assert_eq!(people(&terminal.stands(&one).await)[0].1, "checked_in");
    terminal.scan(&other[0], "right", "s2").await.expect(200);
    terminal.airline.assert_sound().await;

    let closed = terminal.close().await.expect(200);
    assert_eq!((&closed.json["boarded"], &closed.json["no_shows"]), (&json!(2), &json!(2)));
    assert_eq!(terminal.close().await.expect(200).json, closed.json);
    terminal.scan(&codes[1], "left", "s3").await.expect(409).has_code("boarding_closed");
    assert_eq!(
        terminal.scan(&codes[0], "left", "s1").await.expect(200).bytes,
        aboard.bytes,
        "as it was answered"
    );
    terminal.off(1).await.expect(409).has_code("boarding_closed");
    terminal.staff_put(json!({"delay_minutes": 60})).await;
    terminal.at_counter(&never, &[1]).await.expect(422).has_code("invalid_field");
    assert_eq!(people(&terminal.stands(&never).await)[0].1, "no_show");
    assert_eq!(terminal.passes(&two).await.len(), 1, "who did not come has no pass");
    assert_eq!(terminal.airline.run_job("follow_departures").await, 0);
    terminal.staff_put(json!({"status": "departed"})).await;
    assert_eq!(terminal.airline.run_job("follow_departures").await, 2);
    assert_eq!(terminal.airline.run_job("follow_departures").await, 0);
    assert_eq!(terminal.counts().await, [0, 0, 0, 2, 2]);
    terminal.scan(&codes[1], "left", "s4").await.expect(409).has_code("already_departed");
    for (kind, times) in [
        ("boarding.accepted", 3),
        ("boarding.undone", 1),
        ("boarding.missed", 2),
        ("boarding.flown", 2),
        ("flight.boarding_closed", 1),
    ] {
        assert_eq!(terminal.events(kind).await, times, "{kind}");
    }
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn a_pass_boards_one_and_only_the_newest_of_this_flight() {
    let terminal = Terminal::open().await;
    let (id, other) = (terminal.booked("aa", "k1").await, terminal.booked("a", "k2").await);
    terminal.seconds_before(24 * 3600);
    terminal.check_in(&id, &[1, 2]).await.expect(200);
    terminal.check_in(&other, &[1]).await.expect(200);
    let (before, gone) = (terminal.codes(&id).await, terminal.codes(&other).await);
    terminal.seat(&id, "20C").await;
    terminal.undo(&other, 1).await.expect(200);
    let after = terminal.codes(&id).await;
    terminal.seconds_before(1_800);
    terminal.scan(&before[0], "left", "s1").await.expect(409).has_code("pass_replaced");
    terminal.scan(&gone[0], "left", "s1").await.expect(409).has_code("pass_ended");
    let aboard = terminal.scan(&after[0], "left", "s1").await.expect(200);
    assert_eq!(aboard.text("/seat"), "20C");
    // An answer that was lost, a reader that beeped twice; then a copy, elsewhere and at the same reader.
    assert_eq!(terminal.scan(&after[0], "left", "s1").await.expect(200).bytes, aboard.bytes);
    assert_eq!(terminal.scan(&after[0], "left", "s2").await.expect(200).bytes, aboard.bytes);
    let used = terminal.scan(&after[0], "right", "s3").await.expect(409);
    assert_eq!((used.code(), used.text("/device").as_str()), ("already_boarded", "left"));
    assert_eq!(used.text("/boarded_at"), aboard.text("/boarded_at"));
    terminal.airline.later(SignedDuration::from_secs(16));
    terminal.scan(&after[0], "left", "s4").await.expect(409).has_code("already_boarded");
    terminal.scan(&after[0], "right", "s1").await.expect(409).has_code("already_boarded");

    let reason = async |code: &str| {
        let refused = terminal.scan(code, "left", "s9").await.expect(422);
        refused.has_code("pass_not_ours");
        refused.text("/reason")
    };
    assert_eq!(reason(&before[1].replacen("ASHA", "ADAM", 1)).await, "signature");
    assert_eq!(reason(before[1].split('^').next().expect("a text")).await, "not_signed");
    assert_eq!(reason("M1").await, "text");
    assert_eq!(reason(&"M".repeat(2_000)).await, "text");
    terminal.scan(&before[1], "", "s9").await.expect(422).has_code("invalid_field");
    let times = ("2026-06-11T08:35", "2026-06-11T10:35");
    let tomorrow = terminal.airline.flight(&terminal.admin, "KR1", ("ABE", "ATL"), times, 9).await;
    let path = format!("/flights/{tomorrow}/boardings");
    let body = json!({"bar_code": before[1], "device": "left", "scan": "s9"});
    let elsewhere = terminal.airline.call("POST", &path, Some(&terminal.admin), Some(body.clone())).await;
    let elsewhere = elsewhere.expect(409);
    assert_eq!(
        (elsewhere.code(), elsewhere.text("/is_for").as_str()),
        ("pass_of_another_flight", "KR1 ABE-ATL, day 161")
    );
    // Only staff of the gate.
    let path = format!("/flights/{}/boardings", terminal.flight);
    terminal.airline.call("POST", &path, Some(&terminal.token), Some(body)).await.expect(403);
    let path = format!("/flights/{}/manifest", terminal.flight);
    terminal.airline.call("GET", &path, Some(&terminal.token), None).await.expect(403);
    terminal.airline.assert_sound().await;
}

/// A reading that was taken back is known for a month, and then nobody asks about it any more.
#[tokio::test]
async fn readings_that_were_taken_back_are_forgotten() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.at_the_gate(&[(&id, &[1])]).await;
    let codes = terminal.codes(&id).await;
    terminal.scan(&codes[0], "left", "s1").await.expect(200);
    terminal.off(1).await.expect(204);
    let month = SignedDuration::from_hours(30 * 24);
    for (after, forgotten) in [(month, 0), (SignedDuration::from_secs(1), 1), (month, 0)] {
        terminal.airline.later(after);
        assert_eq!(terminal.airline.run_job("forget_undone_boardings").await, forgotten);
    }
    assert_eq!(terminal.airline.count("SELECT count(*) FROM undone_boardings").await, 0);
}

/// A reader whose answer was lost asks again, and does not know that staff have taken it back since. Reading the pass again is another thing.
#[tokio::test]
async fn a_reading_that_was_taken_back_boards_nobody_when_it_is_sent_again() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.at_the_gate(&[(&id, &[1])]).await;
    let code = terminal.codes(&id).await.remove(0);
    terminal.scan(&code, "left", "s1").await.expect(200);
    terminal.off(1).await.expect(204);
    terminal.scan(&code, "left", "s1").await.expect(409).has_code("boarding_undone");
    assert_eq!(terminal.counts().await, [0, 1, 0, 0, 0]);
    // Another reader that counts likewise has read it for the first time.
    terminal.scan(&code, "right", "s1").await.expect(200);
    terminal.off(1).await.expect(204);
    terminal.scan(&code, "left", "s2").await.expect(200);
    terminal.off(1).await.expect(204);
    for (device, scan) in [("left", "s1"), ("left", "s2"), ("right", "s1")] {
        terminal.scan(&code, device, scan).await.expect(409).has_code("boarding_undone");
    }
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn children_and_infants_are_not_on_board_alone() {
    let terminal = Terminal::open().await;
    let id = terminal.booked(&["aac", "i"].concat(), "k1").await;
    terminal.at_the_gate(&[(&id, &[1, 2, 3])]).await;
    let codes = terminal.codes(&id).await;
    terminal.scan(&codes[3], "left", "s4").await.expect(409).has_code("adult_first");
    terminal.scan(&codes[2], "left", "s3").await.expect(200);
    let refused = terminal.close().await.expect(409);
    assert_eq!((refused.code(), &refused.json["sequences"]), ("children_alone", &json!([3])));
    terminal.scan(&codes[0], "left", "s1").await.expect(200);
    terminal.scan(&codes[3], "left", "s5").await.expect(200);
    terminal.off(1).await.expect(204);
    assert_eq!(terminal.counts().await, [0, 3, 1, 0, 0], "the infant left with its lap");
    terminal.scan(&codes[0], "left", "s6").await.expect(200);
    // Whoever is not on board gives their ticket back; the booking is not over.
    terminal.give_back(&id, &[2]).await;
    let path = format!("/bookings/{id}");
    let booking = terminal.airline.call("GET", &path, Some(&terminal.token), None).await.expect(200);
    assert_eq!(booking.text("/status"), "confirmed");
    terminal.scan(&codes[3], "left", "s7").await.expect(200);
    terminal.close().await.expect(200);
    assert_eq!(terminal.counts().await, [0, 0, 3, 0, 0]);
    terminal.airline.assert_sound().await;
}

#[tokio::test]
async fn a_flight_that_is_cancelled_lets_everybody_off() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("aa", "k1").await;
    terminal.at_the_gate(&[(&id, &[1, 2])]).await;
    let codes = terminal.codes(&id).await;
    terminal.scan(&codes[0], "left", "s1").await.expect(200);
    terminal.staff_put(json!({"status": "cancelled"})).await;
    terminal.scan(&codes[1], "left", "s2").await.expect(409).has_code("flight_cancelled");
    assert_eq!(terminal.airline.run_job("follow_departures").await, 1);
    assert_eq!(terminal.counts().await, [0, 2, 0, 0, 0]);
    terminal.close().await.expect(409).has_code("flight_cancelled");
    let path = format!("/bookings/{id}");
    let gone = terminal.airline.call("DELETE", &path, Some(&terminal.token), None).await.expect(200);
    assert_eq!(gone.text("/status"), "cancelled");
    terminal.airline.assert_sound().await;
}

/// The request that closed it ended before all were no-shows.
#[tokio::test]
async fn what_an_interrupted_closing_leaves_is_finished() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("aa", "k1").await;
    terminal.at_the_gate(&[(&id, &[1])]).await;
    let closed = "INSERT INTO flight_check_ins (flight_id, last_number) SELECT flight_id, 1 FROM check_ins
                  ON CONFLICT (flight_id) DO UPDATE SET closed_at = now(), closed_by = gen_random_uuid()";
    terminal.airline.sql().await.batch(closed).await.expect("closed");
    terminal.airline.run_job("settle_closed_flights").await;
    assert_eq!(terminal.counts().await, [0, 0, 0, 0, 2]);
    assert_eq!(terminal.airline.run_job("settle_closed_flights").await, 0);
    terminal.airline.assert_sound().await;
}

/// All at once, over two servers: method, path, body.
async fn at_once(terminal: &Terminal, requests: Vec<(&'static str, String, Option<Value>)>) -> Vec<Reply> {
    let (_, second) = terminal.airline.second_server().await;
    terminal.airline.warm_pool().await;
    let asked = requests.into_iter().enumerate().map(|(index, (method, path, body))| {
        let router = if index % 2 == 0 { terminal.airline.router() } else { second.clone() };
        tokio::spawn(send(router, request(method, &path, Some(&terminal.admin), body, None)))
    });
    let replies = join_all(asked.collect::<Vec<_>>()).await;
    replies.into_iter().map(|reply| reply.expect("an answer")).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn many_readers_and_one_pass_let_one_on() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.at_the_gate(&[(&id, &[1])]).await;
    let code = terminal.codes(&id).await.remove(0);
    let path = format!("/flights/{}/boardings", terminal.flight);
    let read = |reader: usize| {
        let body = json!({"bar_code": code, "device": format!("d{reader}"), "scan": format!("s{reader}")});
        ("POST", path.clone(), Some(body))
    };
    let replies = at_once(&terminal, (0..24).map(read).collect()).await;
    let aboard: Vec<&Reply> = replies.iter().filter(|reply| reply.status == 200).collect();
    assert_eq!(aboard.len(), 1);
    let device = aboard[0].text("/device");
    for refused in replies.iter().filter(|reply| reply.status != 200) {
        assert_eq!((refused.code(), refused.text("/device")), ("already_boarded", device.clone()));
    }
    assert_eq!(terminal.events("boarding.accepted").await, 1);
    terminal.airline.assert_sound().await;
}

/// Each pass is read while its passenger is put off, and while the flight is closed. Whoever comes first, all agree in the end.
#[tokio::test(flavor = "multi_thread")]
async fn boarding_against_offloading_and_closing_leaves_one_or_the_other() {
    let terminal = Terminal::open().await;
    let mut bookings = Vec::new();
    for number in 0..12 {
        bookings.push(terminal.booked("a", &format!("k{number}")).await);
    }
    let all: Vec<(&str, &[i16])> = bookings.iter().map(|id| (id.as_str(), &[1_i16][..])).collect();
    terminal.at_the_gate(&all).await;
    let flight = format!("/flights/{}", terminal.flight);
    let mut requests = Vec::new();
    for (number, id) in bookings.iter().enumerate() {
        let code = terminal.codes(id).await.remove(0);
        let body = json!({"bar_code": code, "device": "left", "scan": number.to_string()});
        requests.push(("POST", format!("{flight}/boardings"), Some(body)));
        if number % 2 == 0 {
            let body =
                json!({"locator": terminal.locator(id).await, "passengers": [1], "reason": "a volunteer"});
            requests.push(("POST", format!("{flight}/offload"), Some(body)));
        }
        if number == 8 {
            requests.push(("POST", format!("{flight}/close-boarding"), None));
        }
    }
    let replies = at_once(&terminal, requests).await;
    let codes: BTreeSet<&str> = replies.iter().map(Reply::code).collect();
    for code in &codes {
        assert!(["", "pass_ended", "has_boarded", "boarding_closed"].contains(code), "{codes:?}");
    }
    terminal.airline.run_job("settle_closed_flights").await;
    let [open, waiting, boarded, flown, missed] = terminal.counts().await;
    assert_eq!((open, waiting, flown, boarded + missed), (0, 0, 0, 12));
    assert_eq!(terminal.airline.count("SELECT count(*) FROM boardings").await, boarded);
    terminal.airline.assert_sound().await;
}

/// The lock, held by somebody else: whoever boards waits for a gate that is being closed, and is refused.
#[tokio::test(flavor = "multi_thread")]
async fn whoever_boards_waits_for_a_closing() {
    let terminal = Terminal::open().await;
    let id = terminal.booked("a", "k1").await;
    terminal.at_the_gate(&[(&id, &[1])]).await;
    let code = terminal.codes(&id).await.remove(0);
    let closing = terminal.airline.app.db.begin().await.expect("a transaction");
    closing
        .batch("UPDATE flight_check_ins SET closed_at = now(), closed_by = gen_random_uuid()")
        .await
        .expect("closed");
    let body = json!({"bar_code": code, "device": "left", "scan": "s1"});
    let path = format!("/flights/{}/boardings", terminal.flight);
    let asked = request("POST", &path, Some(&terminal.admin), Some(body), None);
    let reading = tokio::spawn(send(terminal.airline.router(), asked));
    terminal.airline.until_it_waits(&reading).await;
    closing.commit().await.expect("committed");
    reading.await.expect("an answer").expect(409).has_code("boarding_closed");
    terminal.airline.run_job("settle_closed_flights").await;
    terminal.airline.assert_sound().await;
}
