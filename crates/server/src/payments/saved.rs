//! Methods kept for later payments: `POST`, `GET` and `DELETE /me/payment-methods`.
//!
//! As with a payment, the row is committed before the gateway is asked, and what was not answered is looked up by a job. The
//! gateway keeps the method; we keep its id there and what the traveller sees of it.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use jiff::{SignedDuration, Timestamp};
use kernel::{Category, SavedMethodId, UserId};
use platform::db::{DbError, Sql};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::idempotency::{Answer, Claim, IdempotencyKey, Known, in_progress};
use platform::jobs::row_failed;
use platform::seal::UserKey;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::gateway::{Setup, SetupOutcome};
use super::method::{Method, MethodKind, MethodView, Token, check_token};
use super::pay::LEFT_ALONE;
use super::settle::pause_after;
use super::store::saved::{self as store, ClaimedMethod, LearnedSetup, SavedRow};
use crate::access::Caller;
use crate::app::App;
use crate::identity;

const ROUTE: &str = "POST /me/payment-methods";
/// Nobody has more cards than that.
const MOST: i64 = 20;
const BATCH: i64 = 20;
const CLAIMED_FOR: SignedDuration = SignedDuration::from_secs(120);

/// The state of a saved method.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum SavedStatus {
    /// Sent, no outcome yet.
    Pending,
    /// The traveller must approve it.
    RequiresAction,
    /// It can be paid with.
    Ready,
    /// The issuer does not let it be kept, or the traveller did not approve.
    Failed,
    /// Removed; the gateway has not let go of it yet.
    Removing,
}

impl SavedStatus {
    const ALL: [Self; 5] = [Self::Pending, Self::RequiresAction, Self::Ready, Self::Failed, Self::Removing];

    pub(super) const fn as_str(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::RequiresAction => "requires_action",
            Self::Ready => "ready",
            Self::Failed => "failed",
            Self::Removing => "removing",
        }
    }

    pub(super) fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }
}

/// A method to keep.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"type": "card", "token": "pm_card_visa"}))]
pub(super) struct SaveRequest {
    /// `card`, `wallet` or `bank`.
    #[serde(rename = "type")]
    kind: String,
    /// The token that the browser got from the gateway.
    token: String,
}

/// A method kept for later payments.
#[derive(Clone, Debug, Serialize, ToSchema)]
#[schema(example = json!({"id": "svm_0193f2a1c5d07bb2a4d1c0ffee000004", "status": "ready", "method": {"type": "card",
    "brand": "visa", "last4": "4242"}, "action_url": null, "failure_code": null, "created_at": "2026-11-21T10:01:00Z"}))]
pub(super) struct SavedMethodView {
    /// Its id: what `POST /payments` takes as `saved_method`.
    #[schema(value_type = String)]
    id: SavedMethodId,
    /// pending, `requires_action`, ready or failed.
    status: &'static str,
    /// What it is.
    method: MethodView,
    /// Where its owner approves it, while it requires action.
    action_url: Option<String>,
    /// Why it cannot be kept.
    failure_code: Option<String>,
    /// Since when.
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
}

/// My saved methods.
#[derive(Debug, Serialize, ToSchema)]
#[schema(example = json!({"payment_methods": [{"id": "svm_0193f2a1c5d07bb2a4d1c0ffee000004", "status": "ready",
    "method": {"type": "card", "brand": "visa", "last4": "4242"}, "action_url": null, "failure_code": null,
    "created_at": "2026-11-21T10:01:00Z"}]}))]
pub(super) struct SavedMethodsView {
    /// Oldest first; twenty at most.
    payment_methods: Vec<SavedMethodView>,
}

fn view(row: &SavedRow) -> SavedMethodView {
    let waits = row.status == SavedStatus::RequiresAction;
    SavedMethodView {
        id: row.id,
        status: row.status.as_str(),
        method: row.view.clone(),
        action_url: row.action_url.clone().filter(|_| waits),
        failure_code: row.failure_code.clone(),
        created_at: row.created_at,
    }
}

