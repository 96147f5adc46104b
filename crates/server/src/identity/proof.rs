//! `POST /me/proof`: whoever is signed in proves again who they are, for what a session left open must not do. An account with a
//! second factor proves itself with that: the password may be what was stolen.

use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::Category;
use platform::attempts::{Attempt, Rule, Wait};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Deserialize;
use serde_json::Value;
use utoipa::ToSchema;

use super::api::user_key;
use super::second_factor::evidence::{self, Evidence};
use super::store::{self, second_factors};
use crate::access::Caller;
use crate::app::App;

/// What proves it: of an account with a second factor `code`, `recovery_code` or `passkey`, of others the password.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"password": "monsoon over malabar"}))]
pub(super) struct Proof {
    password: Option<String>,
    /// What the authenticator app shows.
    code: Option<String>,
    /// One of the recovery codes.
    recovery_code: Option<String>,
    /// What a passkey answered to `POST /me/proof/options`.
    #[schema(value_type = Option<Object>)]
    passkey: Option<Value>,
}

/// Prove again who I am. For some minutes after it (`auth.step_up_minutes`) this session may do what is sensitive.
#[utoipa::path(post, path = "/me/proof", tag = "accounts", request_body = Proof,
    responses((status = 204, description = "Proven")))]
pub(super) async fn prove(
    State(app): State<App>,
    caller: Caller,
    Json(proof): Json<Proof>,
) -> Outcome<StatusCode> {
    match proof {
        Proof { password: Some(password), code: None, recovery_code: None, passkey: None } => {
            by_password(&app, &caller, password).await?;
        }
        Proof { password: None, code, recovery_code, passkey } => {
            by_second_factor(&app, &caller, &Evidence::given(code, recovery_code, passkey)?).await?;
        }
        Proof { .. } => return Err(Problem::invalid("password", "give one proof")),
    }
    Ok(StatusCode::NO_CONTENT)
}

async fn by_password(app: &App, caller: &Caller, password: String) -> Result<(), Problem> {
    if second_factors::has_factor(&app.db.read().await?, caller.user).await? {
        return Err(Problem::new(Category::Forbidden, "second_factor_required").actions(&["prove"]));
    }
    check_password(app, caller, password).await?;
    let of = (caller.user, caller.session);
    store::sessions::prove(&app.db.read().await?, of, false, app.now()).await?;
    Ok(())
}

async fn by_second_factor(app: &App, caller: &Caller, evidence: &Evidence) -> Result<(), Problem> {
    let wrong = || Problem::new(Category::Forbidden, "wrong_proof");
    let (user, now) = (caller.user, app.now());
    let tx = app.db.begin().await?;
    store::sessions::hold_account(&tx, user, None).await?.ok_or_else(wrong)?;
    let key = user_key(&tx, &app.sealer, user).await?;
    let holds = evidence::holds(app, &tx, (user, &key), evidence, now).await?;
    if holds {
        store::sessions::prove(&tx, (user, caller.session), true, now).await?;
    }
    tx.commit().await?;
    if holds { Ok(()) } else { Err(wrong()) }
}

/// Guesses of the password by whoever holds a session of the account.
const GUESSES: Rule = Rule { name: "proof", burst: 10, every: SignedDuration::from_secs(40) };

/// Whether that is the account's password. Refusals: `wrong_proof`, `too_many_guesses`.
pub(super) async fn check_password(app: &App, caller: &Caller, password: String) -> Result<(), Problem> {
    let guess = Attempt::new(&app.sealer, GUESSES, caller.user.uuid().as_bytes());
    if let Err(wait) = guess.take(&app.db, app.now()).await? {
        return Err(too_many(wait));
    }
    let hash = store::password_hash(&app.db.read().await?, caller.user.uuid()).await?;
    if !app.hasher.verify(password, hash).await?.is_yes() {
        return Err(Problem::new(Category::Forbidden, "wrong_proof"));
    }
    guess.give_back(&app.db).await?;
    Ok(())
}

/// The refusal of a guess that is not even checked.
pub(super) fn too_many(wait: Wait) -> Problem {
    metrics::counter!("guesses_refused_total").increment(1);
    Problem::new(Category::TooMany, "too_many_guesses")
        .arg("seconds", wait.seconds().to_string())
        .retry_after(wait.seconds())
}
