//! Mail: queued with what it tells of, sent once, tried again, given up.

use ::platform::config::Mode;
use ::platform::messages::Locale;
use jiff::SignedDuration;
use kernel::UserId;
use server::App;
use server::identity::api::{Role, user_key, user_of_email};
use server::mail::api::{Letter, Template, To, queue};
use testkit::smtp::{Manner, SmtpServer};

use crate::support::protected::fixture;
use crate::support::{Airline, run_job_of};

const ADDRESS: &str = "asha.rao@example.com";

fn letter() -> Letter {
    let args =
        vec![("code", "4711".to_owned()), ("locator", "ABC234".to_owned()), ("minutes", "10".to_owned())];
    Letter { template: Template::RecordCode, args, link: None }
}

/// One that is worth sending for a day.
fn notice() -> Letter {
    let link = Some("https://udaan.example/account#reset=secret".to_owned());
    Letter { template: Template::AccountExists, args: Vec::new(), link }
}

async fn with_server() -> (Airline, SmtpServer) {
    let smtp = SmtpServer::start().await.expect("a mail server");
    let airline =
        Airline::with(|config| config.mail.url = format!("smtp+plain://127.0.0.1:{}", smtp.port)).await;
    (airline, smtp)
}

async fn queue_to(app: &App, address: &str, letter: &Letter) {
    let tx = app.db.begin().await.expect("a transaction");
    queue(app, &tx, To::Address { address, locale: Locale::En }, letter).await.expect("queued");
    tx.commit().await.expect("committed");
}

async fn account(airline: &Airline) -> UserId {
    airline.traveller().await;
    let found = user_of_email(&airline.app, &airline.sql().await, "traveller@example.com").await;
    found.expect("asked").expect("an account")
}

#[tokio::test]
async fn a_mail_goes_out_in_two_forms_and_leaves_nothing_to_read() {
    let (airline, smtp) = with_server().await;
    let user = account(&airline).await;
    let tx = airline.app.db.begin().await.expect("a transaction");
    let key = user_key(&tx, &airline.app.sealer, user).await.expect("a key");
    let to = To::Account { user, key: &key, address: ADDRESS, locale: Locale::En };
    queue(&airline.app, &tx, to, &notice()).await.expect("queued");
    tx.commit().await.expect("committed");
    let dump = "SELECT string_agg(m::text, ' ') FROM mails m";
    let stored: String = airline.sql().await.query_one(dump, &[]).await.expect("a row").get(0);
    for word in ["asha", "secret"] {
        let hex: String = word.bytes().map(|byte| format!("{byte:02x}")).collect();
        assert!(!stored.contains(word) && !stored.contains(&hex), "{word} can be read in {stored}");
    }

    assert_eq!(airline.run_job("send_mails").await, 1);
    assert_eq!(airline.run_job("send_mails").await, 0);
    let mails = smtp.mails();
    let [mail] = &mails[..] else { panic!("{mails:?}") };
    assert_eq!((mail.from.as_str(), &mail.to[..]), ("no-reply@udaan.example", &[ADDRESS.to_owned()][..]));
    assert_eq!(mail.header("From").as_deref(), Some("Udaan <no-reply@udaan.example>"));
    assert_eq!(mail.header("Auto-Submitted").as_deref(), Some("auto-generated"));
    assert_eq!(mail.header("Date").as_deref(), Some("Mon, 01 Jun 2026 12:00:00 +0000"));
    assert!(mail.header("Message-ID").is_some_and(|id| id.ends_with("@127.0.0.1>")), "{}", mail.data);
    assert_eq!(mail.header("Subject").as_deref(), Some("You have an account already"));
    for part in ["text/plain", "text/html", "#reset=secret", "href=\"https://udaan.example/account"] {
        assert!(mail.body().contains(part), "{part} is not in {}", mail.body());
    }
    assert_eq!(
        airline
            .count("SELECT count(*) FROM mails WHERE sent_at IS NOT NULL AND content_sealed IS NULL")
            .await,
        1
    );

    let tx = airline.app.db.begin().await.expect("a transaction");
    let to = To::Address { address: ADDRESS, locale: Locale::Hi };
    queue(&airline.app, &tx, to, &notice()).await.expect("queued");
    tx.commit().await.expect("committed");
    assert_eq!(airline.run_job("send_mails").await, 1);
    let hindi = smtp.mails().pop().and_then(|mail| mail.header("Subject"));
    assert!(hindi.as_ref().is_some_and(|subject| subject.starts_with("=?utf-8?b?")), "{hindi:?}");
}

