//! What is held on a person, for the person: all of it as a download, and its end.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use jiff::Timestamp;
use kernel::{BookingId, Category};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::api::{require_proof, user_key};
use super::letters::Owner;
use super::oidc::links;
use super::second_factor::list as factors;
use super::sessions::{EndCause, cookie, end_all, list};
use super::store::{accounts, addresses, erase};
use super::{profile, travellers};
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;
use crate::check_in::api as check_in;
use crate::mail::api::{self as mail, Letter, Template, To};
use crate::notify::api as notify;
use crate::payments::api as payments;
use crate::push::api as push;
use crate::reviews::api as reviews;
use crate::support::api as support;
use crate::tracking::api as tracking;

/// Everything that is held on the account's owner.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"exported_at": "2026-06-01T12:00:00Z", "profile": {}, "travellers": [], "sessions": [], "second_factors": [], "providers": {}, "bookings": [],
    "travel_documents": [], "payment_methods": [], "mails": [], "told": {"notifications": [], "preferences": []}, "reviews": [], "support_tickets": [],
    "price_watches": [], "push_subscriptions": []}))]
pub(super) struct MyData {
    #[schema(value_type = String, format = DateTime)]
    exported_at: Timestamp,
    /// As `GET /profile`.
    profile: Value,
    /// As `GET /me/travellers`, with all that a saved passport says.
    travellers: Vec<Value>,
    /// As `GET /me/sessions`.
    sessions: Value,
    /// As `GET /me/second-factors`.
    second_factors: Value,
    /// As `GET /me/providers`.
    providers: Value,
    /// As `GET /bookings`, all of them: with passengers, contact, payments and refunds.
    bookings: Vec<Value>,
    /// The passports that were given for passengers and are still kept.
    travel_documents: Vec<Value>,
    /// Kind, brand and last four digits of the methods that are kept.
    payment_methods: Vec<Value>,
    /// Which mails went out when; what they said is not kept.
    mails: Vec<Value>,
    /// What was told, and by which way it is wanted.
    told: Value,
    /// As `GET /me/reviews`, all of them.
    reviews: Vec<Value>,
    /// As `GET /support/tickets/{id}`, all of them.
    support_tickets: Vec<Value>,
    /// As `GET /price-watches`.
    price_watches: Vec<Value>,
    /// The browsers that take pushes, and since when.
    push_subscriptions: Vec<Value>,
}

/// Download everything that is held on me. It needs a fresh proof (`POST /me/proof`).
#[utoipa::path(get, path = "/me/export", tag = "accounts",
    responses((status = 200, description = "Everything, as a file", body = MyData)))]
pub(super) async fn export_my_data(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<(HeaderMap, Json<MyData>)> {
    require_proof(&app, &caller).await?;
    let sql = app.db.snapshot().await?;
    let key = user_key(&sql, &app.sealer, caller.user).await?;
    let json = |value: Result<Value, serde_json::Error>| value.map_err(Problem::internal);
    let bookings = booking::all_of(&app, &sql, caller.user, &key).await?;
    let ids = bookings.iter().filter_map(|booking| booking["id"].as_str()?.parse().ok());
    let ids: Vec<BookingId> = ids.collect();
    let data = MyData {
        exported_at: app.now(),
        profile: json(serde_json::to_value(profile::load(&app, &sql, caller.user, &key).await?))?,
        travellers: travellers::exported(&app, &sql, caller.user, &key).await?,
        sessions: json(serde_json::to_value(list::load(&app, &sql, &caller, &key).await?))?,
        second_factors: json(serde_json::to_value(factors::load(&app, &sql, caller.user, &key).await?))?,
        providers: json(serde_json::to_value(links::load(&app, &sql, caller.user, &key).await?))?,
        travel_documents: check_in::documents_of(&app, &sql, &key, &ids).await?,
        bookings,
        payment_methods: payments::saved_methods_of(&sql, caller.user).await?,
        mails: mail::sent_to(&sql, caller.user).await?,
        told: notify::all_of(&app, &sql, caller.user).await?,
        reviews: reviews::all_of(&app, &sql, caller.user).await?,
        support_tickets: support::all_of(&app, &sql, caller.user, &key).await?,
        price_watches: tracking::all_of(&app, &sql, caller.user).await?,
        push_subscriptions: push::all_of(&app, &sql, caller.user, &key).await?,
    };
    let file = HeaderValue::from_static("attachment; filename=\"my-data.json\"");
    Ok((HeaderMap::from_iter([(header::CONTENT_DISPOSITION, file)]), Json(data)))
}

/// Delete my account. It needs a fresh proof, and is refused while there are trips ahead (`bookings_ahead` names them). Whatever says who
/// I am goes with the key it was sealed under; bookings, money and records stay, without a name, as the law asks.
#[utoipa::path(delete, path = "/me", tag = "accounts",
    responses((status = 204, description = "Deleted"),
        (status = 409, description = "`bookings_ahead`, `staff_account`")))]
pub(super) async fn delete_me(State(app): State<App>, caller: Caller) -> Outcome<(StatusCode, HeaderMap)> {
    require_proof(&app, &caller).await?;
    let (tx, now) = (app.db.begin().await?, app.now());
    let account = accounts::lock_account(&tx, caller.user).await?.ok_or_else(Problem::not_found)?;
    if account.role.is_staff() {
        return Err(Problem::new(Category::Conflict, "staff_account"));
    }
    let ahead = booking::ahead(&tx, caller.user).await?;
    if !ahead.is_empty() {
        let locators: Vec<Value> = ahead.iter().map(|locator| json!(locator.as_str())).collect();
        return Err(Problem::new(Category::Conflict, "bookings_ahead")
            .arg("count", ahead.len().to_string())
            .with("locators", locators)
            .actions(&["cancel"]));
    }
    let row = addresses::of_user(&tx, caller.user).await?.ok_or_else(Problem::not_found)?;
    let owner = Owner::open(&app, &row)?;
    let ended = end_all(&app, &tx, caller.user, None, EndCause::AccountChanged).await?;
    // Before what was told: of a watch that is gone nothing more is told.
    tracking::forget(&tx, caller.user).await?;
    // Nor of a question or an announcement: whoever tells of one has locked it.
    support::forget(&tx, caller.user).await?;
    notify::forget_announced(&tx, caller.user).await?;
    mail::forget(&tx, caller.user).await?;
    push::forget(&tx, caller.user).await?;
    notify::forget(&tx, caller.user).await?;
    reviews::forget(&tx, caller.user, now).await?;
    payments::forget_methods_of(&tx, caller.user, now).await?;
    erase::erase(&tx, caller.user, now).await?;
    // Under the installation's key: the account's is gone. The address goes when the mail is sent.
    let letter = Letter { template: Template::AccountDeleted, args: Vec::new(), link: None };
    mail::queue(&app, &tx, To::Address { address: &owner.address, locale: owner.locale }, &letter).await?;
    tx.commit().await?;
    app.ended.add(&ended);
    metrics::counter!("accounts_erased_total").increment(1);
    tracing::info!(user.id = %caller.user, "account erased");
    Ok((StatusCode::NO_CONTENT, cookie::take()?))
}