/// Keep a method for later payments. `status` says whether it is `ready`, must be approved at `action_url`, or `failed`; `pending`
/// settles by itself. 409 `too_many_payment_methods`.
#[utoipa::path(post, path = "/me/payment-methods", tag = "payments", request_body = SaveRequest,
    params(("Idempotency-Key" = String, Header, description = "Any text of yours, up to 255 characters; the same key and body get the same answer again",
        example = "4a7c1d8e-card-1")),
    responses((status = 201, description = "The method, as far as it is known", body = SavedMethodView),
        (status = 409, description = "`too_many_payment_methods`")))]
pub(super) async fn save_method(
    State(app): State<App>,
    caller: Caller,
    key: IdempotencyKey,
    Json(request): Json<SaveRequest>,
) -> Outcome<Response> {
    let kind = MethodKind::offered(&request.kind, &app.config)?;
    let token = Token { kind, token: check_token(&request.token)? };
    let body = serde_json::to_vec(&request).map_err(Problem::internal)?;
    let claim = Claim::new(&app.sealer, caller.user, ROUTE, key, &body);
    let (row, user_key) = match begin(&app, caller, &claim, token).await? {
        Begun::Ours(row, user_key) => (*row, user_key),
        Begun::Answered(response) => return Ok(response),
    };
    let outcome = set_up(&app, &row).await?;

    let tx = app.db.begin().await?;
    settle(&app, &tx, &row, &outcome, app.now()).await?;
    let known = store::find(&tx, caller.user, row.id).await?.ok_or_else(Problem::not_found)?;
    let answer = Answer::json(StatusCode::CREATED, &view(&known))?;
    claim.finish(&tx, &claim.seal(&app.sealer, &user_key, &answer)?).await?;
    tx.commit().await?;
    Ok(answer.into_response(false))
}

enum Begun {
    /// The method is written down and the gateway may be asked.
    Ours(Box<SavedRow>, UserKey),
    /// The key was used before, and this is its answer.
    Answered(Response),
}

async fn begin(app: &App, caller: Caller, claim: &Claim, token: Token) -> Result<Begun, Problem> {
    let now = app.now();
    let tx = app.db.begin().await?;
    let user_key = identity::api::user_key(&tx, &app.sealer, caller.user).await?;
    match claim.look_up(&tx, &app.sealer, &user_key).await? {
        Known::Done(answer) => return Ok(Begun::Answered(answer.into_response(true))),
        Known::InProgress(id) => {
            let known = store::find(&tx, caller.user, SavedMethodId::from_uuid(id)).await?;
            let known = known.ok_or_else(Problem::not_found)?;
            if now.duration_since(known.created_at) < LEFT_ALONE {
                return Err(in_progress());
            }
            let answer = Answer::json(StatusCode::CREATED, &view(&known))?;
            return Ok(Begun::Answered(answer.into_response(true)));
        }
        Known::New => {}
    }
    let row = SavedRow {
        user: caller.user,
        id: app.new_id(SavedMethodId::new),
        status: SavedStatus::Pending,
        view: MethodView::of_kind(token.kind),
        token,
        setup: None,
        gateway_method: None,
        action_url: None,
        failure_code: None,
        checks: 0,
        created_at: now,
    };
    if !claim.store(&tx, None, row.id.uuid(), now).await? {
        return Err(in_progress());
    }
    if !store::insert(&tx, &row, now + LEFT_ALONE, MOST).await? {
        return Err(Problem::new(Category::Conflict, "too_many_payment_methods"));
    }
    tx.commit().await?;
    Ok(Begun::Ours(Box::new(row), user_key))
}

/// The methods I saved.
#[utoipa::path(get, path = "/me/payment-methods", tag = "payments",
    responses((status = 200, description = "The methods", body = SavedMethodsView)))]