#[tokio::test]
async fn what_was_rolled_back_is_not_told() {
    let (airline, smtp) = with_server().await;
    let tx = airline.app.db.begin().await.expect("a transaction");
    let to = To::Address { address: ADDRESS, locale: Locale::En };
    queue(&airline.app, &tx, to, &letter()).await.expect("queued");
    drop(tx);
    assert_eq!(airline.run_job("send_mails").await, 0);
    assert!(smtp.mails().is_empty());
}

#[tokio::test]
async fn what_cannot_be_sent_now_is_sent_later_under_the_same_id() {
    let (airline, smtp) = with_server().await;
    queue_to(&airline.app, ADDRESS, &notice()).await;
    smtp.behave(Manner::AnswersRcpt("451 4.3.0 come back later"));
    assert_eq!(airline.run_job("send_mails").await, 1);
    smtp.behave(Manner::HangsUpAfterData);
    assert_eq!(airline.run_job("send_mails").await, 0, "not at once");
    airline.later(SignedDuration::from_secs(73));
    assert_eq!(airline.run_job("send_mails").await, 1);
    smtp.behave(Manner::Takes);
    airline.later(SignedDuration::from_mins(4));
    assert_eq!(airline.run_job("send_mails").await, 0, "later each time");
    airline.later(SignedDuration::from_mins(3));
    assert_eq!(airline.run_job("send_mails").await, 1);
    let ids: Vec<_> = smtp.mails().iter().map(|mail| mail.header("Message-ID")).collect();
    assert_eq!(ids.len(), 2, "the server had it once without our knowing");
    assert!(ids[0].is_some() && ids[0] == ids[1], "{ids:?}");
    assert_eq!(airline.count("SELECT tries::bigint FROM mails WHERE sent_at IS NOT NULL").await, 3);
}

#[tokio::test]
async fn a_refusal_for_good_ends_it_and_the_others_go_out() {
    let (airline, smtp) = with_server().await;
    queue_to(&airline.app, ADDRESS, &letter()).await;
    smtp.behave(Manner::AnswersRcpt("550 5.1.1 asha.rao@example.com is unknown"));
    assert_eq!(airline.run_job("send_mails").await, 1);
    smtp.behave(Manner::Takes);
    // What no server can be told of is refused by ourselves.
    queue_to(&airline.app, "asha\r\nBcc: x@example.com", &letter()).await;
    queue_to(&airline.app, "other@example.com", &letter()).await;
    assert_eq!(airline.run_job("send_mails").await, 2);
    airline.later(SignedDuration::from_hours(2));
    assert_eq!(airline.run_job("send_mails").await, 0);
    assert_eq!(smtp.mails().iter().map(|mail| mail.to.join(" ")).collect::<Vec<_>>(), ["other@example.com"]);
    let failures = "SELECT count(*) FROM mails WHERE failed_at IS NOT NULL AND content_sealed IS NULL AND failure IN ('550', 'address')";
    assert_eq!(airline.count(failures).await, 2, "their code, and nothing of their words");
}

