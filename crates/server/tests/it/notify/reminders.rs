//! Check-in opens, and whoever is not checked in is reminded: once, moved by a delay, dropped by a cancellation.

use serde_json::json;
use server::check_in::import::import_check_in_policies;
use server::flights::import::File;
use testkit::smtp::Manner;

use super::{Told, tell_with};
use crate::support::run_job_of;

const MINE: &str = "traveller@example.com";
const REMINDED: &str = "SELECT count(*) FROM notifications WHERE topic = 'check_in_reminder'";

/// A booked flight that leaves at 12:35 on 10 June in UTC, told of, at a time of that day.
async fn booked(at: &str) -> Told {
    booked_on("2026-06-10", at).await
}

async fn booked_on(date: &str, at: &str) -> Told {
    let told = Told::new().await;
    told.booked(&told.token, MINE, "b1").await;
    told.tell().await;
    told.send().await;
    told.turn_clock_to(&format!("{date}T{at}:00Z"));
    told
}

/// What the jobs do within a minute.
async fn minute(told: &Told) {
    told.airline.run_job("file_reminders").await;
    told.tell().await;
    told.send().await;
}

fn reminders(told: &Told) -> usize {
    told.subjects().iter().filter(|subject| subject.contains("check in now")).count()
}

#[tokio::test]
async fn check_in_is_told_when_it_opens_and_the_reminder_three_hours_before_departure() {
    let told = booked_on("2026-06-08", "12:00").await;
    minute(&told).await;
    let opened = "SELECT count(*) FROM notifications WHERE topic = 'check_in_open'";
    assert_eq!(told.airline.count(opened).await, 0, "48 hours and 35 minutes before");
    told.later(35);
    for _ in 0..3 {
        minute(&told).await;
    }
    assert_eq!((told.airline.count(opened).await, told.airline.count(REMINDED).await), (1, 0));
    told.turn_clock_to("2026-06-10T09:34:59Z");
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 0);
    told.turn_clock_to("2026-06-10T09:35:00Z");
    for _ in 0..3 {
        minute(&told).await;
        told.later(20);
    }
    assert_eq!(
        (told.airline.count(opened).await, told.airline.count(REMINDED).await, reminders(&told)),
        (1, 1, 1)
    );
    let titles: Vec<_> = told.subjects();
    assert!(titles.contains(&"Check in for KR1 to Atlanta (ATL)".to_owned()), "{titles:?}");
    // A delay afterwards reminds nobody again.
    told.change(json!({"delay_minutes": 600})).await;
    told.turn_clock_to("2026-06-10T20:00:00Z");
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 1);
}

#[tokio::test]
async fn who_is_checked_in_is_not_reminded_and_nobody_of_a_cancelled_flight_or_booking() {
    for what in ["checked in", "flight cancelled", "booking cancelled", "checked in before it was sent"] {
        let told = booked("09:30").await;
        let checked_in = || async {
            let sql = told.airline.sql().await;
            sql.execute("UPDATE ticket_coupons SET status = 'checked_in'", &[]).await.expect("checked in");
        };
        match what {
            "checked in" => checked_in().await,
            "flight cancelled" => told.change(json!({"status": "cancelled"})).await,
            "booking cancelled" => {
                let booking =
                    told.inbox(&told.token).await[0]["booking_id"].as_str().expect("an id").to_owned();
                told.airline
                    .call("DELETE", &format!("/bookings/{booking}"), Some(&told.token), None)
                    .await
                    .expect(200);
            }
            _ => told.smtp.behave(Manner::AnswersRcpt("451 4.3.0 come back later")),
        }
        told.later(10);
        minute(&told).await;
        if what == "checked in before it was sent" {
            assert_eq!(told.airline.count(REMINDED).await, 1, "it was so when it was told");
            checked_in().await;
            told.smtp.behave(Manner::Takes);
            told.later(10);
            minute(&told).await;
        } else {
            assert_eq!(told.airline.count(REMINDED).await, 0, "{what}");
        }
        assert_eq!(reminders(&told), 0, "{what}");
    }
}

#[tokio::test]
async fn a_delay_moves_it_and_a_time_brought_forward_too() {
    let told = booked("09:00").await;
    told.change(json!({"delay_minutes": 120})).await;
    told.turn_clock_to("2026-06-10T09:40:00Z");
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 0, "three hours before the delayed departure is 11:35");
    told.turn_clock_to("2026-06-10T11:36:00Z");
    minute(&told).await;
    assert_eq!((told.airline.count(REMINDED).await, reminders(&told)), (1, 1));

    // Filed, and then delayed before it was told.
    let told = booked("09:36").await;
    assert_eq!(told.airline.run_job("file_reminders").await, 1);
    told.change(json!({"delay_minutes": 60})).await;
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 0);
    told.turn_clock_to("2026-06-10T10:36:00Z");
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 1);

    let told = booked("07:00").await;
    let sooner = json!({"departs_local": "2026-06-10T05:30", "arrives_local": "2026-06-10T07:30"});
    told.change(sooner).await;
    minute(&told).await;
    assert_eq!(
        (told.airline.count(REMINDED).await, reminders(&told)),
        (1, 1),
        "two and a half hours are left"
    );
}

