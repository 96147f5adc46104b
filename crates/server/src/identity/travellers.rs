//! People an account books for, so that nobody types a family's names each time: `/me/travellers`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::names::{NAME_MAX, is_name};
use domain::travel_document::Passport;
use jiff::civil::Date;
use kernel::{Category, TravellerId, UserId};
use platform::db::Sql;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::api;
use super::store::travellers::{self as store, TravellerRow};
use super::traveller_documents::{self as documents, SavedPassport};
use crate::access::Caller;
use crate::app::App;
use crate::passport;

/// A large family and its friends.
const MOST: i64 = 50;

/// A person, named as on the document they travel with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17"}))]
pub struct Traveller {
    /// Given names.
    pub given_name: String,
    /// Family name; people with a single name repeat it.
    pub family_name: String,
    /// Date of birth.
    #[schema(value_type = String, format = Date)]
    pub born_on: Date,
}

/// A person as they were saved.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"id": "trv_0193f2a1c5d07bb2a4d1c0ffee000009", "given_name": "Asha", "family_name": "Rao", "born_on": "1990-05-17",
    "document": {"kind": "passport", "ends_with": "567", "issuer": "IND", "nationality": "IND", "expires_on": "2031-04-15"}}))]
pub(super) struct TravellerView {
    #[schema(value_type = String)]
    id: TravellerId,
    given_name: String,
    family_name: String,
    #[schema(value_type = String, format = Date)]
    born_on: Date,
    /// Their passport, where one was saved.
    document: Option<SavedPassport>,
}

impl TravellerView {
    // Not flattened: the document would promise that there are the members of a `Traveller` and no others.
    fn new(id: TravellerId, traveller: Traveller, document: Option<&Passport>) -> Self {
        let Traveller { given_name, family_name, born_on } = traveller;
        Self { id, given_name, family_name, born_on, document: document.map(SavedPassport::of) }
    }
}

/// All of them.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"travellers": [{"id": "trv_0193f2a1c5d07bb2a4d1c0ffee000009", "given_name": "Asha",
    "family_name": "Rao", "born_on": "1990-05-17", "document": null}]}))]
pub(super) struct Travellers {
    travellers: Vec<TravellerView>,
}

impl Traveller {
    /// The same without spaces around the names.
    fn checked(self) -> Result<Self, Problem> {
        for (field, value) in [("given_name", &self.given_name), ("family_name", &self.family_name)] {
            if !is_name(value) {
                return Err(Problem::invalid(field, format!("it must be a name of 1 to {NAME_MAX} letters")));
            }
        }
        if self.born_on.year() < 1900 {
            return Err(Problem::invalid("born_on", "it must be in 1900 or later"));
        }
        let trimmed = |text: String| text.trim().to_owned();
        Ok(Self {
            given_name: trimmed(self.given_name),
            family_name: trimmed(self.family_name),
            born_on: self.born_on,
        })
    }
}

fn place(traveller: TravellerId) -> Place {
    Place::new("saved_travellers.details_sealed", traveller.uuid())
}

fn seal(app: &App, key: &UserKey, id: TravellerId, traveller: &Traveller) -> Result<Vec<u8>, Problem> {
    let json = serde_json::to_vec(traveller).map_err(Problem::internal)?;
    Ok(app.sealer.seal(key, place(id), &json)?)
}

fn open(app: &App, key: &UserKey, id: TravellerId, sealed: &[u8]) -> Result<Traveller, Problem> {
    let json = app.sealer.open(key, place(id), sealed)?;
    serde_json::from_slice(&json).map_err(Problem::internal)
}

/// A saved person and their passport, sealed; nothing of them changes until the transaction ends. 404 if the account has saved nobody
/// under that id.
pub(super) async fn lock(
    app: &App,
    sql: &Sql,
    (user, id): (UserId, TravellerId),
    key: &UserKey,
) -> Result<(Traveller, Option<Vec<u8>>), Problem> {
    let row = store::lock(sql, (user, id)).await?.ok_or_else(Problem::not_found)?;
    Ok((open(app, key, id, &row.details)?, row.document))
}

/// Everybody an account has saved, with their passports.
async fn whole(
    app: &App,
    sql: &Sql,
    user: UserId,
    key: &UserKey,
) -> Result<Vec<(TravellerId, Traveller, Option<Passport>)>, Problem> {
    let person = |row: TravellerRow| {
        let id = TravellerId::from_uuid(row.id);
        let document = row.document.map(|sealed| documents::open(app, key, id, &sealed)).transpose()?;
        Ok((id, open(app, key, id, &row.details)?, document))
    };
    store::all(sql, user).await?.into_iter().map(person).collect()
}

