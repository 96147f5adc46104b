//! Mails of notifications, as the mail server gets them.

use serde_json::json;
use server::identity::api::Role;
use testkit::smtp::{Manner, Received};

use super::Told;

const MINE: &str = "traveller@example.com";
const CONTACT: &str = "asha@example.com";

#[tokio::test]
async fn a_confirmed_booking_is_mailed_with_its_ticket_and_its_contact_gets_a_copy_without_names() {
    let told = Told::new().await;
    let booking = told.booked(&told.token, CONTACT, "b1").await;
    told.tell().await;
    told.send().await;
    let [mine] = &told.mails_to(MINE)[..] else { panic!("{:?}", told.subjects()) };
    let locator = told.airline.call("GET", &format!("/bookings/{booking}"), Some(&told.token), None).await;
    let locator = locator.expect(200).text("/locator");
    assert_eq!(mine.header("Subject"), Some(format!("Booking {locator} is confirmed")));
    assert_eq!(mine.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mine.header("References"), Some(format!("<{booking}@127.0.0.1>")));
    assert!(mine.header("Content-Type").is_some_and(|kind| kind.starts_with("multipart/mixed")));
    let body = mine.body();
    for part in [
        "text/plain",
        "text/html",
        "KR1: Allentown (ABE) to Atlanta (ATL), 10 June 2026, 08:35",
        "is attached",
    ] {
        assert!(body.contains(part), "{part} is not in {body}");
    }
    let name = format!("filename=\"receipt-{locator}.pdf\"");
    assert!(
        mine.data.contains(&name) && mine.data.contains("Content-Type: application/pdf"),
        "{}",
        mine.data
    );
    let text = testkit::pdf::pages(&attached(&mine.data)).expect("a PDF").concat().join(" ");
    assert!(text.contains(&locator) && text.contains("Rao"), "{text}");

    let (name, calendar) = calendar(&mine.data);
    assert_eq!(name, format!("trip-{locator}.ics"));
    assert!(mine.data.contains("method=PUBLISH"), "{}", mine.data);
    for line in ["METHOD:PUBLISH", "STATUS:CONFIRMED", "DTSTART:20260610T123500Z", "DTEND:20260610T143500Z"] {
        assert!(calendar.lines().any(|own| own == line), "{line}: {calendar}");
    }
    assert!(calendar.contains(&format!("UID:{booking}-1@127.0.0.1")), "{calendar}");
    assert!(body.contains("application/ld+json") && body.contains("FlightReservation"), "{body}");

    let [copy] = &told.mails_to(CONTACT)[..] else { panic!("{:?}", told.subjects()) };
    assert!(copy.body().contains(&locator) && !copy.data.contains("application/pdf"), "{}", copy.data);
    assert!(!copy.body().contains("Rao") && !copy.body().contains("attached"), "{}", copy.body());
    assert!(
        !copy.body().contains("FlightReservation") && copy.data.contains("text/calendar"),
        "{}",
        copy.data
    );
    assert_ne!(mine.header("Message-ID"), copy.header("Message-ID"));
    let opens = |mail: &Received, place: &str| {
        mail.body().contains(&format!("{}{place}", told.airline.app.config.http.public_url))
    };
    assert!(opens(mine, &format!("/trips/{booking}")), "{body}");
    // Whoever has a copy has no such trip.
    assert!(opens(copy, "/retrieve") && !opens(copy, "/trips"), "{}", copy.body());
    // The payment is in the inbox; whoever said nothing is not mailed it.
    assert_eq!(told.smtp.mails().len(), 2);
    let mut topics = told.topics().await;
    topics.sort();
    assert_eq!(topics, ["confirmed", "paid"]);
    assert_eq!(told.airline.count("SELECT count(*) FROM news").await, 0);
}