#[tokio::test]
async fn a_mail_server_that_is_away_makes_it_late_and_not_twice_and_after_check_in_closed_it_is_void() {
    let told = booked("09:36").await;
    told.smtp.behave(Manner::AnswersRcpt("451 4.3.0 come back later"));
    for _ in 0..4 {
        minute(&told).await;
        told.later(3);
    }
    assert_eq!((told.airline.count(REMINDED).await, reminders(&told)), (1, 0));
    told.smtp.behave(Manner::Takes);
    for _ in 0..4 {
        told.later(20);
        minute(&told).await;
    }
    assert_eq!((told.airline.count(REMINDED).await, reminders(&told)), (1, 1));

    let told = booked("09:36").await;
    told.smtp.behave(Manner::AnswersRcpt("451 4.3.0 come back later"));
    minute(&told).await;
    told.smtp.behave(Manner::Takes);
    told.turn_clock_to("2026-06-10T11:36:00Z");
    told.airline.run_job("give_up_mails").await;
    minute(&told).await;
    assert_eq!(reminders(&told), 0, "check-in closed at 11:35");
}

#[tokio::test]
async fn two_workers_remind_once() {
    let told = booked("09:36").await;
    let (other, _) = told.airline.second_server().await;
    let app = &told.airline.app;
    // Both look: the lease lets one file, and without it the row is there once all the same.
    let release = "UPDATE leases SET until = '-infinity'";
    run_job_of(app, "file_reminders").await;
    told.airline.sql().await.execute(release, &[]).await.expect("released");
    run_job_of(&other, "file_reminders").await;
    assert_eq!(told.airline.count("SELECT count(*) FROM news WHERE fact = 'check_in_reminder'").await, 1);
    for _ in 0..3 {
        tokio::join!(tell_with(app), tell_with(&other));
        tokio::join!(run_job_of(app, "send_mails"), run_job_of(&other, "send_mails"));
    }
    assert_eq!((told.airline.count(REMINDED).await, reminders(&told)), (1, 1));
}

#[tokio::test]
async fn a_reminder_that_was_told_is_remembered_for_a_week() {
    let told = booked("09:36").await;
    minute(&told).await;
    let over = "SELECT count(*) FROM news WHERE due_at IS NULL";
    assert_eq!(told.airline.count(over).await, 1);
    told.airline.run_job("delete_old_notifications").await;
    assert_eq!(told.airline.count(over).await, 1);
    told.later(8 * 24 * 60);
    told.airline.run_job("delete_old_notifications").await;
    assert_eq!(told.airline.count(over).await, 0);
    assert_eq!(told.airline.count(REMINDED).await, 1);
    told.later(400 * 24 * 60);
    told.airline.run_job("delete_old_notifications").await;
    assert_eq!(told.airline.count("SELECT count(*) FROM notifications").await, 0);
}

/// What check-in does by a policy is what is told of it, wherever the reminder would be otherwise.
#[tokio::test]
async fn a_route_with_its_own_times_is_told_by_them() {
    let told = booked_on("2026-06-09", "12:30").await;
    let bytes =
        b"origin,destination,opens_minutes,closes_minutes,counter_closes_minutes,passport,passport_months\n\
        ABE,ATL,720,240,60,no,0\n";
    let file = File { name: "policies.csv", bytes };
    import_check_in_policies(&told.airline.app.db, told.airline.app.now(), file).await.expect("filed");
    let opened = "SELECT count(*) FROM notifications WHERE topic = 'check_in_open'";
    minute(&told).await;
    assert_eq!(told.airline.count(opened).await, 0, "it opens twelve hours before");
    told.turn_clock_to("2026-06-10T00:35:00Z");
    minute(&told).await;
    assert_eq!(told.airline.count(opened).await, 1);
    told.turn_clock_to("2026-06-10T07:34:00Z");
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 0);
    told.turn_clock_to("2026-06-10T07:35:00Z");
    told.smtp.behave(Manner::AnswersRcpt("451 4.3.0 come back later"));
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 1, "an hour before it closes");
    told.smtp.behave(Manner::Takes);
    told.turn_clock_to("2026-06-10T08:35:00Z");
    told.airline.run_job("give_up_mails").await;
    minute(&told).await;
    assert_eq!(reminders(&told), 0, "check-in closed at 08:35");
}

