//! All of a booking, for who reads its contact's mail: `POST /records/code`, `POST /records/session`.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use jiff::SignedDuration;
use kernel::{BookingId, Category};
use platform::attempts::{Attempt, Rule};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use subtle::ConstantTimeEq;
use utoipa::ToSchema;

use super::find::{RecordRequest, find, too_many};
use super::puzzle::PuzzleSolution;
use super::{pass, store};
use crate::access::Device;
use crate::app::App;
use crate::identity;
use crate::mail::api::{Letter, Template, To, queue};

/// How long a code is good.
const LIFE: SignedDuration = SignedDuration::from_mins(10);
/// And for how many tries.
const TRIES: i16 = 5;
/// Codes of one booking: three at once, and one each twenty minutes.
const CODES: Rule = Rule { name: "record code", burst: 3, every: SignedDuration::from_mins(20) };

/// The code of the mail.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"locator": "KX7Q2M", "surname": "Rao", "code": "402913"}))]
pub(super) struct OpenRequest {
    locator: String,
    surname: String,
    /// Six digits.
    code: String,
    /// Only after 403 `puzzle_required`.
    puzzle: Option<PuzzleSolution>,
}

/// What opens the booking.
#[derive(Serialize, ToSchema)]
#[schema(as = RecordPass, example = json!({"access_token": "rec_eyJib29raW5nIjoi", "token_type": "Bearer", "expires_in": 1800,
    "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"}))]
pub(super) struct PassView {
    /// Send it as `Authorization: Bearer …` to `/bookings/{booking_id}` and what is below it; it is good for nothing else.
    access_token: String,
    token_type: &'static str,
    /// Seconds.
    expires_in: i64,
    #[schema(value_type = String)]
    booking_id: BookingId,
}

/// Have a code mailed to the contact of a booking. It is good for ten minutes, for five tries, and once.
#[utoipa::path(post, path = "/records/code", tag = "bookings", request_body = RecordRequest,
    responses((status = 204, description = "It is on its way"),
        (status = 403, description = "`puzzle_required`"), (status = 404, description = "`no_such_record`")))]
pub(super) async fn send_code(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    device: Device,
    Json(request): Json<RecordRequest>,
) -> Outcome<StatusCode> {
    let record = find(&app, &device, &request).await?;
    let limit = Attempt::new(&app.sealer, CODES, record.booking.uuid().as_bytes());
    if let Err(wait) = limit.take(&app.db, app.now()).await? {
        return Err(too_many(wait));
    }
    // Nobody acts for an account that the airline disabled; that it is so is nobody's business here.
    if !identity::api::is_enabled(&app.db.read().await?, record.owner).await? {
        return Ok(StatusCode::NO_CONTENT);
    }
    let code = six_digits(|| u32::from_be_bytes(app.random.bytes()));
    let tx = app.db.begin().await?;
    store::put(&tx, record.booking, &hash(&app, record.booking, &code), app.now() + LIFE).await?;
    let args = vec![
        ("code", code),
        ("locator", record.locator.to_string()),
        ("minutes", LIFE.as_mins().to_string()),
    ];
    let letter = Letter { template: Template::RecordCode, args, link: None };
    let to = To::Account { user: record.owner, key: &record.key, address: &record.contact, locale };
    queue(&app, &tx, to, &letter).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}

/// Exchange the code of the mail for a pass to the booking: for 30 minutes all of it can be seen and managed, and nothing else.
#[utoipa::path(post, path = "/records/session", tag = "bookings", request_body = OpenRequest,
    responses((status = 200, description = "A pass to the booking", body = PassView),
        (status = 403, description = "`puzzle_required`"), (status = 404, description = "`no_such_record`")))]
pub(super) async fn open_record(
    State(app): State<App>,
    device: Device,
    Json(OpenRequest { locator, surname, code, puzzle }): Json<OpenRequest>,
) -> Outcome<Json<PassView>> {
    let record = find(&app, &device, &RecordRequest { locator, surname, puzzle }).await?;
    let tx = app.db.begin().await?;
    let kept = store::try_one(&tx, record.booking, TRIES, app.now()).await?;
    let given = hash(&app, record.booking, code.trim());
    let fits = kept.is_some_and(|kept| bool::from(kept.ct_eq(&given)));
    if fits {
        store::remove(&tx, record.booking).await?;
    }
    // A wrong try counts, so it is kept in any case.
    tx.commit().await?;
    if !fits {
        metrics::counter!("record_codes_total", "outcome" => "wrong").increment(1);
        return Err(Problem::new(Category::Unprocessable, "wrong_code").field("code"));
    }
    metrics::counter!("record_codes_total", "outcome" => "ok").increment(1);
    Ok(Json(PassView {
        access_token: pass::issue(&app, record.booking, record.owner)?,
        token_type: "Bearer",
        expires_in: pass::LIFE.as_secs(),
        booking_id: record.booking,
    }))
}

fn hash(app: &App, booking: BookingId, code: &str) -> Vec<u8> {
    app.sealer.fingerprint("record code", &[booking.uuid().as_bytes(), code.as_bytes()].concat())
}

/// Six digits, each code as likely as any other: numbers beyond the last whole million are drawn again.
fn six_digits(mut random: impl FnMut() -> u32) -> String {
    const WHOLE: u32 = u32::MAX / 1_000_000 * 1_000_000;
    let number = loop {
        let number = random();
        if number < WHOLE {
            break number;
        }
    };
    format!("{:06}", number % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_have_six_digits_and_no_favourites() {
        let mut drawn = [u32::MAX, 4_294_000_000, 4_293_999_999, 7].into_iter();
        assert_eq!(six_digits(|| drawn.next().expect("a number")), "999999");
        assert_eq!(six_digits(|| drawn.next().expect("a number")), "000007");
    }
}
