//! Links to single boarding passes, for mails and for whoever travels along: what follows them sees one pass and nothing else of the booking,
//! until its flight has arrived. Nothing is kept of a link: it is signed. Its token stands behind the `#` of an address and in bodies of
//! POSTs, so that it is in no log.

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use documents::BarCode;
use jiff::Timestamp;
use kernel::{BookingId, Category, FlightId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::keys::Secret;
use platform::messages::Locale;
use platform::signed::TokenSigner;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::list::{PassView, no_pass, pass_of, passes_of};
use super::paper::Words;
use super::wallet::{GoogleView, google_link, package};
use crate::access::Caller;
use crate::app::App;

/// What its token says. It does not say when it ends: when the flight arrives is looked up.
#[derive(Serialize, Deserialize)]
struct Link {
    booking: BookingId,
    owner: UserId,
    segment: i16,
    passenger: i16,
    /// When the passenger checked in, in microseconds: a link ends with the check-in that it was made in, so that whoever gave it to the
    /// wrong one can take it back.
    since: i64,
}

/// The check-in of a pass, as a link names it.
fn since(pass: &PassView) -> Option<i64> {
    pass.checked_in_at.map(Timestamp::as_microsecond)
}

/// Signs and reads them.
pub fn signer(secret: &Secret) -> TokenSigner {
    TokenSigner::new(secret, "bpl")
}

/// A link to a pass.
#[derive(Serialize, ToSchema)]
#[schema(as = BoardingPassLink, example = json!({"url": "https://udaan.example/pass#bpl_eyJib29raW5nIjoi", "expires_at": "2026-12-01T15:35:00Z"}))]
pub(super) struct LinkView {
    /// A page with the pass. Whoever has it sees the pass: give it to nobody else than its passenger.
    url: String,
    /// When the flight arrives, as it is expected now.
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// The token of a link.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = BoardingPassToken, example = json!({"token": "bpl_eyJib29raW5nIjoi"}))]
pub(super) struct TokenRequest {
    token: String,
}

/// What a link opens.
#[derive(Serialize, ToSchema)]
#[schema(as = OpenedBoardingPass, example = json!({"pass": {"segment": 1, "flight_id": "flt_20261201000080008000b97700134001",
    "flight_number": "KR1", "origin": "ABE", "destination": "ATL", "departs_at": "2026-12-01T08:35:00-05:00", "boarding_at":
    "2026-12-01T07:55:00-05:00", "status": "scheduled", "gate": "B4", "passenger": 1, "type": "adult", "given_name": "Asha", "family_name": "Rao", "cabin": "economy", "seat": "12A",
    "sequence": 17, "version": 1, "issued_at": "2026-11-30T09:00:00Z",
    "bar_code": "M1RAO/ASHA            EKX7Q2M ABEATLKR 0001 335Y012A0017 120>80B0WW6334BKR 0D9990000000001V1^156…", "ticket": "9990000000001", "locator": "KX7Q2M"},
    "picture": "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 63 63\">…</svg>",
    "google_wallet": {"url": "https://pay.google.com/gp/v/save/eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3Mi…", "signed_by": "airline"},
    "expires_at": "2026-12-01T15:35:00Z"}))]
pub(super) struct OpenedView {
    pass: PassView,
    /// The bar code as a picture (SVG), Aztec.
    #[schema(example = "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 63 63\">…</svg>")]
    picture: String,
    google_wallet: GoogleView,
    #[schema(value_type = String, format = DateTime)]
    expires_at: Timestamp,
}

/// A link to one boarding pass of mine, for whoever travels with it: it shows that pass, whatever version is good, and nothing else of the
/// booking, until the flight has arrived. Taking check-in back ends the links there are, for good. 409 `no_boarding_pass` while the passenger has none.
#[utoipa::path(get, path = "/bookings/{id}/boarding-passes/{segment}/{passenger}/link", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("segment" = i16, Path, description = "The flight's number in the booking", example = 1),
        ("passenger" = i16, Path, description = "The passenger's number in the booking", example = 1)),
    responses((status = 200, description = "The link", body = LinkView),
        (status = 409, description = "`no_boarding_pass`")))]
