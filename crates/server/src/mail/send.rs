//! Sending what is due: connect, claim, send with no connection to the database held, write down what came of it.

use futures_util::future::join_all;
use jiff::{SignedDuration, Timestamp};
use lettre::transport::smtp::client::AsyncSmtpConnection;
use platform::backoff::Backoff;

use super::open::{Opened, open};
use super::smtp::Sent;
use super::store::{self, Claimed};
use crate::app::App;

/// Mails of one connection in a turn, and connections at one time.
const BATCH: i64 = 10;
const CONNECTIONS: i64 = 4;
/// What a claim lasts beyond the mails it covers.
const SLACK: SignedDuration = SignedDuration::from_secs(60);
/// How long a mail waits for its next try, seconds.
const PAUSES: Backoff = Backoff(&[60, 5 * 60, 15 * 60, 30 * 60, 60 * 60, 2 * 60 * 60, 4 * 60 * 60]);

/// One turn; how many mails were tried. A mail server that cannot be reached costs no mail a try.
pub(super) async fn send_due(app: &App) -> anyhow::Result<u64> {
    if !app.mailer.is_configured() {
        return Ok(0);
    }
    let due = store::due(&app.db.read().await?, app.now(), BATCH * CONNECTIONS).await?;
    let connections = (0..due).step_by(usize::try_from(BATCH)?).map(|_| serve(app));
    let mut tried = 0;
    for served in join_all(connections).await {
        tried += served?;
    }
    Ok(tried)
}

/// One connection and a batch.
async fn serve(app: &App) -> anyhow::Result<u64> {
    let Ok(call) = app.mailer.breaker.enter() else { return Ok(0) };
    let mut connection = match app.mailer.connect().await {
        Ok(connection) => {
            call.answered();
            connection
        }
        Err(error) => {
            call.failed();
            return Err(error.context("the mail server"));
        }
    };
    let (now, timeout) = (app.now(), SignedDuration::try_from(app.mailer.timeout())?);
    let again_at = now + timeout * i32::try_from(BATCH)? * 2 + SLACK;
    let claimed = store::claim(&app.db.read().await?, now, again_at, BATCH).await?;
    let count = claimed.len() as u64;
    for mail in claimed {
        if !send(app, &mut connection, &mail).await? {
            // Whatever was wrong, it is not to be the next mail's trouble. What is left is due again later.
            connection.abort().await;
            connection = app.mailer.connect().await?;
        }
    }
    let _left = tokio::time::timeout(app.mailer.timeout(), connection.quit()).await;
    Ok(count)
}

/// One mail; whether the connection is good for another.
async fn send(app: &App, connection: &mut AsyncSmtpConnection, claimed: &Claimed) -> anyhow::Result<bool> {
    let mail = &claimed.mail;
    let mut untouched = true;
    let sent = match open(app, mail).await {
        Ok(Opened::Says(to, written)) => {
            untouched = false;
            app.mailer.send(connection, (mail.id, claimed.created_at), &to, written).await
        }
        Ok(Opened::Withdrawn) => Sent::Withdrawn,
        Ok(Opened::Gone) => Sent::Refused("erased".to_owned()),
        Ok(Opened::Unknown) => {
            let newer = format!("a newer release queued a {}", mail.template);
            platform::jobs::row_failed("send_mails", &mail.id, &newer);
            Sent::NotNow("unreadable".to_owned())
        }
        Err(problem) => {
            platform::jobs::row_failed("send_mails", &mail.id, &format!("{problem:?}"));
            Sent::NotNow("unreadable".to_owned())
        }
    };
    settle(app, claimed, &sent).await?;
    Ok(untouched || sent == Sent::Yes)
}

async fn settle(app: &App, claimed: &Claimed, sent: &Sent) -> anyhow::Result<()> {
    let (mail, tries) = (&claimed.mail, claimed.tries);
    let (of, now, template) = ((mail.owner, mail.id), app.now(), mail.template.as_str());
    let sql = app.db.read().await?;
    let outcome = match sent {
        Sent::Yes => {
            store::sent(&sql, of, now).await?;
            "sent"
        }
        Sent::NotNow(code) => {
            let again = now + PAUSES.spread(tries, app.random.bytes::<1>()[0]);
            if again < claimed.gives_up_at {
                store::again(&sql, of, again, code).await?;
                "retried"
            } else {
                store::failed(&sql, of, now, code).await?;
                "given_up"
            }
        }
        Sent::Withdrawn => {
            store::failed(&sql, of, now, "withdrawn").await?;
            "withdrawn"
        }
        Sent::Refused(code) => {
            store::failed(&sql, of, now, code).await?;
            "refused"
        }
    };
    metrics::counter!("mails_total", "outcome" => outcome).increment(1);
    if let Sent::Refused(code) | Sent::NotNow(code) = sent {
        tracing::warn!(mail.id = %mail.id, template, tries, code, outcome, "a mail was not sent");
    }
    Ok(())
}

/// Whether a mail queued then would still be tried at `now`; for the job that gives up.
pub(super) fn oldest_kept(now: Timestamp, days: u32) -> Timestamp {
    now - SignedDuration::from_hours(24 * i64::from(days))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_grow_and_a_day_has_ten_tries() {
        let mut at = SignedDuration::ZERO;
        let mut tries = 0;
        while at < SignedDuration::from_hours(24) {
            tries += 1;
            assert!(PAUSES.exact(tries) <= PAUSES.exact(tries + 1));
            at += PAUSES.exact(tries);
        }
        assert_eq!(tries, 12);
    }
}