/// Turn after turn, what came into its time since the last is filed: the rest is not even looked at, and still nothing is missed.
#[tokio::test]
async fn what_becomes_due_between_two_looks_is_filed_and_what_a_change_brings_into_its_time_too() {
    let told = booked_on("2026-06-08", "12:34").await;
    let jobs = server::notify::api::jobs(&told.airline.app);
    let job = jobs.into_iter().find(|job| job.name == "file_reminders").expect("the job");
    let filed = "SELECT count(*) FROM news WHERE fact LIKE 'check_in_%'";
    assert_eq!(job.turn().await.expect("a turn"), 0);
    told.later(1);
    assert_eq!(job.turn().await.expect("a turn"), 1, "check-in opens at 12:35");
    // Nobody looks at the flight again: what is taken away stays away until everything is looked at.
    told.airline.sql().await.execute("DELETE FROM news", &[]).await.expect("deleted");
    told.later(1);
    assert_eq!(job.turn().await.expect("a turn"), 0);
    told.later(10);
    assert_eq!(job.turn().await.expect("a turn"), 1, "everything is looked at");
    told.tell().await;

    // Brought forward into the time of its reminder, and told of: no look is needed.
    told.turn_clock_to("2026-06-10T07:00:00Z");
    let sooner = json!({"departs_local": "2026-06-10T05:30", "arrives_local": "2026-06-10T07:30"});
    told.change(sooner).await;
    told.tell().await;
    assert_eq!((told.airline.count(filed).await, told.airline.count(REMINDED).await), (2, 1));
}

/// Who was put off the flight cannot check in by themselves, and is not told to.
#[tokio::test]
async fn who_was_put_off_the_flight_is_told_of_it_and_not_reminded() {
    let told = booked("09:30").await;
    let list = told.inbox(&told.token).await;
    let booking = list[0]["booking_id"].as_str().expect("an id").to_owned();
    let path = format!("/bookings/{booking}");
    let locator = told.airline.call("GET", &path, Some(&told.token), None).await.expect(200).text("/locator");
    let body = json!({"passengers": [1], "no_dangerous_goods": true});
    told.airline
        .call("PUT", &format!("{path}/check-in/1"), Some(&told.token), Some(body.clone()))
        .await
        .expect(200);
    let offload = json!({"locator": locator, "passengers": [1], "reason": "a volunteer"});
    let put_off = format!("/flights/{}/offload", told.flight);
    told.airline.call("POST", &put_off, Some(&told.admin), Some(offload.clone())).await.expect(200);
    told.later(10);
    minute(&told).await;
    assert_eq!(told.airline.count(REMINDED).await, 0);
    let subject = "You are not checked in for KR1 to Atlanta (ATL) any more";
    assert_eq!(told.subjects().iter().filter(|mail| *mail == subject).count(), 1, "{:?}", told.subjects());

    // Put off again, and let on by staff before anybody is told: then it is not so.
    let desk =
        json!({"locator": locator, "passengers": [1], "no_dangerous_goods": true, "documents_seen": true});
    let counter = format!("/flights/{}/check-in", told.flight);
    told.airline.call("PUT", &counter, Some(&told.admin), Some(desk.clone())).await.expect(200);
    told.airline.call("POST", &put_off, Some(&told.admin), Some(offload)).await.expect(200);
    told.airline.call("PUT", &counter, Some(&told.admin), Some(desk)).await.expect(200);
    minute(&told).await;
    let offloaded = "SELECT count(*) FROM notifications WHERE topic = 'offloaded'";
    assert_eq!(told.airline.count(offloaded).await, 1);
}

/// What a newer release put is left to its workers, and not taken for something else.
#[tokio::test]
async fn a_topic_of_a_newer_release_is_kept_for_it() {
    let told = booked("09:30").await;
    let newer = "INSERT INTO news (subject, fact, topic, params, sequence, due_at, created_at)
                 VALUES ($1, 'lounge_open', 'lounge_open', '{}', 1, '2026-01-01', '2026-01-01')";
    told.airline.sql().await.execute(newer, &[&told.flight]).await.expect("news");
    told.tell().await;
    let kept = "SELECT count(*) FROM news WHERE fact = 'lounge_open' AND tries = 1";
    assert_eq!(told.airline.count(kept).await, 1);
}

/// What people know of a flight is remembered until it has left: it is what the next news is compared with.
#[tokio::test]
async fn what_was_told_of_a_flight_far_ahead_is_not_told_again_when_old_rows_go() {
    let told = Told::new().await;
    told.booked(&told.token, MINE, "b1").await;
    told.change(json!({"departs_local": "2026-06-10T09:35", "arrives_local": "2026-06-10T11:35"})).await;
    told.tell().await;
    let old = "UPDATE notifications SET id = overlay(id::text PLACING '00000000' FROM 1 FOR 8)::uuid";
    told.airline.sql().await.execute(old, &[]).await.expect("aged");
    told.airline.run_job("delete_old_notifications").await;
    told.change(json!({"gate": "B4"})).await;
    told.tell().await;
    assert_eq!(told.topics().await, ["retimed", "gate"], "the others are gone, and nothing is told twice");
}
