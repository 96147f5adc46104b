//! Check-in opens, and whoever is not checked in is reminded: once, moved by a delay, dropped by a cancellation.

use serde_json::json;
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
    let told = booked_on("2026-06-09", "12:00").await;
    minute(&told).await;
    let opened = "SELECT count(*) FROM notifications WHERE topic = 'check_in_open'";
    assert_eq!(told.airline.count(opened).await, 0, "24 hours and 35 minutes before");
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
