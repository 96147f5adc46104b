//! A passenger's passport as it is kept, and what is shown of it.

use std::collections::BTreeMap;

use domain::travel_document::{Passport, Unfit};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Category};
use platform::db::Sql;
use platform::http::Problem;
use platform::seal::{Place, UserKey};
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store;
use crate::app::App;

/// How many characters of a number are shown.
const SHOWN: usize = 3;

/// A passport as it is sealed.
#[derive(Clone, Serialize, Deserialize)]
struct Kept {
    number: String,
    issuer: String,
    nationality: String,
    born_on: Date,
    expires_on: Date,
}

/// What is shown of a passport: enough to know which it is, and no more.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = TravelDocument, example = json!({"passenger": 1, "kind": "passport", "ends_with": "2C3", "issuer": "IND", "nationality": "IND",
    "expires_on": "2031-04-15"}))]
pub(super) struct DocumentView {
    passenger: i16,
    /// `passport`.
    kind: &'static str,
    /// The last characters of its number.
    ends_with: String,
    issuer: String,
    nationality: String,
    #[schema(value_type = String, format = Date)]
    expires_on: Date,
}

impl DocumentView {
    pub(super) fn of(passenger: i16, passport: &Passport) -> Self {
        let hidden = passport.number.chars().count().saturating_sub(SHOWN);
        Self {
            passenger,
            kind: "passport",
            ends_with: passport.number.chars().skip(hidden).collect(),
            issuer: passport.issuer.clone(),
            nationality: passport.nationality.clone(),
            expires_on: passport.expires_on,
        }
    }
}

fn place(booking: BookingId, passenger: i16) -> Place {
    Place::new("travel_documents.document_sealed", booking.uuid()).part(passenger)
}

/// How long passports are kept for a trip that ends then.
pub(super) fn kept_until(app: &App, trip_ends_at: Timestamp) -> Timestamp {
    trip_ends_at + SignedDuration::from_hours(24 * i64::from(app.config.check_in.keep_documents_days))
}

/// Seals a passport for its row.
pub(super) fn seal(
    app: &App,
    key: &UserKey,
    (booking, passenger): (BookingId, i16),
    passport: &Passport,
) -> Result<Vec<u8>, Problem> {
    let Passport { number, issuer, nationality, born_on, expires_on } = passport.clone();
    let kept = Kept { number, issuer, nationality, born_on, expires_on };
    let json = serde_json::to_vec(&kept).map_err(Problem::internal)?;
    Ok(app.sealer.seal(key, place(booking, passenger), &json)?)
}

/// The passports of a booking, by passenger.
pub(super) async fn load(
    app: &App,
    sql: &Sql,
    key: &UserKey,
    booking: BookingId,
) -> Result<BTreeMap<i16, Passport>, Problem> {
    let open = |(passenger, sealed): (i16, Vec<u8>)| {
        let json = app.sealer.open(key, place(booking, passenger), &sealed)?;
        let Kept { number, issuer, nationality, born_on, expires_on } =
            serde_json::from_slice(&json).map_err(Problem::internal)?;
        Ok((passenger, Passport { number, issuer, nationality, born_on, expires_on }))
    };
    store::documents(sql, booking).await?.into_iter().map(open).collect()
}

/// A passport with all it says, for the owner of the account.
pub(super) fn exported((booking, passenger): (BookingId, i16), passport: Passport) -> Value {
    let Passport { number, issuer, nationality, born_on, expires_on } = passport;
    json!({"booking_id": booking, "passenger": passenger, "number": number, "issuer": issuer, "nationality": nationality,
        "born_on": born_on, "expires_on": expires_on})
}

/// The refusal of a passport that will not do.
pub(super) fn unfit(passenger: i16, reason: Unfit, months: u8) -> Problem {
    let problem = Problem::new(Category::Unprocessable, "document_not_valid").arg("reason", reason.as_str());
    let problem = problem.arg("months", months.to_string()).with("reason", reason.as_str());
    problem.with("passenger", passenger).actions(&["add_document"])
}