#[tokio::test]
async fn mails_move_and_cancel_what_they_put_into_calendars() {
    let told = Told::new().await;
    told.booked(&told.token, MINE, "b1").await;
    told.tell().await;
    for change in [json!({"delay_minutes": 60}), json!({"status": "cancelled"})] {
        told.change(change).await;
        told.tell().await;
    }
    told.send().await;
    let mails = told.mails_to(MINE);
    // What is no more so when it would be sent is not: of the delay nobody hears who hears that it is cancelled.
    let subjects: Vec<String> = mails.iter().filter_map(|mail| mail.header("Subject")).collect();
    let [booked, cancelled] = &mails[..] else { panic!("{subjects:?}") };
    let value = |mail: &Received, name: &str| {
        let start = format!("{name}:");
        let (_, text) = calendar(&mail.data);
        text.lines().find_map(|line| line.strip_prefix(&start)).unwrap_or_default().to_owned()
    };
    assert!(cancelled.data.contains("method=CANCEL"), "{}", cancelled.data);
    assert_eq!(
        (value(cancelled, "METHOD"), value(cancelled, "STATUS")),
        ("CANCEL".into(), "CANCELLED".into())
    );
    assert_eq!(value(cancelled, "UID"), value(booked, "UID"));
    let number = |mail| value(mail, "SEQUENCE").parse::<u64>().expect("a number");
    // Made when it is sent: both know the flight as it is then.
    assert!(number(cancelled) >= number(booked) && number(booked) > 0);
    assert!(!cancelled.body().contains("FlightReservation"), "{}", cancelled.body());
}

#[tokio::test]
async fn a_mail_that_a_flight_moved_brings_its_owner_the_passes_of_who_is_checked_in() {
    let told = Told::new().await;
    let booking = told.booked(&told.token, CONTACT, "b1").await;
    let day_before = "2026-06-09T12:35:00Z".parse::<jiff::Timestamp>().expect("an instant");
    told.airline.later(day_before.duration_since(told.airline.app.now()));
    told.tell().await;
    told.change(json!({"delay_minutes": 20})).await;
    told.tell().await;
    told.send().await;
    let pass = |mail: &Received| mail.body().contains("/pass#bpl_");
    let delayed = |mail: &Received| mail.header("Subject").is_some_and(|subject| subject.contains("late"));
    assert!(
        told.smtp.mails().iter().any(delayed) && !told.smtp.mails().iter().any(pass),
        "{:?}",
        told.subjects()
    );
    let path = format!("/bookings/{booking}/check-in/1");
    let body = json!({"passengers": [1], "no_dangerous_goods": true});
    told.airline.call("PUT", &path, Some(&told.token), Some(body)).await.expect(200);
    told.change(json!({"delay_minutes": 60})).await;
    told.tell().await;
    told.send().await;
    let mine = told.mails_to(MINE).pop().expect("a mail");
    let text = mine.body();
    let token =
        text.split("/pass#").nth(1).expect("a link").split(['<', '\r', '\n']).next().expect("its end");
    assert!(text.contains("Boarding pass of Asha Rao"), "{text}");
    let opened =
        told.airline.call("POST", "/boarding-passes/open", None, Some(json!({"token": token.trim()}))).await;
    assert_eq!(opened.expect(200).text("/pass/departs_at"), "2026-06-10T09:35:00-04:00");
    let copies = told.mails_to(CONTACT);
    assert!(!copies.is_empty() && !copies.iter().any(pass), "{:?}", told.subjects());
}

/// Name and text of the calendar in a mail, its lines put together again.
fn calendar(data: &str) -> (String, String) {
    let (_, file) = data.split_once("Content-Type: text/calendar").expect("a calendar");
    let (head, text) = file.split_once("\r\n\r\n").expect("its body");
    let head = format!("{}{head}", data.split("Content-Type: text/calendar").next().expect("what is before"));
    let name = head.rsplit_once("filename=\"").expect("a name").1.split('"').next().expect("its end");
    let text: String = text.split("\r\n--").next().expect("its end").split_whitespace().collect();
    let text = base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("base64");
    (name.to_owned(), String::from_utf8(text).expect("UTF-8").replace("\r\n ", ""))
}

/// The bytes of the file in a mail.
fn attached(data: &str) -> Vec<u8> {
    let (_, file) = data.split_once("Content-Type: application/pdf").expect("a file");
    let (_, file) = file.split_once("\r\n\r\n").expect("its body");
    let text: String = file.split("--").next().expect("its end").split_whitespace().collect();
    base64::Engine::decode(&base64::engine::general_purpose::STANDARD, text).expect("base64")
}

