//! `GET /bookings/{id}/boarding-passes/{segment}/{passenger}/bar-code`: the bar code of a pass as a picture.

use axum::Extension;
use axum::extract::State;
use axum::http::header;
use axum::response::{IntoResponse, Response};
use documents::{BarCode, PaperError, SCALE_MAX};
use kernel::BookingId;
use platform::http::problem::Outcome;
use platform::http::{Path, Problem, Query};
use platform::messages::Locale;
use serde::Deserialize;
use utoipa::IntoParams;

use super::list::pass_of;
use super::paper::Words;
use crate::access::Caller;
use crate::app::App;

/// Pixels on each side of a module, where nothing is said: a square of some 500 pixels.
const SCALE: u8 = 6;

/// Which picture.
#[derive(Debug, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct PictureParams {
    /// `aztec`, for screens and where nothing is said, or `pdf417`, for paper.
    #[param(example = "aztec")]
    symbology: Option<String>,
    /// `svg`, where nothing is said, or `png`.
    #[param(example = "png")]
    format: Option<String>,
    /// Of a PNG, the pixels on each side of a module: 1 to 20.
    #[param(example = 6)]
    scale: Option<u8>,
}

/// The bar code of a boarding pass as a picture, with its light margin: Aztec or PDF417, as SVG or PNG. 409 `no_boarding_pass` while the
/// passenger has none.
#[utoipa::path(get, path = "/bookings/{id}/boarding-passes/{segment}/{passenger}/bar-code", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002"),
        ("segment" = i16, Path, description = "The flight's number in the booking", example = 1),
        ("passenger" = i16, Path, description = "The passenger's number in the booking", example = 1), PictureParams),
    responses((status = 200, description = "The picture", content(
        (String = "image/svg+xml", example = json!("<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 63 63\">…</svg>")),
        (String = "image/png"))),
        (status = 409, description = "`no_boarding_pass`")))]
pub(super) async fn bar_code_picture(
    State(app): State<App>,
    caller: Caller,
    Path((id, segment, passenger)): Path<(BookingId, i16, i16)>,
    Query(params): Query<PictureParams>,
    Extension(locale): Extension<Locale>,
) -> Outcome<Response> {
    let make = match params.symbology.as_deref() {
        None | Some("aztec") => BarCode::aztec,
        Some("pdf417") => BarCode::pdf417,
        Some(_) => return Err(Problem::invalid("symbology", "it must be aztec or pdf417")),
    };
    let png = match params.format.as_deref() {
        None | Some("svg") => false,
        Some("png") => true,
        Some(_) => return Err(Problem::invalid("format", "it must be svg or png")),
    };
    let scale = params.scale.unwrap_or(SCALE);
    if !(1..=SCALE_MAX).contains(&scale) {
        return Err(Problem::invalid("scale", format!("it must be 1 to {SCALE_MAX}")));
    }
    let pass = pass_of(&app, (id, caller.user), (segment, passenger)).await?;
    let title = Words { app: &app, locale }.under(&pass);
    let draw = move || -> Result<(&'static str, Vec<u8>), PaperError> {
        let code = make(&pass.bar_code)?;
        if png {
            Ok(("image/png", code.png(scale)?))
        } else {
            Ok(("image/svg+xml", code.svg(&title).into_bytes()))
        }
    };
    let drawn = tokio::task::spawn_blocking(draw).await.map_err(Problem::internal)?;
    let (kind, bytes) = drawn.map_err(Problem::internal)?;
    let fresh = [(header::CACHE_CONTROL, "no-store"), (header::CONTENT_TYPE, kind)];
    Ok((fresh, bytes).into_response())
}
