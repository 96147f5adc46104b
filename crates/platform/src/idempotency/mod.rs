//! Idempotency keys: the answer to a request that moved money or stock is stored in the transaction that
//! moved it, and the same key gets the same answer again.
//!
//! The record is scoped to user and route, the body is compared by hash, and the answer is sealed under the user's key
//! because it holds names. Only answers of finished work are stored: a refusal changed nothing and may be tried again.

mod store;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use kernel::{Category, UserId};
use uuid::Uuid;

use crate::db::{DbError, Sql};
use crate::http::Problem;
use crate::seal::{Place, Sealer, UserKey};

pub use store::delete_older_than;

const REPLAYED: HeaderName = HeaderName::from_static("idempotent-replayed");

/// The `Idempotency-Key` header, required where it is extracted: 1 to 255 visible ASCII characters.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct IdempotencyKey(String);

impl<S: Send + Sync> FromRequestParts<S> for IdempotencyKey {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let missing = || Problem::new(Category::NotUnderstood, "idempotency_key_required");
        let value = parts.headers.get("idempotency-key").ok_or_else(missing)?;
        let key = value.to_str().map_err(|_| missing())?;
        let fits = (1..=255).contains(&key.len()) && key.bytes().all(|byte| byte.is_ascii_graphic());
        if fits { Ok(Self(key.to_owned())) } else { Err(missing()) }
    }
}

/// One keyed request: who, where, which key, and a hash of what was asked.
#[derive(Clone, Debug)]
pub struct Claim {
    /// Who asks.
    pub user: UserId,
    /// Which operation.
    pub route: &'static str,
    key: String,
    body_hash: Vec<u8>,
}

/// What is known of a key.
pub enum Known {
    /// Nothing: go on.
    New,
    /// The work is done and this was the answer.
    Done(Answer),
    /// The work on this subject has begun and its answer is not there yet.
    InProgress(Uuid),
}

/// An answer to store or to give again.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Answer {
    /// HTTP status.
    pub status: u16,
    /// JSON body, byte for byte.
    pub body: Vec<u8>,
}

impl Claim {
    /// The claim of a request; `body` is what was asked, in any canonical form. Its hash is keyed, because a body may hold
    /// what must not be guessed from a plain one.
    pub fn new(sealer: &Sealer, user: UserId, route: &'static str, key: IdempotencyKey, body: &[u8]) -> Self {
        Self { user, route, key: key.0, body_hash: sealer.fingerprint("idempotency", body) }
    }

    fn place(&self) -> Place {
        Place::new("idempotency_keys.answer_sealed", self.user.uuid())
    }

    /// What is known of the key. Another body under the same key is refused (422).
    pub async fn look_up(&self, sql: &Sql, sealer: &Sealer, user_key: &UserKey) -> Result<Known, Problem> {
        let Some(record) = store::find(sql, self.user.uuid(), self.route, &self.key).await? else {
            return Ok(Known::New);
        };
        if record.body_hash != self.body_hash {
            return Err(Problem::new(Category::Unprocessable, "idempotency_key_reused"));
        }
        match (record.status, record.answer_sealed) {
            (Some(status), Some(sealed)) => {
                let body = sealer.open(user_key, self.place(), &sealed)?;
                Ok(Known::Done(Answer { status, body }))
            }
            _ => Ok(Known::InProgress(record.subject)),
        }
    }

    /// Stores the key with the finished answer, or without one while the work goes on. `false`: somebody else's request
    /// with the same key was first; the transaction must not commit, and [`Claim::look_up`] afterwards has the answer.
    pub async fn store(
        &self,
        sql: &Sql,
        sealed: Option<&SealedAnswer>,
        subject: Uuid,
        now: Timestamp,
    ) -> Result<bool, DbError> {
        let (status, answer) =
            sealed.map_or((None, None), |sealed| (Some(sealed.status), Some(&sealed.bytes[..])));
        store::insert(
            sql,
            self.user.uuid(),
            self.route,
            &self.key,
            &self.body_hash,
            subject,
            status,
            answer,
            now,
        )
        .await
    }

    /// Seals an answer for [`Claim::store`] or [`Claim::finish`].
    pub fn seal(
        &self,
        sealer: &Sealer,
        user_key: &UserKey,
        answer: &Answer,
    ) -> Result<SealedAnswer, Problem> {
        let bytes = sealer.seal(user_key, self.place(), &answer.body)?;
        Ok(SealedAnswer { status: i16::try_from(answer.status).unwrap_or(i16::MAX), bytes })
    }

    /// Adds the answer to a key that was stored without one.
    pub async fn finish(&self, sql: &Sql, sealed: &SealedAnswer) -> Result<(), DbError> {
        store::finish(sql, self.user.uuid(), self.route, &self.key, sealed.status, &sealed.bytes).await
    }
}

/// An answer ready to be stored.
pub struct SealedAnswer {
    status: i16,
    bytes: Vec<u8>,
}

impl Answer {
    /// A JSON answer.
    pub fn json(status: StatusCode, body: &impl serde::Serialize) -> Result<Self, Problem> {
        Ok(Self { status: status.as_u16(), body: serde_json::to_vec(body).map_err(Problem::internal)? })
    }

    /// The answer, marked as given before when it was.
    pub fn into_response(self, replayed: bool) -> Response {
        let status = StatusCode::from_u16(self.status).unwrap_or(StatusCode::OK);
        let mut response = (status, self.body).into_response();
        response.headers_mut().insert(header::CONTENT_TYPE, HeaderValue::from_static("application/json"));
        if replayed {
            response.headers_mut().insert(REPLAYED, HeaderValue::from_static("true"));
        }
        response
    }
}

/// The refusal while the first request with the key is still at work.
pub fn in_progress() -> Problem {
    Problem::new(Category::Conflict, "request_in_progress").retry_after(1)
}
