//! `GET /bookings/{id}`.

use axum::extract::State;
use kernel::{BookingId, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};

use super::store;
use super::view::{self, BookingView};
use crate::access::Caller;
use crate::app::App;
use crate::identity;

/// One of my bookings.
#[utoipa::path(get, path = "/bookings/{id}", tag = "bookings",
    params(("id" = String, Path, description = "Booking id", example = "bkg_0193f2a1c5d07bb2a4d1c0ffee000002")),
    responses((status = 200, description = "The booking", body = BookingView)))]
pub(super) async fn get_booking(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<BookingId>,
) -> Outcome<Json<BookingView>> {
    Ok(Json(view_of(&app, caller, id).await?))
}

/// The caller's booking as it is now: its state, money and tickets of one moment.
pub(super) async fn view_of(app: &App, caller: Caller, id: BookingId) -> Result<BookingView, Problem> {
    view_for(app, (id, caller.user)).await?.ok_or_else(Problem::not_found)
}

/// A user's booking, the same way; `None` if they have no such booking.
pub(super) async fn view_for(
    app: &App,
    (id, user): (BookingId, UserId),
) -> Result<Option<BookingView>, Problem> {
    let sql = app.db.snapshot().await?;
    let Some(booking) = store::find(&sql, id, user).await? else { return Ok(None) };
    let key = identity::api::user_key(&sql, &app.sealer, user).await?;
    Ok(Some(view::load(app, &sql, booking, &key).await?))
}
