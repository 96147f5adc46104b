//! Refresh tokens: each is used once and replaced by its successor (RFC 9700 section 4.14.2).
//!
//! A token that comes again is a copy in somebody else's hands, and ends the session; unless its successor was never used: then
//! the answer that carried the successor was lost on its way, and the client asks again. Within [`RACE`] seconds the same
//! successor is the answer, so that two requests of one client that cross do no harm. Later another one is, and the one
//! before counts as stolen should it ever come. A successor is made from its parent by a keyed hash, so that nothing readable
//! is kept to give it out twice.

use jiff::{SignedDuration, Timestamp};
use kernel::{Category, ClientId, SessionId, UserId};
use platform::db::Tx;
use platform::http::Problem;

use super::EndCause;
use super::secret::Credential;
use crate::app::App;
use crate::identity::store::sessions::{self as store, Live, RefreshRow};

/// Seconds within which a token that comes again gets the same successor.
const RACE: i64 = 10;

/// How long a used token is known again. After that it is refused like any that is none, and ends nothing.
const KNOWN: SignedDuration = SignedDuration::from_hours(48);

/// A session that goes on, until [`Going::on`] not written yet.
pub(in crate::identity) struct Going {
    pub(in crate::identity) session: Live,
    tx: Tx,
    parent: Vec<u8>,
    next: Credential,
    /// The turn of a successor that is new.
    turn: Option<i16>,
}

/// What is to be done about a token that came.
#[derive(Debug, PartialEq, Eq)]
enum Verdict {
    /// Its successor of this turn is the answer, new or once more.
    Succeed { turn: i16, new: bool },
    /// It was used before, and so was its successor, or it was replaced: somebody has a copy.
    Stolen,
}

fn judge(token: &RefreshRow, successor: Option<&RefreshRow>, now: Timestamp) -> Verdict {
    if token.superseded_at.is_some() {
        return Verdict::Stolen;
    }
    match (token.used_at, successor) {
        (None, _) | (_, None) => Verdict::Succeed { turn: 0, new: true },
        (Some(_), Some(successor)) if successor.used_at.is_some() => Verdict::Stolen,
        (Some(_), Some(successor)) if now.as_second() - successor.issued_at.as_second() <= RACE => {
            Verdict::Succeed { turn: successor.turn, new: false }
        }
        (Some(_), Some(successor)) => Verdict::Succeed { turn: successor.turn.saturating_add(1), new: true },
    }
}

/// Takes a refresh token of a program, or of our own app. Nothing is exchanged before [`Going::on`]. `None`: it is none, it is
/// another's, its session is over, or it just ended because of it.
pub(in crate::identity) async fn take(
    app: &App,
    token: &str,
    client: Option<ClientId>,
) -> Result<Option<Going>, Problem> {
    let Some(credential) = Credential::parse(token) else { return Ok(None) };
    let (of, now) = ((credential.user, credential.session), app.now());
    let tx = app.db.begin().await?;
    // Whose it is comes first: a client that guesses cannot end the session of another.
    let session = store::lock(&tx, of, now).await?.filter(|session| session.client == client);
    let Some(session) = session else { return Ok(None) };
    let hash = credential.hash();
    let Some(row) = store::refresh_token(&tx, of, &hash).await? else { return Ok(None) };
    let successor = store::successor(&tx, of, &hash).await?;
    let Verdict::Succeed { turn, new } = judge(&row, successor.as_ref(), now) else {
        let ended = super::end(app, &tx, of, EndCause::TokenReused).await?;
        tx.commit().await?;
        app.ended.add(&ended);
        tell_stolen(of);
        return Ok(None);
    };
    let next = Credential { secret: successor_secret(app, &credential, turn)?, ..credential };
    Ok(Some(Going { session, tx, parent: hash, next, turn: new.then_some(turn) }))
}

