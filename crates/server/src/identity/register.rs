//! `POST /register`: a new account, which may log in and book before its address is verified.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::messages::Locale;
use platform::seal::Place;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::email::Email;
use super::store::{self, NewUser};
use crate::access::Role;
use crate::app::App;

/// Shortest password. Longer ones are better than odd ones, so there are no rules on characters (NIST SP 800-63B).
const PASSWORD_MIN: usize = 8;
/// Longest password: far beyond any passphrase, and short enough to hash.
const PASSWORD_MAX: usize = 256;
const NAME_MAX: usize = 100;

/// What to register with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "asha@example.com", "password": "monsoon over malabar", "name": "Asha Rao"}))]
pub(super) struct RegisterRequest {
    /// Where mail reaches you; one account for each address.
    email: String,
    /// At least eight characters; any characters.
    password: String,
    /// What to call you.
    name: String,
}

/// The new account.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "email": "asha@example.com", "name": "Asha Rao",
    "email_verified": false}))]
pub struct Registered {
    #[schema(value_type = String)]
    id: UserId,
    email: String,
    name: String,
    email_verified: bool,
}

/// Register an account.
#[utoipa::path(post, path = "/register", tag = "accounts", request_body = RegisterRequest,
    responses((status = 201, description = "Registered; log in to go on", body = Registered)))]
pub(super) async fn register(
    State(app): State<App>,
    Json(request): Json<RegisterRequest>,
) -> Outcome<(StatusCode, Json<Registered>)> {
    let RegisterRequest { email, password, name } = request;
    let registered =
        create_account(&app, NewAccount { email, password, name, role: Role::Traveller }).await?;
    Ok((StatusCode::CREATED, Json(registered)))
}

/// An account to create.
pub struct NewAccount {
    /// The address.
    pub email: String,
    /// The password in clear; it goes no further than its hash.
    pub password: String,
    /// What to call the person.
    pub name: String,
    /// What they may do.
    pub role: Role,
}

/// Creates an account. Refusals: `invalid_field`, `email_taken`.
pub async fn create_account(app: &App, account: NewAccount) -> Result<Registered, Problem> {
    let (email, name) = check(&account)?;
    let password_hash = app.hasher.hash(account.password).await?;
    let id: UserId = app.new_id(UserId::new);
    let (key, wrapped) = app.sealer.new_user_key(id.uuid())?;
    let seal = |column, text: &str| app.sealer.seal(&key, Place::new(column, id.uuid()), text.as_bytes());
    let user = NewUser {
        id: id.uuid(),
        email_index: &app.sealer.blind_index("email", &email.folded),
        email_sealed: &seal("users.email_sealed", &email.typed)?,
        name_sealed: &seal("users.name_sealed", &name)?,
        locale: Locale::En.tag(),
        password_hash: &password_hash,
        role: account.role,
        key: &wrapped,
        now: app.now(),
    };
    let tx = app.db.begin().await?;
    if !store::insert(&tx, &user).await? {
        return Err(Problem::new(Category::Conflict, "email_taken").actions(&["login"]));
    }
    tx.commit().await?;
    tracing::info!(user.id = %id, "registered");
    Ok(Registered { id, email: email.typed, name, email_verified: false })
}

fn check(account: &NewAccount) -> Result<(Email, String), Problem> {
    let email = Email::parse(&account.email)
        .ok_or_else(|| Problem::invalid("email", "it must be an e-mail address, such as asha@example.com"))?;
    let characters = account.password.chars().count();
    if !(PASSWORD_MIN..=PASSWORD_MAX).contains(&characters) {
        let reason = format!("it must have {PASSWORD_MIN} to {PASSWORD_MAX} characters");
        return Err(Problem::invalid("password", reason));
    }
    Ok((email, check_name(&account.name)?))
}

/// A name as people write it: any script, no control characters.
pub(super) fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let fits = (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned()).ok_or_else(|| {
        Problem::invalid("name", format!("it must have 1 to {NAME_MAX} characters and no line breaks"))
    })
}