pub(super) async fn link_to_pass(
    State(app): State<App>,
    caller: Caller,
    Path((id, segment, passenger)): Path<(BookingId, i16, i16)>,
) -> Outcome<Response> {
    let pass = pass_of(&app, (id, caller.user), (segment, passenger)).await?;
    let url = url(&app, caller.user, &pass)?;
    let view = LinkView { url, expires_at: pass.ends_at };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(view)).into_response())
}

/// Where a pass of the owner's booking is shown.
fn url(app: &App, owner: UserId, pass: &PassView) -> Result<String, Problem> {
    let PassView { booking_id: booking, segment, passenger, .. } = *pass;
    let since = since(pass).ok_or_else(no_pass)?;
    let link = Link { booking, owner, segment, passenger, since };
    let token = app.pass_links.sign(&link).map_err(Problem::internal)?;
    Ok(format!("{}/pass#{token}", app.config.http.public_url.trim_end_matches('/')))
}

/// For a mail to the owner of a booking: a link for each good pass on a flight, with the passenger's name.
pub async fn pass_links(
    app: &App,
    (booking, owner): (BookingId, UserId),
    flight: FlightId,
) -> Result<Vec<(String, String)>, Problem> {
    let passes = passes_of(app, (booking, owner)).await?;
    let own = passes.iter().filter(|pass| pass.flight_id == flight && app.now() < pass.ends_at);
    own.map(|pass| Ok((pass.name(), url(app, owner, pass)?))).collect()
}

/// The pass that a link is to. 404 `no_such_pass` where the token is none of ours, the flight has arrived, or its passenger is not checked
/// in or has taken check-in back since: which of these is not said.
#[utoipa::path(post, path = "/boarding-passes/open", tag = "check-in", request_body = TokenRequest,
    responses((status = 200, description = "The pass", body = OpenedView),
        (status = 404, description = "`no_such_pass`")))]
pub(super) async fn open_pass(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    Json(TokenRequest { token }): Json<TokenRequest>,
) -> Outcome<Response> {
    let pass = opened(&app, &token).await?;
    let title = Words { app: &app, locale }.under(&pass);
    let code = pass.bar_code.clone();
    let draw = move || Ok::<_, documents::PaperError>(BarCode::aztec(&code)?.svg(&title));
    let drawn = tokio::task::spawn_blocking(draw).await.map_err(Problem::internal)?;
    let picture = drawn.map_err(Problem::internal)?;
    let google_wallet = google_link(app, pass.clone(), locale).await?;
    let view = OpenedView { expires_at: pass.ends_at, pass, picture, google_wallet };
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(view)).into_response())
}

/// The pass that a link is to, for Apple Wallet (`.pkpass`). 404 `no_such_pass` as for the pass itself.
#[utoipa::path(post, path = "/boarding-passes/apple-wallet", tag = "check-in", request_body = TokenRequest,
    responses((status = 200, description = "The package", content((String = "application/vnd.apple.pkpass")),
        headers(("Udaan-Signed-By" = String, description = "`airline` or `self_test`"))),
        (status = 404, description = "`no_such_pass`")))]
pub(super) async fn open_apple_wallet(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    Json(TokenRequest { token }): Json<TokenRequest>,
) -> Outcome<Response> {
    let pass = opened(&app, &token).await?;
    package(app, pass, locale).await
}

/// The pass of a token. An account that is gone, a booking that is over, a passenger who is not checked in and a
/// check-in that is another are answered alike.
async fn opened(app: &App, token: &str) -> Result<PassView, Problem> {
    let none = || Problem::new(Category::NotFound, "no_such_pass");
    let link: Link = app.pass_links.open(token).ok_or_else(none)?;
    let found = pass_of(app, (link.booking, link.owner), (link.segment, link.passenger)).await;
    match found {
        Ok(pass) if app.now() < pass.ends_at && since(&pass) == Some(link.since) => Ok(pass),
        Ok(_) => Err(none()),
        Err(problem)
            if matches!(
                problem.category,
                Category::NotFound | Category::Conflict | Category::Unauthenticated
            ) =>
        {
            Err(none())
        }
        Err(problem) => Err(problem),
    }
}
