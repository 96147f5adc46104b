//! A POST that moves money or stock in one transaction: its idempotency key is claimed first, so that of two requests with the
//! same key the second waits for the first and then gives its answer; the answer is stored with the effect.

use axum::http::StatusCode;
use axum::response::Response;
use platform::db::Tx;
use platform::http::Problem;
use platform::idempotency::{Answer, Claim, IdempotencyKey, Known, in_progress};
use platform::seal::UserKey;
use serde::Serialize;
use uuid::Uuid;

use crate::access::Caller;
use crate::app::App;
use crate::identity;

/// A keyed request under way.
pub struct Keyed {
    /// Its transaction.
    pub tx: Tx,
    /// The caller's data key.
    pub user_key: UserKey,
    claim: Claim,
}

/// What [`begin`] found.
pub enum Begun {
    /// The work is to be done.
    New(Box<Keyed>),
    /// It was done before, and this was the answer.
    Answered(Response),
}

/// Begins the transaction of a request. `asked` is all that was asked, with the ids of the path; `subject` is what it is about.
pub async fn begin(
    app: &App,
    caller: Caller,
    route: &'static str,
    key: IdempotencyKey,
    subject: Uuid,
    asked: &impl Serialize,
) -> Result<Begun, Problem> {
    let body = serde_json::to_vec(asked).map_err(Problem::internal)?;
    let claim = Claim::new(&app.sealer, caller.user, route, key, &body);
    let tx = app.db.begin().await?;
    let user_key = identity::api::user_key(&tx, &app.sealer, caller.user).await?;
    // Not there yet, and there when we want to insert it: somebody was quicker, and the second look finds the answer.
    for _ in 0..2 {
        match claim.look_up(&tx, &app.sealer, &user_key).await? {
            Known::Done(answer) => return Ok(Begun::Answered(answer.into_response(true))),
            Known::InProgress(_) => return Err(in_progress()),
            Known::New => {}
        }
        if claim.store(&tx, None, subject, app.now()).await? {
            return Ok(Begun::New(Box::new(Keyed { tx, user_key, claim })));
        }
    }
    Err(in_progress())
}

impl Keyed {
    /// Stores the answer with the effect and commits both.
    pub async fn finish(
        self,
        app: &App,
        status: StatusCode,
        body: &impl Serialize,
    ) -> Result<Response, Problem> {
        let answer = Answer::json(status, body)?;
        let sealed = self.claim.seal(&app.sealer, &self.user_key, &answer)?;
        self.claim.finish(&self.tx, &sealed).await?;
        self.tx.commit().await?;
        Ok(answer.into_response(false))
    }
}
