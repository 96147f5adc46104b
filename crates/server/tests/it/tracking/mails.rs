//! The mail of a price that fell: what is not so any more when it is sent is not sent.

use serde_json::json;
use testkit::smtp::SmtpServer;

use super::{Watched, usd};
use crate::support::Airline;

pub(super) async fn mailed() -> (Watched, SmtpServer) {
    let smtp = SmtpServer::start().await.expect("a mail server");
    let url = format!("smtp+plain://127.0.0.1:{}", smtp.port);
    let all = Watched::of(Airline::with(|config| config.mail.url = url).await).await;
    let confirmed = "UPDATE users SET email_verified_at = created_at";
    all.airline.sql().await.execute(confirmed, &[]).await.expect("confirmed");
    (all, smtp)
}

pub(super) async fn send(all: &Watched) {
    while all.airline.run_job("send_mails").await > 0 {}
}

pub(super) fn of_prices(smtp: &SmtpServer) -> Vec<String> {
    let subjects = smtp.mails().iter().filter_map(|mail| mail.header("Subject")).collect::<Vec<_>>();
    subjects.into_iter().filter(|subject| subject.contains("USD to Atlanta")).collect()
}

#[tokio::test]
async fn a_price_that_rose_before_its_mail_was_sent_is_not_mailed() {
    let (all, smtp) = mailed().await;
    let id = all.of_route(json!({"target": usd(15_000)})).await;
    all.costs(14_000).await;
    all.costs(16_000).await;
    send(&all).await;
    assert_eq!((all.told_in_all().await, of_prices(&smtp)), (1, Vec::new()), "it costs more again");
    all.costs(12_000).await;
    send(&all).await;
    assert_eq!(of_prices(&smtp), ["120.00 USD to Atlanta (ATL) on 10 June 2026"]);
    all.costs(10_000).await;
    all.patch(&id, json!({"paused": true})).await.expect(200);
    send(&all).await;
    assert_eq!((all.told_in_all().await, of_prices(&smtp).len()), (3, 1), "its owner paused it");
}

#[tokio::test]
async fn a_flight_that_is_sold_out_before_the_mail_was_sent_is_not_mailed() {
    let (all, smtp) = mailed().await;
    all.watch(json!({"flight_id": all.flight, "target": usd(15_000), "seats": 2})).await.expect(201);
    all.costs(14_000).await;
    all.on("2026-06-10", "taken = capacity - 1").await;
    all.look().await;
    send(&all).await;
    assert_eq!((all.told_in_all().await, of_prices(&smtp)), (1, Vec::new()));
    all.on("2026-06-10", "taken = 0").await;
    all.look().await;
    all.costs(12_000).await;
    send(&all).await;
    assert_eq!(of_prices(&smtp), ["120.00 USD to Atlanta (ATL) on 10 June 2026"]);
}