pub(super) async fn list_saved_methods(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<SavedMethodsView>> {
    let rows = store::of_user(&app.db.read().await?, caller.user).await?;
    Ok(Json(SavedMethodsView { payment_methods: rows.iter().map(view).collect() }))
}

/// Forget a method I saved. It cannot be paid with from now on; the gateway lets go of it right after.
#[utoipa::path(delete, path = "/me/payment-methods/{id}", tag = "payments",
    params(("id" = String, Path, description = "Saved method", example = "svm_0193f2a1c5d07bb2a4d1c0ffee000004")),
    responses((status = 204, description = "It is gone")))]
pub(super) async fn remove_saved_method(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<SavedMethodId>,
) -> Outcome<StatusCode> {
    let removed = store::remove(&app.db.read().await?, caller.user, id, app.now()).await?;
    removed.ok_or_else(Problem::not_found)?;
    Ok(StatusCode::NO_CONTENT)
}

/// What an account's owner sees of the methods that are kept.
pub async fn saved_methods_of(sql: &Sql, user: UserId) -> Result<Vec<serde_json::Value>, Problem> {
    let rows = store::of_user(sql, user).await?;
    rows.iter().map(|row| serde_json::to_value(view(row)).map_err(Problem::internal)).collect()
}

/// The account is deleted: its methods are taken from the gateway by the job.
pub async fn forget_methods_of(sql: &Sql, user: UserId, now: Timestamp) -> Result<(), DbError> {
    store::remove_all(sql, user, now).await
}

/// What a saved method is charged by; another method is what it is.
pub(super) async fn look_up(sql: &Sql, user: UserId, method: Method) -> Result<Method, Problem> {
    let Method::Chosen(id) = method else { return Ok(method) };
    let row = store::find(sql, user, id).await?.filter(|row| row.status != SavedStatus::Removing);
    let row = row.ok_or_else(Problem::not_found)?;
    match (store::customer(sql, user).await?, row.gateway_method, row.status) {
        (Some(customer), Some(method), SavedStatus::Ready) => {
            Ok(Method::Saved { customer, method, view: row.view })
        }
        _ => Err(Problem::new(Category::Conflict, "payment_method_not_ready").field("method.saved_method")),
    }
}

/// The job: looks up what was not answered or waits for its owner, and takes what was removed from the gateway.
pub(super) async fn settle_due(app: App) -> anyhow::Result<u64> {
    let now = app.now();
    let due = store::claim_due(&app.db.read().await?, now, now + CLAIMED_FOR, BATCH).await?;
    let mut done = 0;
    for (claimed, row) in due {
        let outcome = match row {
            Ok(row) => settle_one(&app, &row).await,
            Err(unreadable) => Err(unreadable),
        };
        match outcome {
            Ok(()) => done += 1,
            Err(error) => put_off(&app, claimed, &error).await,
        }
    }
    Ok(done)
}

async fn settle_one(app: &App, row: &SavedRow) -> Result<(), DbError> {
    if row.status == SavedStatus::Removing {
        return take_away(app, row).await;
    }
    let outcome = ask(app, row).await?;
    settle(app, &app.db.read().await?, row, &outcome, app.now()).await
}

/// A method that fails is looked at ever more rarely, so that it does not stand in the way of the others.
async fn put_off(app: &App, claimed: ClaimedMethod, error: &DbError) {
    row_failed("settle_saved_methods", &claimed.id, error);
    let again_at = app.now() + pause_after(app, claimed.checks);
    let put_off = async { store::put_off(&app.db.read().await?, claimed, app.now(), again_at).await };
    if let Err(error) = put_off.await {
        tracing::warn!(saved_method.id = %claimed.id, %error, "not put off; it is looked at again when its claim ends");
    }
}

/// What the gateway says now of a method that is being made ready. One that its owner has left on the challenge page is given
/// up.
async fn ask(app: &App, row: &SavedRow) -> Result<SetupOutcome, DbError> {
    let window = SignedDuration::from_mins(app.config.booking.payment_minutes);
    let abandoned = app.now().duration_since(row.created_at) > window;
    match &row.setup {
        Some(setup) if abandoned && row.status == SavedStatus::RequiresAction => {
            Ok(app.gateway.cancel_setup(setup).await)
        }
        Some(setup) => Ok(app.gateway.find_setup(setup).await),
        None => set_up(app, row).await,
    }
}