#[tokio::test]
async fn an_address_nobody_showed_to_be_theirs_gets_no_names_and_one_mail() {
    let told = Told::new().await;
    let other = told.airline.account("other@example.com", Role::Traveller).await;
    let unconfirmed = "UPDATE users SET email_verified_at = NULL";
    told.airline.sql().await.execute(unconfirmed, &[]).await.expect("unconfirmed");
    told.booked(&other, "Other@Example.com", "b1").await;
    told.tell().await;
    told.send().await;
    let [mail] = &told.mails_to("other@example.com")[..] else { panic!("{:?}", told.subjects()) };
    assert!(!mail.data.contains("application/pdf"), "{}", mail.data);
    assert_eq!(told.smtp.mails().len(), 1, "the contact is the same address");
}

#[tokio::test]
async fn a_mail_speaks_its_readers_language() {
    let told = Told::new().await;
    let hindi = Some(json!({"locale": "hi"}));
    told.airline.call("PATCH", "/profile", Some(&told.token), hindi).await.expect(200);
    told.booked(&told.token, MINE, "b1").await;
    told.tell().await;
    told.send().await;
    let [mail] = &told.mails_to(MINE)[..] else { panic!("{:?}", told.subjects()) };
    assert!(mail.header("Subject").is_some_and(|subject| subject.starts_with("=?utf-8?b?")));
}

#[tokio::test]
async fn what_is_no_more_so_when_the_mail_server_is_back_is_not_sent() {
    let told = Told::new().await;
    let booking = told.booked(&told.token, MINE, "b1").await;
    told.tell().await;
    told.send().await;
    let before = told.smtp.mails().len();
    told.smtp.behave(Manner::AnswersRcpt("451 4.3.0 come back later"));
    told.change(json!({"delay_minutes": 60})).await;
    told.tell().await;
    told.send().await;
    told.change(json!({"delay_minutes": 0})).await;
    told.smtp.behave(Manner::Takes);
    told.later(10);
    told.send().await;
    assert_eq!(told.smtp.mails().len(), before, "the delay was taken back before anybody told");
    told.tell().await;
    told.send().await;
    let subjects = told.subjects();
    assert_eq!(subjects[before..], ["KR1 to Atlanta (ATL) is on time after all"]);
    let withdrawn = "SELECT count(*) FROM mails WHERE failure = 'withdrawn' AND content_sealed IS NULL";
    assert_eq!(told.airline.count(withdrawn).await, 1);

    // A booking that was given up is told nothing of its flight, and its confirmation goes out no more.
    let second = told.booked(&told.token, MINE, "b2").await;
    told.tell().await;
    for id in [&booking, &second] {
        told.airline.call("DELETE", &format!("/bookings/{id}"), Some(&told.token), None).await.expect(200);
    }
    told.change(json!({"delay_minutes": 90})).await;
    told.tell().await;
    told.airline.run_jobs().await;
    told.tell().await;
    told.send().await;
    let rest = told.subjects()[before + 1..].to_vec();
    assert!(
        rest.iter().all(|subject| subject.contains("cancelled") || subject.contains("efund")),
        "{rest:?}"
    );
    assert_eq!(rest.iter().filter(|subject| subject.contains("cancelled")).count(), 2, "{rest:?}");
}

#[tokio::test]
async fn money_that_is_there_by_the_time_it_is_told_is_not_on_its_way_any_more() {
    let told = Told::new().await;
    let booking = told.booked(&told.token, MINE, "b1").await;
    told.airline.call("DELETE", &format!("/bookings/{booking}"), Some(&told.token), None).await.expect(200);
    told.airline.run_jobs().await;
    told.tell().await;
    told.tell().await;
    let rows = told.inbox(&told.token).await;
    let refunds: Vec<_> = rows.iter().filter(|row| row["kind"] == "refund").collect();
    let [done] = refunds[..] else { panic!("{refunds:?}") };
    assert_eq!((done["topic"].as_str(), done["outdated"].as_bool()), (Some("refunded"), Some(false)));
    assert!(done["title"].as_str().is_some_and(|title| title.starts_with("Refunded: ")), "{done}");
}
