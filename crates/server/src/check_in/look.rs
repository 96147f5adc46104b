//! `GET /bookings/{id}/check-in`.

use axum::extract::State;
use kernel::BookingId;
use platform::http::problem::Outcome;
use platform::http::{Json, Path};

use super::view::{self, CheckInView};
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;

/// How check-in of my booking stands: for each flight when it is open, and for each passenger who flies it their seat, their place in the
/// order, what is missing, and what can be done now and until when.
#[utoipa::path(get, path = "/bookings/{id}/check-in", tag = "check-in",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "How it stands", body = CheckInView)))]
pub(super) async fn get_check_in(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
) -> Outcome<Json<CheckInView>> {
    Ok(Json(view_of(&app, caller, id).await?))
}

/// The caller's booking, of one moment.
pub(super) async fn view_of(
    app: &App,
    caller: Caller,
    id: BookingId,
) -> Result<CheckInView, platform::http::Problem> {
    let sql = app.db.snapshot().await?;
    let travelling = booking::travelling(app, &sql, id, caller.user).await?;
    view::view(app, &sql, &travelling).await
}
