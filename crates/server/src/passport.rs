//! A passport as it is given, sealed and shown: of a passenger at check-in, and of a person an account has saved.

use domain::travel_document::{Passport, Unfit};
use jiff::SignedDuration;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::Category;
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use utoipa::ToSchema;

use crate::app::App;

/// How many characters of a number are shown.
const SHOWN: usize = 3;

/// What a passport says.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(crate) struct TypedPassport {
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

/// A passport as it is sealed.
#[derive(Serialize, Deserialize)]
struct Kept {
    number: String,
    issuer: String,
    nationality: String,
    born_on: Date,
    expires_on: Date,
}

/// The last day that it still is somewhere on Earth: a passport is refused once it has expired everywhere.
pub(crate) fn today(app: &App) -> Date {
    (app.now() - SignedDuration::from_hours(12)).to_zoned(TimeZone::UTC).date()
}

/// Reads the two lines of a passport.
pub(crate) fn read_lines(lines: &[String], today: Date) -> Result<Passport, Problem> {
    let lines: Vec<String> = lines.iter().map(|line| line.trim().to_ascii_uppercase()).collect();
    let [first, second] = lines.as_slice() else {
        return Err(Problem::invalid("mrz", "it must be two lines"));
    };
    Passport::from_lines(first, second, today).map_err(|error| Problem::invalid("mrz", error.to_string()))
}

/// Reads what was typed of the passport of somebody who was born on that day.
pub(crate) fn read_typed(typed: &TypedPassport, born_on: Date) -> Result<Passport, Problem> {
    let upper = |text: &str| text.trim().to_ascii_uppercase();
    let passport = Passport {
        number: upper(&typed.number),
        issuer: upper(&typed.issuer),
        nationality: upper(&typed.nationality),
        born_on,
        expires_on: typed.expires_on,
    };
    let reason =
        "number must be one to nine letters and digits, issuer and nationality the letters in the passport";
    if passport.is_sound() { Ok(passport) } else { Err(Problem::invalid("passport", reason)) }
}

/// The refusal of a passport that will not do.
pub(crate) fn unfit(reason: Unfit, months: u8) -> Problem {
    let problem = Problem::new(Category::Unprocessable, "document_not_valid").arg("reason", reason.as_str());
    problem.arg("months", months.to_string()).with("reason", reason.as_str())
}

/// What is to be sealed of it: all of it.
pub(crate) fn to_bytes(passport: &Passport) -> Result<Vec<u8>, Problem> {
    let Passport { number, issuer, nationality, born_on, expires_on } = passport.clone();
    let kept = Kept { number, issuer, nationality, born_on, expires_on };
    serde_json::to_vec(&kept).map_err(Problem::internal)
}

/// What was sealed.
pub(crate) fn from_bytes(bytes: &[u8]) -> Result<Passport, Problem> {
    let Kept { number, issuer, nationality, born_on, expires_on } =
        serde_json::from_slice(bytes).map_err(Problem::internal)?;
    Ok(Passport { number, issuer, nationality, born_on, expires_on })
}

/// The last characters of its number: enough to know which it is.
pub(crate) fn ends_with(passport: &Passport) -> String {
    let hidden = passport.number.chars().count().saturating_sub(SHOWN);
    passport.number.chars().skip(hidden).collect()
}

/// All it says, for the owner of the account.
pub(crate) fn exported(passport: Passport) -> Value {
    let Passport { number, issuer, nationality, born_on, expires_on } = passport;
    json!({"number": number, "issuer": issuer, "nationality": nationality, "born_on": born_on, "expires_on": expires_on})
}