impl Going {
    /// Exchanges the token: its successor.
    pub(in crate::identity) async fn on(self, app: &App) -> Result<String, Problem> {
        let Self { session, tx, parent, next, turn } = self;
        if let Some(turn) = turn {
            let (of, now) = ((session.user, session.id), app.now());
            store::succeed(&tx, of, &parent, (&next.hash(), turn), now).await?;
            store::forget_used(&tx, of, now - KNOWN).await?;
            store::touch(&tx, of, now).await?;
        }
        tx.commit().await?;
        Ok(next.text())
    }
}

fn tell_stolen((user, session): (UserId, SessionId)) {
    metrics::counter!("refresh_tokens_reused_total").increment(1);
    tracing::warn!(user.id = %user, session.id = %session, "a refresh token was used twice; its session is ended");
}

fn successor_secret(app: &App, parent: &Credential, turn: i16) -> Result<[u8; 32], Problem> {
    let made = app.sealer.fingerprint("refresh token", &[&parent.secret[..], &turn.to_be_bytes()].concat());
    made.try_into().map_err(|_| Problem::internal(anyhow::anyhow!("a fingerprint is 32 bytes long")))
}

/// The session of a token that was given to this client.
pub(in crate::identity) async fn session_of(
    app: &App,
    token: &str,
    client: ClientId,
) -> Result<Option<(UserId, SessionId)>, Problem> {
    Ok(known(app, token, client).await?.map(|(live, _)| (live.user, live.id)))
}

/// The session of a token of this client that is good still: it was neither used nor replaced.
pub(in crate::identity) async fn unused(
    app: &App,
    token: &str,
    client: ClientId,
) -> Result<Option<Live>, Problem> {
    let unused = |row: &RefreshRow| row.used_at.is_none() && row.superseded_at.is_none();
    Ok(known(app, token, client).await?.filter(|(_, row)| unused(row)).map(|(live, _)| live))
}

async fn known(app: &App, token: &str, client: ClientId) -> Result<Option<(Live, RefreshRow)>, Problem> {
    let Some(credential) = Credential::parse(token) else { return Ok(None) };
    let of = (credential.user, credential.session);
    let sql = app.db.read().await?;
    let live = store::find(&sql, of, app.now()).await?.filter(|live| live.client == Some(client));
    let row = store::refresh_token(&sql, of, &credential.hash()).await?;
    Ok(live.zip(row))
}

/// The refusal of a token that is none, or none any more.
pub(in crate::identity) fn refused() -> Problem {
    Problem::new(Category::Unauthenticated, "session_over").actions(&["login"])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn row(turn: i16, used: Option<i64>, superseded: Option<i64>) -> RefreshRow {
        issued(100, turn, used, superseded)
    }

    fn issued(at_second: i64, turn: i16, used: Option<i64>, superseded: Option<i64>) -> RefreshRow {
        RefreshRow {
            turn,
            issued_at: at(at_second),
            used_at: used.map(at),
            superseded_at: superseded.map(at),
        }
    }

    #[test]
    fn a_lost_answer_is_no_theft_and_a_copy_is() {
        let succeed = |turn, new| Verdict::Succeed { turn, new };
        for (what, token, successor, now, verdict) in [
            ("fresh", row(0, None, None), None, 100, succeed(0, true)),
            ("twice at once", row(0, Some(100), None), Some(row(0, None, None)), 110, succeed(0, false)),
            ("its answer was lost", row(0, Some(100), None), Some(row(0, None, None)), 111, succeed(1, true)),
            ("lost again", row(0, Some(100), None), Some(row(1, None, None)), 500, succeed(2, true)),
            (
                "twice at once, later",
                row(0, Some(100), None),
                Some(issued(495, 1, None, None)),
                500,
                succeed(1, false),
            ),
            (
                "its successor was used",
                row(0, Some(100), None),
                Some(row(0, Some(101), None)),
                102,
                Verdict::Stolen,
            ),
            ("it was replaced", row(0, None, Some(111)), None, 112, Verdict::Stolen),
            (
                "it was used, then replaced",
                row(0, Some(105), Some(111)),
                Some(row(0, None, None)),
                112,
                Verdict::Stolen,
            ),
        ] {
            assert_eq!(judge(&token, successor.as_ref(), at(now)), verdict, "{what}");
        }
    }
}
