//! `PUT` and `DELETE /bookings/{id}/passengers/{passenger}/document`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::booking::BookingStatus;
use kernel::{BookingId, Category, TravellerId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::document::{self, DocumentView};
use super::store;
use crate::access::Caller;
use crate::app::App;
use crate::booking::api::{self as booking};
use crate::identity::api as identity;
use crate::passport::{self, TypedPassport};

/// A passport: the two lines at the foot of its page, or what they say, typed, or that of a person whom the account has saved.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = TravelDocumentRequest, example = json!({"passport": {"number": "Z1234567", "issuer": "IND", "nationality": "IND",
    "expires_on": "2031-04-15"}}))]
pub(super) struct DocumentRequest {
    /// The two lines of 44 characters (ICAO 9303), whose check digits catch a slip.
    #[schema(example = json!(["P<INDRAO<<ASHA<<<<<<<<<<<<<<<<<<<<<<<<<<<<<<", "Z1234567<1IND9005178F3104150<<<<<<<<<<<<<<00"]))]
    mrz: Option<Vec<String>>,
    /// Instead of the lines.
    passport: Option<TypedPassport>,
    /// Instead of both: a person of `GET /me/travellers` whose passport was saved.
    #[schema(value_type = Option<String>, example = "trv_0193f2a1c5d07bb2a4d1c0ffee000009")]
    traveller_id: Option<TravellerId>,
}

/// Give a passenger's passport, which flights across a border need at check-in; another replaces it. Its number is not shown again. It
/// is kept until some days after the last flight; that of a saved person, which `traveller_id` names, is copied: changing it there changes
/// nothing here. 422 `document_not_valid` for one that has expired, or is somebody else's by its
/// date of birth.
#[utoipa::path(put, path = "/bookings/{id}/passengers/{passenger}/document", tag = "check-in", request_body = DocumentRequest,
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("passenger" = i16, Path, description = "The passenger's number in the booking", example = 1)),
    responses((status = 200, description = "What is shown of it", body = DocumentView),
        (status = 409, description = "`booking_closed`"),
        (status = 422, description = "`document_not_valid`")))]
pub(super) async fn put_document(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(BookingId, i16)>,
    Json(request): Json<DocumentRequest>,
) -> Outcome<Json<DocumentView>> {
    let tx = app.db.begin().await?;
    // A booking that is being cancelled forgets its passports, and takes none afterwards.
    booking::lock(&tx, id).await?;
    let travelling = booking::travelling(&app, &tx, id, caller.user).await?;
    let passenger = travelling.passenger(number).ok_or_else(Problem::not_found)?;
    if !matches!(travelling.status, BookingStatus::Held | BookingStatus::Confirmed) {
        let closed = Problem::new(Category::Conflict, "booking_closed");
        return Err(closed.arg("status", travelling.status.as_str()).actions(&[]));
    }
    let today = passport::today(&app);
    let passport = match request {
        DocumentRequest { mrz: Some(lines), passport: None, traveller_id: None } => {
            passport::read_lines(&lines, today)?
        }
        DocumentRequest { mrz: None, passport: Some(typed), traveller_id: None } => {
            passport::read_typed(&typed, passenger.born_on)?
        }
        DocumentRequest { mrz: None, passport: None, traveller_id: Some(traveller) } => {
            identity::passport_of_saved(&app, &tx, (caller.user, traveller), &travelling.key).await?
        }
        _ => return Err(Problem::invalid("passport", "give either mrz or passport or traveller_id")),
    };
    passport.check(passenger.born_on, today, 0).map_err(|reason| document::unfit(number, reason, 0))?;
    let sealed = document::seal(&app, &travelling.key, (id, number), &passport)?;
    let keep_until = document::kept_until(&app, travelling.trip_ends_at.max(app.now()));
    store::put_document(&tx, (id, number), &sealed, keep_until).await?;
    tx.commit().await?;
    Ok(Json(DocumentView::of(number, &passport)))
}

/// Forget a passenger's passport. Who is checked in stays so.
#[utoipa::path(delete, path = "/bookings/{id}/passengers/{passenger}/document", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("passenger" = i16, Path, description = "The passenger's number in the booking", example = 1)),
    responses((status = 204, description = "Forgotten")))]
pub(super) async fn forget_document(
    State(app): State<App>,
    caller: Caller,
    Path((id, number)): Path<(BookingId, i16)>,
) -> Outcome<StatusCode> {
    let sql = app.db.read().await?;
    booking::travelling(&app, &sql, id, caller.user).await?;
    if store::forget_document(&sql, (id, number)).await? {
        Ok(StatusCode::NO_CONTENT)
    } else {
        Err(Problem::not_found())
    }
}