#[tokio::test]
async fn a_mail_server_that_is_away_costs_no_mail_a_try_and_a_day_ends_it() {
    let (airline, smtp) = with_server().await;
    queue_to(&airline.app, ADDRESS, &notice()).await;
    smtp.behave(Manner::Greets("554 5.3.2 no mail here today"));
    let sending = |app: App| async move {
        let job =
            server::mail::api::jobs(&app).into_iter().find(|job| job.name == "send_mails").expect("the job");
        job.turn().await
    };
    for _ in 0..3 {
        assert!(sending(airline.app.clone()).await.is_err());
    }
    assert_eq!(airline.count("SELECT tries::bigint FROM mails").await, 0);
    airline.later(SignedDuration::from_hours(23));
    assert_eq!(airline.run_job("give_up_mails").await, 0);
    airline.later(SignedDuration::from_hours(1));
    assert_eq!(airline.run_job("give_up_mails").await, 1);
    smtp.behave(Manner::Takes);
    assert_eq!(airline.run_job("send_mails").await, 0);
    assert_eq!(
        airline.count("SELECT count(*) FROM mails WHERE failure = 'late' AND content_sealed IS NULL").await,
        1
    );
    assert_eq!(airline.run_job("delete_old_mails").await, 0);
    airline.later(SignedDuration::from_hours(24 * 30));
    assert_eq!(airline.run_job("delete_old_mails").await, 1);
}

#[tokio::test]
async fn a_mail_server_that_says_nothing_is_left_alone() {
    let smtp = SmtpServer::start().await.expect("a mail server");
    let airline = Airline::with(|config| {
        config.mail.url = format!("smtp+plain://127.0.0.1:{}", smtp.port);
        config.mail.timeout_ms = 20;
        config.breakers.calls_min = 3;
        config.breakers.open_seconds = 3_600;
        config.breakers.open_seconds_most = 3_600;
    })
    .await;
    queue_to(&airline.app, ADDRESS, &letter()).await;
    smtp.behave(Manner::Silent);
    for _ in 0..10 {
        let job = server::mail::api::jobs(&airline.app).into_iter().find(|job| job.name == "send_mails");
        let _failed_or_left_alone = job.expect("the job").turn().await;
    }
    assert_eq!(smtp.connections(), 1, "a third of three calls was enough");
}

#[tokio::test]
async fn two_workers_send_each_mail_once() {
    let (airline, smtp) = with_server().await;
    for number in 0..60 {
        queue_to(&airline.app, &format!("traveller{number}@example.com"), &letter()).await;
    }
    let (other, _) = airline.second_server().await;
    while run_job_of(&airline.app, "send_mails").await > 0 {
        let (one, two) =
            tokio::join!(run_job_of(&airline.app, "send_mails"), run_job_of(&other, "send_mails"));
        if one + two == 0 {
            break;
        }
    }
    let mut to: Vec<_> = smtp.mails().into_iter().flat_map(|mail| mail.to).collect();
    assert_eq!(to.len(), 60);
    to.sort();
    to.dedup();
    assert_eq!(to.len(), 60);
}

#[tokio::test]
async fn nothing_is_said_to_a_server_without_the_protection_that_is_wanted() {
    let files = (fixture("receiver.pem"), fixture("receiver.key"));
    let start = |at_once| SmtpServer::start_protected(files.0.as_ref(), files.1.as_ref(), at_once);
    let (tls, start_tls) = (start(true).await.expect("TLS"), start(false).await.expect("STARTTLS"));
    let plain = SmtpServer::start().await.expect("a server");
    for (url, ca_file, server, taken) in [
        (format!("smtps://asha:se%20cret@localhost:{}", tls.port), "ca.pem", &tls, true),
        (format!("smtp://asha:se%20cret@localhost:{}", start_tls.port), "ca.pem", &start_tls, true),
        (format!("smtps://asha:secret@localhost:{}", tls.port), "", &tls, false),
        (format!("smtps://asha:secret@127.0.0.1:{}", tls.port), "ca.pem", &tls, false),
        (format!("smtp://asha:secret@localhost:{}", start_tls.port), "", &start_tls, false),
        (format!("smtp://asha:secret@localhost:{}", plain.port), "ca.pem", &plain, false),
    ] {
        let airline = Airline::with(|config| {
            config.mail.url.clone_from(&url);
            config.mail.ca_file = if ca_file.is_empty() { String::new() } else { fixture(ca_file) };
        })
        .await;
        let before = server.mails().len();
        assert_eq!(airline.app.mailer.check().await.is_ok(), taken, "{url}");
        queue_to(&airline.app, ADDRESS, &letter()).await;
        let job = server::mail::api::jobs(&airline.app).into_iter().find(|job| job.name == "send_mails");
        assert_eq!(job.expect("the job").turn().await.is_ok(), taken, "{url}");
        let mails = server.mails();
        assert_eq!(mails.len() - before, usize::from(taken), "{url}");
        if let Some(mail) = mails.last().filter(|_| taken) {
            // RFC 4616: NUL, name, NUL, password.
            assert!(mail.protected && mail.auth.as_deref() == Some("PLAIN AGFzaGEAc2UgY3JldA=="), "{mail:?}");
        }
    }
    assert!(plain.mails().is_empty());
}

