//! Passports of the people an account books for: `/me/travellers/{id}/document`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::travel_document::Passport;
use jiff::civil::Date;
use kernel::{TravellerId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::api;
use super::store::travellers as store;
use super::travellers;
use crate::access::Caller;
use crate::app::App;
use crate::passport::{self, TypedPassport};

/// A passport to save: the two lines at the foot of its page, or what they say, typed.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"passport": {"number": "Z1234567", "issuer": "IND", "nationality": "IND", "expires_on": "2031-04-15"}}))]
pub(super) struct SavedPassportRequest {
    /// The two lines of 44 characters (ICAO 9303), whose check digits catch a slip.
    #[schema(example = json!(["P<INDRAO<<ASHA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "Z1234567<1IND9005178F3104150<<<<<<<<<<<<<<00"]))]
    mrz: Option<Vec<String>>,
    /// Instead of the lines.
    passport: Option<TypedPassport>,
}

/// What is shown of a saved passport: enough to know which it is, and no more.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"kind": "passport", "ends_with": "567", "issuer": "IND", "nationality": "IND", "expires_on": "2031-04-15"}))]
pub(super) struct SavedPassport {
    /// `passport`.
    kind: &'static str,
    /// The last characters of its number.
    ends_with: String,
    issuer: String,
    nationality: String,
    #[schema(value_type = String, format = Date)]
    expires_on: Date,
}

impl SavedPassport {
    pub(super) fn of(passport: &Passport) -> Self {
        Self {
            kind: "passport",
            ends_with: passport::ends_with(passport),
            issuer: passport.issuer.clone(),
            nationality: passport.nationality.clone(),
            expires_on: passport.expires_on,
        }
    }
}

fn place(traveller: TravellerId) -> Place {
    Place::new("saved_travellers.document_sealed", traveller.uuid())
}

/// Opens what is kept of a person's passport.
pub(super) fn open(app: &App, key: &UserKey, id: TravellerId, sealed: &[u8]) -> Result<Passport, Problem> {
    passport::from_bytes(&app.sealer.open(key, place(id), sealed)?)
}

/// Save a person's passport, for check-in to take by `traveller_id`; another replaces it. Its number is not shown again. It is kept until
/// it is forgotten, or the person is, or has another date of birth. 422 `document_not_valid` for one that has expired, or is somebody
/// else's by its date of birth.
#[utoipa::path(put, path = "/me/travellers/{id}/document", tag = "accounts", request_body = SavedPassportRequest,
    params(("id" = String, Path, description = "Traveller id", example = "trv_0193f2a1c5d07bb2a4d1c0ffee000009")),
    responses((status = 200, description = "What is shown of it", body = SavedPassport),
        (status = 422, description = "`document_not_valid`")))]
pub(super) async fn save_passport(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TravellerId>,
    Json(request): Json<SavedPassportRequest>,
) -> Outcome<Json<SavedPassport>> {
    let tx = app.db.begin().await?;
    let key = api::user_key(&tx, &app.sealer, caller.user).await?;
    // Until this is done nobody gives the person another date of birth.
    let (person, _) = travellers::lock(&app, &tx, (caller.user, id), &key).await?;
    let today = passport::today(&app);
    let passport = match request {
        SavedPassportRequest { mrz: Some(lines), passport: None } => passport::read_lines(&lines, today)?,
        SavedPassportRequest { mrz: None, passport: Some(typed) } => {
            passport::read_typed(&typed, person.born_on)?
        }
        _ => return Err(Problem::invalid("passport", "give either mrz or passport")),
    };
    passport.check(person.born_on, today, 0).map_err(|reason| passport::unfit(reason, 0).actions(&[]))?;
    let sealed = app.sealer.seal(&key, place(id), &passport::to_bytes(&passport)?)?;
    store::put_document(&tx, (caller.user, id), &sealed).await?;
    tx.commit().await?;
    Ok(Json(SavedPassport::of(&passport)))
}

/// Forget a saved person's passport. What was copied to a booking stays there.
#[utoipa::path(delete, path = "/me/travellers/{id}/document", tag = "accounts",
    params(("id" = String, Path, description = "Traveller id", example = "trv_0193f2a1c5d07bb2a4d1c0ffee000009")),
    responses((status = 204, description = "Forgotten")))]
pub(super) async fn forget_passport(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TravellerId>,
) -> Outcome<StatusCode> {
    if !store::forget_document(&app.db.read().await?, (caller.user, id)).await? {
        return Err(Problem::not_found());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// The passport of a person whom the account has saved. Refusals: 404 where it has saved nobody under that id, and 422 where they have
/// none.
pub async fn passport_of_saved(
    app: &App,
    sql: &Sql,
    (user, id): (UserId, TravellerId),
    key: &UserKey,
) -> Result<Passport, Problem> {
    let person = store::one(sql, (user, id)).await?.ok_or_else(Problem::not_found)?;
    let none = || Problem::invalid("traveller_id", "you have saved no passport of theirs");
    open(app, key, id, &person.document.ok_or_else(none)?)
}
