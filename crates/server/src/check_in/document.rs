//! A passenger's passport as it is kept, and what is shown of it.

use std::collections::BTreeMap;

use domain::travel_document::{Passport, Unfit};
use jiff::civil::Date;
use jiff::{SignedDuration, Timestamp};
use kernel::BookingId;
use platform::db::Sql;
use platform::http::Problem;
use platform::seal::{Place, UserKey};
use serde::Serialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::store;
use crate::app::App;
use crate::passport;

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
        Self {
            passenger,
            kind: "passport",
            ends_with: passport::ends_with(passport),
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
    Ok(app.sealer.seal(key, place(booking, passenger), &passport::to_bytes(passport)?)?)
}

/// The passports of a booking, by passenger.
pub(super) async fn load(
    app: &App,
    sql: &Sql,
    key: &UserKey,
    booking: BookingId,
) -> Result<BTreeMap<i16, Passport>, Problem> {
    let open = |(passenger, sealed): (i16, Vec<u8>)| {
        Ok((passenger, passport::from_bytes(&app.sealer.open(key, place(booking, passenger), &sealed)?)?))
    };
    store::documents(sql, booking).await?.into_iter().map(open).collect()
}

/// A passport with all it says, for the owner of the account.
pub(super) fn exported((booking, passenger): (BookingId, i16), passport: Passport) -> Value {
    let mut exported = passport::exported(passport);
    exported["booking_id"] = json!(booking);
    exported["passenger"] = json!(passenger);
    exported
}

/// The refusal of a passenger's passport that will not do.
pub(super) fn unfit(passenger: i16, reason: Unfit, months: u8) -> Problem {
    passport::unfit(reason, months).with("passenger", passenger).actions(&["add_document"])
}