#[tokio::test]
async fn staff_see_what_became_of_mails_and_in_a_demo_what_they_say() {
    let airline = Airline::new().await;
    let support = airline.account("support@example.com", Role::Support).await;
    queue_to(&airline.app, ADDRESS, &letter()).await;
    airline.later(SignedDuration::from_secs(1));
    queue_to(&airline.app, ADDRESS, &notice()).await;
    assert_eq!(airline.run_job("send_mails").await, 0, "there is no mail server");
    let list = airline.call("GET", "/admin/mails?limit=1", Some(&support), None).await.expect(200).json;
    let (mail, cursor) = (&list["mails"][0], list["next_cursor"].as_str().expect("a cursor"));
    assert_eq!((&mail["template"], &mail["status"]), (&"account-exists".into(), &"kept".into()));
    let next =
        airline.call("GET", &format!("/admin/mails?cursor={cursor}"), Some(&support), None).await.expect(200);
    let (to, text) = (next.text("/mails/0/shown/to"), next.text("/mails/0/shown/text"));
    assert!(to == ADDRESS && text.contains("booking ABC234 is 4711"), "{}", next.json);
    assert_eq!(next.json["mails"].as_array().map(Vec::len), Some(1));
    airline.later(SignedDuration::from_hours(48));
    assert_eq!(airline.run_job("give_up_mails").await, 0, "a demo keeps them");

    let airline = Airline::with(|config| config.mode = Mode::Production).await;
    let support = airline.account("support@example.com", Role::Support).await;
    queue_to(&airline.app, ADDRESS, &letter()).await;
    let list = airline.call("GET", "/admin/mails", Some(&support), None).await.expect(200).json;
    assert_eq!(
        (&list["mails"][0]["status"], &list["mails"][0]["shown"]),
        (&"waiting".into(), &().into()),
        "{list}"
    );
}

/// A closed hub has tens of thousands of notices due at once, and just then everybody asks for a code.
#[tokio::test]
async fn a_code_goes_out_before_a_storm_of_notices() {
    let (airline, smtp) = with_server().await;
    for _ in 0..60 {
        queue_to(&airline.app, ADDRESS, &notice()).await;
    }
    let storm = "UPDATE mails SET notification_id = gen_random_uuid()";
    airline.sql().await.execute(storm, &[]).await.expect("a storm");
    airline.later(SignedDuration::from_mins(1));
    queue_to(&airline.app, "waiting@example.com", &letter()).await;
    // One turn, which does not get through all of them.
    airline.run_job("send_mails").await;
    assert!(airline.count("SELECT count(*) FROM mails WHERE tries = 0").await > 0);
    let to: Vec<_> = smtp.mails().iter().map(|mail| mail.to.join(" ")).collect();
    assert!(to.contains(&"waiting@example.com".to_owned()), "{to:?}");
}
