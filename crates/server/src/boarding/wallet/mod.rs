//! Boarding passes for the wallets of telephones: a package for Apple's, a link for Google's. Both are signed with what the airline
//! configured; where it configured nothing, with a key and a certificate that anybody has and no telephone trusts (`self-test/`), and each
//! answer says so.

mod apple;
mod cms;
mod google;
mod key;
#[cfg(test)]
mod tests;

use anyhow::Context;
use axum::Extension;
use axum::extract::State;
use axum::http::{HeaderName, HeaderValue, header};
use axum::response::{IntoResponse, Response};
use jiff::Timestamp;
use kernel::BookingId;
use platform::config::Wallet;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::messages::Locale;
use serde::Serialize;
use utoipa::ToSchema;

use self::apple::AppleWallet;
use self::google::GoogleWallet;
use super::list::{PassView, pass_of};
use super::paper::Words;
use crate::access::Caller;
use crate::app::App;

/// Says of a package how it was signed.
const SIGNED_BY: HeaderName = HeaderName::from_static("udaan-signed-by");
/// Published with the source, on purpose.
const SELF_TEST_KEY: &[u8] = include_bytes!("self-test/key.pem");
const SELF_TEST_CERTIFICATE: &[u8] = include_bytes!("self-test/certificate.pem");

/// Makes passes for wallets.
pub struct Wallets {
    apple: AppleWallet,
    google: GoogleWallet,
}

impl Wallets {
    /// Reads keys and certificates.
    pub fn new(settings: &Wallet) -> anyhow::Result<Self> {
        let apple = AppleWallet::new(settings).context("wallet")?;
        let google = GoogleWallet::new(settings).context("wallet")?;
        Ok(Self { apple, google })
    }

    /// Certificates of Apple's that are not valid at an instant: packages signed with them are taken by no telephone, and nothing else
    /// says so.
    pub fn out_of_date(&self, at: Timestamp) -> Vec<String> {
        self.apple.out_of_date(at)
    }

    /// The wallets whose passes are signed by the self-test, as nothing is configured for them: no telephone takes those.
    pub fn self_tests(&self) -> Vec<&'static str> {
        let wallets = [("Apple Wallet", self.apple.self_test), ("Google Wallet", self.google.self_test)];
        wallets.into_iter().filter(|(_, self_test)| *self_test).map(|(wallet, _)| wallet).collect()
    }

    /// Whether no telephone takes what is made for Apple's wallet, as nothing is configured for it.
    pub(crate) fn apple_is_self_test(&self) -> bool {
        self.apple.self_test
    }
}

fn read(file: &str) -> anyhow::Result<Vec<u8>> {
    std::fs::read(file).with_context(|| file.to_owned())
}

/// How something is signed, on the wire.
const fn signed_by(self_test: bool) -> &'static str {
    if self_test { "self_test" } else { "airline" }
}

/// Where a pass is saved in Google Wallet.
#[derive(Serialize, ToSchema)]
#[schema(as = GoogleWalletLink, example = json!({"url": "https://pay.google.com/gp/v/save/eyJhbGciOiJSUzI1NiIsInR5cCI6IkpXVCJ9.eyJpc3Mi…",
    "signed_by": "airline"}))]
pub(super) struct GoogleView {
    /// Has the whole pass in it: show it to whom it belongs.
    url: String,
    /// `airline`; or `self_test`, where no account of Google's is configured: then Google refuses the link.
    #[schema(value_type = String, example = "airline")]
    signed_by: &'static str,
}

/// My boarding pass for Apple Wallet: a package (`.pkpass`), in the language of `Accept-Language`. `Udaan-Signed-By` is `airline`; or
/// `self_test`, where no certificate of Apple's is configured: then no telephone takes it, and the back of the pass says so too. 409
/// `no_boarding_pass` while the passenger has none.
#[utoipa::path(get, path = "/bookings/{id}/boarding-passes/{segment}/{passenger}/apple-wallet", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("segment" = i16, Path, description = "The flight's number in the booking", example = 1),
        ("passenger" = i16, Path, description = "The passenger's number in the booking", example = 1)),
    responses((status = 200, description = "The package", content((String = "application/vnd.apple.pkpass")),
        headers(("Udaan-Signed-By" = String, description = "`airline` or `self_test`"))),
        (status = 409, description = "`no_boarding_pass`")))]
pub(super) async fn apple_wallet(
    State(app): State<App>,
    caller: Caller,
    Path((id, segment, passenger)): Path<(BookingId, i16, i16)>,
    Extension(locale): Extension<Locale>,
) -> Outcome<Response> {
    let pass = pass_of(&app, (id, caller.user), (segment, passenger)).await?;
    package(app, pass, locale).await
}

/// My boarding pass for Google Wallet: a link that saves it. 409 `no_boarding_pass` while the passenger has none.
#[utoipa::path(get, path = "/bookings/{id}/boarding-passes/{segment}/{passenger}/google-wallet", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("segment" = i16, Path, description = "The flight's number in the booking", example = 1),
        ("passenger" = i16, Path, description = "The passenger's number in the booking", example = 1)),
    responses((status = 200, description = "The link", body = GoogleView),
        (status = 409, description = "`no_boarding_pass`")))]
pub(super) async fn google_wallet(
    State(app): State<App>,
    caller: Caller,
    Path((id, segment, passenger)): Path<(BookingId, i16, i16)>,
    Extension(locale): Extension<Locale>,
) -> Outcome<Response> {
    let pass = pass_of(&app, (id, caller.user), (segment, passenger)).await?;
    let view = google_link(app, pass, locale).await?;
    Ok(([(header::CACHE_CONTROL, "no-store")], Json(view)).into_response())
}

/// The answer with a package: some milliseconds of pure work, on a thread where it holds up nobody.
pub(super) async fn package(app: App, pass: PassView, locale: Locale) -> Outcome<Response> {
    let name = format!("attachment; filename=\"{}-{}.pkpass\"", pass.flight_number, pass.locator);
    let signed_by = signed_by(app.wallets.apple.self_test);
    let made = tokio::task::spawn_blocking(move || {
        app.wallets.apple.package(&pass, &Words { app: &app, locale }, app.now())
    });
    let package = made.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    let headers = [
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
        (header::CONTENT_TYPE, HeaderValue::from_static(apple::MEDIA_TYPE)),
        (header::CONTENT_DISPOSITION, HeaderValue::try_from(name).map_err(Problem::internal)?),
        (SIGNED_BY, HeaderValue::from_static(signed_by)),
    ];
    Ok((headers, package).into_response())
}

/// The link of a pass.
pub(super) async fn google_link(app: App, pass: PassView, locale: Locale) -> Result<GoogleView, Problem> {
    let signed_by = signed_by(app.wallets.google.self_test);
    let made = tokio::task::spawn_blocking(move || {
        app.wallets.google.link(&pass, &Words { app: &app, locale }, app.now())
    });
    let url = made.await.map_err(Problem::internal)?.map_err(Problem::internal)?;
    Ok(GoogleView { url, signed_by })
}