/// The people I have saved, oldest first.
#[utoipa::path(get, path = "/me/travellers", tag = "accounts",
    responses((status = 200, description = "All of them", body = Travellers)))]
pub(super) async fn list_travellers(State(app): State<App>, caller: Caller) -> Outcome<Json<Travellers>> {
    let sql = app.db.read().await?;
    let key = api::user_key(&sql, &app.sealer, caller.user).await?;
    let saved = whole(&app, &sql, caller.user, &key).await?.into_iter();
    let view =
        |(id, person, document): (_, _, Option<Passport>)| TravellerView::new(id, person, document.as_ref());
    Ok(Json(Travellers { travellers: saved.map(view).collect() }))
}

/// Save a person to book for later, by `traveller_id` in `POST /bookings`. 409 `too_many_travellers` after fifty.
#[utoipa::path(post, path = "/me/travellers", tag = "accounts", request_body = Traveller,
    responses((status = 201, description = "Saved", body = TravellerView),
        (status = 409, description = "`too_many_travellers`")))]
pub(super) async fn save_traveller(
    State(app): State<App>,
    caller: Caller,
    Json(traveller): Json<Traveller>,
) -> Outcome<(StatusCode, Json<TravellerView>)> {
    let traveller = traveller.checked()?;
    let id = app.new_id(TravellerId::new);
    let sql = app.db.read().await?;
    let key = api::user_key(&sql, &app.sealer, caller.user).await?;
    let details = seal(&app, &key, id, &traveller)?;
    if !store::insert(&sql, (caller.user, id), &details, MOST, app.now()).await? {
        return Err(Problem::new(Category::Conflict, "too_many_travellers").arg("most", MOST.to_string()));
    }
    Ok((StatusCode::CREATED, Json(TravellerView::new(id, traveller, None))))
}

/// Change a saved person; bookings that were made keep what they have. Another date of birth forgets their passport.
#[utoipa::path(put, path = "/me/travellers/{id}", tag = "accounts", request_body = Traveller,
    params(("id" = String, Path, description = "Traveller id", example = "trv_0193f2a1c5d07bb2a4d1c0ffee000009")),
    responses((status = 200, description = "Changed", body = TravellerView)))]
pub(super) async fn change_traveller(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TravellerId>,
    Json(traveller): Json<Traveller>,
) -> Outcome<Json<TravellerView>> {
    let traveller = traveller.checked()?;
    let tx = app.db.begin().await?;
    let key = api::user_key(&tx, &app.sealer, caller.user).await?;
    let (before, document) = lock(&app, &tx, (caller.user, id), &key).await?;
    let document = document.filter(|_| before.born_on == traveller.born_on);
    if document.is_none() {
        store::forget_document(&tx, (caller.user, id)).await?;
    }
    store::update(&tx, (caller.user, id), &seal(&app, &key, id, &traveller)?).await?;
    tx.commit().await?;
    let document = document.map(|sealed| documents::open(&app, &key, id, &sealed)).transpose()?;
    Ok(Json(TravellerView::new(id, traveller, document.as_ref())))
}

/// Forget a saved person.
#[utoipa::path(delete, path = "/me/travellers/{id}", tag = "accounts",
    params(("id" = String, Path, description = "Traveller id", example = "trv_0193f2a1c5d07bb2a4d1c0ffee000009")),
    responses((status = 204, description = "Forgotten")))]
pub(super) async fn forget_traveller(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<TravellerId>,
) -> Outcome<StatusCode> {
    if !store::delete(&app.db.read().await?, (caller.user, id)).await? {
        return Err(Problem::not_found());
    }
    Ok(StatusCode::NO_CONTENT)
}

/// Everybody an account has saved, to book for.
pub async fn load(
    app: &App,
    sql: &Sql,
    user: UserId,
    key: &UserKey,
) -> Result<Vec<(TravellerId, Traveller)>, Problem> {
    let person = |row: TravellerRow| {
        let id = TravellerId::from_uuid(row.id);
        Ok((id, open(app, key, id, &row.details)?))
    };
    store::all(sql, user).await?.into_iter().map(person).collect()
}

/// Everybody an account has saved with all that is kept of them, for its owner.
pub(super) async fn exported(
    app: &App,
    sql: &Sql,
    user: UserId,
    key: &UserKey,
) -> Result<Vec<Value>, Problem> {
    let person = |(id, person, document): (TravellerId, Traveller, Option<Passport>)| {
        let Traveller { given_name, family_name, born_on } = person;
        json!({"id": id, "given_name": given_name, "family_name": family_name, "born_on": born_on,
            "document": document.map(passport::exported)})
    };
    Ok(whole(app, sql, user, key).await?.into_iter().map(person).collect())
}
