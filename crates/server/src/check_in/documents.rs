//! `PUT` and `DELETE /bookings/{id}/passengers/{passenger}/document`.

use axum::extract::State;
use axum::http::StatusCode;
use domain::booking::BookingStatus;
use domain::travel_document::Passport;
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{BookingId, Category};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::Deserialize;
use utoipa::ToSchema;

use super::document::{self, DocumentView};
use super::store;
use crate::access::Caller;
use crate::app::App;
use crate::booking::api::{self as booking};

/// A passport: the two lines at the foot of its page, or what they say, typed.
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
}

/// What a passport says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct TypedPassport {
    /// One to nine letters and digits.
    #[schema(example = "Z1234567")]
    number: String,
    /// Who issued it: the three letters in the passport.
    #[schema(example = "IND")]
    issuer: String,
    /// Its holder's nationality, in the same letters.
    #[schema(example = "IND")]
    nationality: String,
    /// The last day it is valid.
    #[schema(value_type = String, format = Date)]
    expires_on: Date,
}

/// Give a passenger's passport, which flights across a border need at check-in; another replaces it. Its number is not shown again. It
/// is kept until some days after the last flight. 422 `document_not_valid` for one that has expired, or is somebody else's by its
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
    // Somewhere on Earth it is still yesterday: a passport is refused once it has expired everywhere.
    let today = (app.now() - SignedDuration::from_hours(12)).to_zoned(TimeZone::UTC).date();
    let passport = read(request, passenger.born_on, today)?;
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

fn read(request: DocumentRequest, born_on: Date, today: Date) -> Result<Passport, Problem> {
    match (request.mrz, request.passport) {
        (Some(lines), None) => {
            let lines: Vec<String> = lines.iter().map(|line| line.trim().to_ascii_uppercase()).collect();
            let [first, second] = lines.as_slice() else {
                return Err(Problem::invalid("mrz", "it must be two lines"));
            };
            Passport::from_lines(first, second, today)
                .map_err(|error| Problem::invalid("mrz", error.to_string()))
        }
        (None, Some(typed)) => {
            let upper = |text: &str| text.trim().to_ascii_uppercase();
            let passport = Passport {
                number: upper(&typed.number),
                issuer: upper(&typed.issuer),
                nationality: upper(&typed.nationality),
                born_on,
                expires_on: typed.expires_on,
            };
            let reason = "number must be one to nine letters and digits, issuer and nationality the letters in the passport";
            if passport.is_sound() { Ok(passport) } else { Err(Problem::invalid("passport", reason)) }
        }
        _ => Err(Problem::invalid("passport", "give either mrz or passport")),
    }
}