/// Makes a method ready; what was sent before is looked for first.
async fn set_up(app: &App, row: &SavedRow) -> Result<SetupOutcome, DbError> {
    let Some(customer) = customer(app, row.user).await? else { return Ok(SetupOutcome::Unknown) };
    if row.checks > 0 {
        let found = app.gateway.search_setup(row.id, &customer).await;
        if found != SetupOutcome::NotFound {
            return Ok(found);
        }
    }
    // The web app's list of them.
    let return_url = format!("{}/me/cards", app.config.http.public_url.trim_end_matches('/'));
    let setup =
        Setup { id: row.id, user: row.user, customer: &customer, token: &row.token, return_url: &return_url };
    Ok(app.gateway.set_up(&setup).await)
}

/// The gateway's customer for a user, made if there is none yet. `None` while the gateway does not answer.
async fn customer(app: &App, user: UserId) -> Result<Option<String>, DbError> {
    if let Some(known) = store::customer(&app.db.read().await?, user).await? {
        return Ok(Some(known));
    }
    let Some(made) = app.gateway.customer(user).await else { return Ok(None) };
    store::keep_customer(&app.db.read().await?, user, &made, app.now()).await.map(Some)
}

async fn settle(
    app: &App,
    sql: &Sql,
    row: &SavedRow,
    outcome: &SetupOutcome,
    now: Timestamp,
) -> Result<(), DbError> {
    let later = Some(now + pause_after(app, row.checks));
    let mut learned = LearnedSetup {
        status: row.status,
        setup: None,
        gateway_method: None,
        view: None,
        action_url: row.action_url.as_deref(),
        failure_code: None,
        next_check_at: later,
    };
    match outcome {
        SetupOutcome::Ready { setup, method, shown } => {
            learned.status = SavedStatus::Ready;
            (learned.setup, learned.gateway_method, learned.view) =
                (Some(setup.as_str()), Some(method.as_str()), shown.as_ref());
            (learned.action_url, learned.next_check_at) = (None, None);
        }
        SetupOutcome::RequiresAction { setup, url } => {
            learned.status = SavedStatus::RequiresAction;
            (learned.setup, learned.action_url) = (Some(setup.as_str()), Some(url.as_str()));
        }
        SetupOutcome::Failed { setup, code } => {
            learned.status = SavedStatus::Failed;
            (learned.setup, learned.failure_code) = (setup.as_deref(), Some(code.as_str()));
            (learned.action_url, learned.next_check_at) = (None, None);
        }
        SetupOutcome::NotFound | SetupOutcome::Unknown => {}
    }
    store::learn(sql, row.user, row.id, &learned, now).await
}

/// Takes a removed method from the gateway. One that was still being made ready is looked up first, so that it is not left
/// behind there.
async fn take_away(app: &App, row: &SavedRow) -> Result<(), DbError> {
    let again = app.now() + pause_after(app, row.checks);
    let gone = if let Some(method) = &row.gateway_method {
        app.gateway.detach(method).await
    } else {
        let outcome = match (&row.setup, store::customer(&app.db.read().await?, row.user).await?) {
            (Some(setup), _) => app.gateway.cancel_setup(setup).await,
            (None, Some(customer)) => app.gateway.search_setup(row.id, &customer).await,
            (None, None) => SetupOutcome::NotFound,
        };
        match outcome {
            SetupOutcome::Ready { method, .. } => {
                return store::remove_later(&app.db.read().await?, row, Some(&method), app.now()).await;
            }
            SetupOutcome::Failed { .. } => true,
            SetupOutcome::NotFound => app.now().duration_since(row.created_at) > LEFT_ALONE * 6,
            SetupOutcome::RequiresAction { setup, .. } => {
                matches!(app.gateway.cancel_setup(&setup).await, SetupOutcome::Failed { .. })
            }
            SetupOutcome::Unknown => false,
        }
    };
    let sql = app.db.read().await?;
    if gone {
        store::forget(&sql, row.user, row.id).await
    } else {
        store::remove_later(&sql, row, None, again).await
    }
}
