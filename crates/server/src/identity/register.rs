//! `POST /register`: a new account, which may log in and book before its address is verified.
//!
//! Whether the address has an account already is told to its owner, by mail, and to nobody else: the answer is the same, and so is
//! the work, down to the statements, of which those for a known address are taken back.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use kernel::{Category, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::messages::Locale;
use platform::seal::Place;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::email::Email;
use super::letters::{Owner, may_go_to, notice, with_token};
use super::one_time::{self, Purpose};
use super::password_rules::{self, About};
use super::store::addresses::Addressee;
use super::store::{self, NewUser, addresses};
use crate::access::Role;
use crate::app::App;
use crate::mail::api::{self as mail, Template, To};

const NAME_MAX: usize = 100;

/// What to register with.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"email": "asha@example.com", "password": "monsoon over malabar", "name": "Asha Rao"}))]
pub(super) struct RegisterRequest {
    /// Where mail reaches you; one account for each address.
    email: String,
    /// 15 to 256 characters of any kind, as long as it is not a common password and names neither you nor the airline.
    password: String,
    /// What to call you.
    name: String,
}

/// A mail tells the rest.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"email": "asha@example.com"}))]
pub(super) struct Asked {
    /// Where it goes, as it was typed.
    email: String,
}

/// Register an account. A mail goes to the address: to confirm it, or to say that it has an account already. The answer is the same in
/// both cases; a new account may log in at once.
#[utoipa::path(post, path = "/register", tag = "accounts", request_body = RegisterRequest,
    responses((status = 202, description = "A mail tells the rest", body = Asked)))]
pub(super) async fn register(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    Json(request): Json<RegisterRequest>,
) -> Outcome<(StatusCode, Json<Asked>)> {
    let email = check_email(&request.email)?;
    let name = check_name(&request.name)?;
    let about = About {
        airline: &app.config.booking.airline_name,
        name: &name,
        email: &email.typed,
        second_factor: false,
    };
    password_rules::check(&request.password, &about)?;
    let password_hash = app.hasher.hash(request.password).await?;
    let index = app.sealer.blind_index("email", &email.folded);
    let mails = may_go_to(&app, &index).await?;
    let new = New {
        id: app.new_id(UserId::new),
        email: &email,
        name: &name,
        locale,
        password_hash: &password_hash,
        role: Role::Traveller,
    };
    let tx = app.db.begin().await?;
    let known = addresses::of_email(&tx, &index).await?;
    // For a known address the same rows are made under an index that nobody has, and taken back.
    let elsewhere = app.random.bytes::<32>();
    addresses::savepoint(&tx).await?;
    let owner = insert(&app, &tx, &new, if known.is_some() { &elsewhere } else { &index }).await?;
    let user = owner.as_ref().map_or(new.id, |owner| owner.user);
    let token = one_time::issue(&app, &tx, user, Purpose::VerifyAddress, None).await?;
    let is_new = known.is_none() && owner.is_some();
    addresses::settle(&tx, is_new).await?;
    let letter = with_token(&app, Template::VerifyAddress, &token, Purpose::VerifyAddress);
    match owner.filter(|_| is_new) {
        Some(owner) if mails => owner.write(&app, &tx, &letter).await?,
        None if mails => tell_owner(&app, &tx, known, (&index, &email)).await?,
        _ => {}
    }
    tx.commit().await?;
    tracing::info!("asked to register");
    Ok((StatusCode::ACCEPTED, Json(Asked { email: email.typed })))
}

/// Tells whoever has the address that it was registered again.
async fn tell_owner(
    app: &App,
    sql: &Sql,
    known: Option<Addressee>,
    (index, email): (&[u8], &Email),
) -> Result<(), Problem> {
    let letter = notice(app, Template::AccountExists);
    let known = match known {
        Some(row) => Some(row),
        // Somebody was quicker, just now.
        None => addresses::of_email(sql, index).await?,
    };
    match known {
        Some(row) => Owner::open(app, &row)?.write(app, sql, &letter).await,
        // It was an account's until lately, and is kept for its owner.
        None => {
            mail::queue(app, sql, To::Address { address: &email.typed, locale: Locale::En }, &letter).await
        }
    }
}

/// A new account.
pub(super) struct New<'a> {
    pub(super) id: UserId,
    pub(super) email: &'a Email,
    pub(super) name: &'a str,
    pub(super) locale: Locale,
    pub(super) password_hash: &'a str,
    pub(super) role: Role,
}

/// Inserts it; nothing if the address has one.
pub(super) async fn insert(
    app: &App,
    sql: &Sql,
    new: &New<'_>,
    email_index: &[u8],
) -> Result<Option<Owner>, Problem> {
    let (key, wrapped) = app.sealer.new_user_key(new.id.uuid())?;
    let seal = |column, text: &str| app.sealer.seal(&key, Place::new(column, new.id.uuid()), text.as_bytes());
    let user = NewUser {
        id: new.id.uuid(),
        email_sealed: &seal("users.email_sealed", &new.email.typed)?,
        name_sealed: &seal("users.name_sealed", new.name)?,
        locale: new.locale.tag(),
        password_hash: new.password_hash,
        role: new.role,
        key: &wrapped,
        now: app.now(),
    };
    let inserted = addresses::claim(sql, email_index, new.id, app.now()).await?;
    if inserted {
        store::insert(sql, &user).await?;
    }
    let (address, name) = (new.email.typed.clone(), new.name.to_owned());
    Ok(inserted.then_some(Owner { user: new.id, key, address, name, locale: new.locale }))
}

/// An account that whoever runs the airline creates.
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

/// Creates it, its address confirmed by the word of whoever runs the airline. Refusals: `email_taken`, `invalid_field`. Nothing is mailed.
pub async fn create_account(app: &App, account: NewAccount) -> Result<UserId, Problem> {
    let (email, name) = (check_email(&account.email)?, check_name(&account.name)?);
    password_rules::check_length(&account.password, false)?;
    let password_hash = app.hasher.hash(account.password).await?;
    let index = app.sealer.blind_index("email", &email.folded);
    let new = New {
        id: app.new_id(UserId::new),
        email: &email,
        name: &name,
        locale: Locale::En,
        password_hash: &password_hash,
        role: account.role,
    };
    let tx = app.db.begin().await?;
    if insert(app, &tx, &new, &index).await?.is_none() {
        return Err(Problem::new(Category::Conflict, "email_taken").actions(&["login"]));
    }
    addresses::verified(&tx, new.id, app.now()).await?;
    tx.commit().await?;
    tracing::info!(user.id = %new.id, "account created");
    Ok(new.id)
}

pub(super) fn check_email(text: &str) -> Result<Email, Problem> {
    Email::parse(text)
        .ok_or_else(|| Problem::invalid("email", "it must be an e-mail address, such as name@example.org"))
}

/// A name as people write it: any script, no control characters.
pub(super) fn check_name(name: &str) -> Result<String, Problem> {
    let name = name.trim();
    let fits = (1..=NAME_MAX).contains(&name.chars().count()) && !name.chars().any(char::is_control);
    fits.then(|| name.to_owned()).ok_or_else(|| {
        Problem::invalid("name", format!("it must have 1 to {NAME_MAX} characters and no line breaks"))
    })
}
