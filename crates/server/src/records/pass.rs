//! The pass that a code is exchanged for: a signed token that speaks for a booking's owner about that booking alone.

use axum::http::Uri;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingId, Category, SessionId, UserId};
use platform::http::Problem;
use platform::keys::Secret;
use platform::signed::TokenSigner;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::access::{Access, Area, Caller};
use crate::app::App;
use crate::identity;

/// How long it is good for.
pub(super) const LIFE: SignedDuration = SignedDuration::from_mins(30);
const PREFIX: &str = "rec";

/// What it says.
#[derive(Serialize, Deserialize)]
struct Pass {
    booking: BookingId,
    owner: UserId,
    until: Timestamp,
}

/// Signs and reads them.
pub fn signer(secret: &Secret) -> TokenSigner {
    TokenSigner::new(secret, PREFIX)
}

/// Whether a bearer token is meant to be one.
pub(crate) fn is_pass(token: &str) -> bool {
    token.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with('_'))
}

/// A pass to the booking.
pub(super) fn issue(app: &App, booking: BookingId, owner: UserId) -> Result<String, Problem> {
    app.passes.sign(&Pass { booking, owner, until: app.now() + LIFE }).map_err(Problem::internal)
}

/// Who calls with it: the booking's owner, on the routes below the booking and nowhere else. Refusals: `unauthenticated`,
/// `one_booking_only`.
pub(crate) async fn caller(app: &App, token: &str, access: Access, uri: &Uri) -> Result<Caller, Problem> {
    let pass: Option<Pass> = app.passes.open(token);
    let pass = pass.filter(|pass| app.now() < pass.until);
    let pass = pass.ok_or_else(|| Problem::new(Category::Unauthenticated, "unauthenticated"))?;
    let about_it = access == Access::SignedIn(Area::Bookings) && booking_of(uri.path()) == Some(pass.booking);
    if !about_it {
        return Err(Problem::new(Category::Forbidden, "one_booking_only").actions(&["login"]));
    }
    // Nobody acts in the name of an account that the airline disabled, and a pass has no session to end. Few come with one, so the row is
    // asked for each time.
    if !identity::api::is_enabled(&app.db.read().await?, pass.owner).await? {
        return Err(Problem::new(Category::Unauthenticated, "unauthenticated"));
    }
    // No session is behind it, so what asks for one's proof refuses.
    let session = SessionId::from_uuid(Uuid::nil());
    Ok(Caller { user: pass.owner, session, client: None, role: None })
}

/// The booking that a path is below: `…/bookings/{id}…`, right after the root of the API.
fn booking_of(path: &str) -> Option<BookingId> {
    let below = path.strip_prefix("/api/v1").unwrap_or(path).strip_prefix("/bookings/")?;
    below.split('/').next()?.parse().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_path_below_the_booking_is_its_own() {
        let id = BookingId::from_uuid(Uuid::from_u128(7));
        for path in [
            format!("/bookings/{id}"),
            format!("/api/v1/bookings/{id}/receipt"),
            format!("/bookings/{id}/x/y"),
        ] {
            assert_eq!(booking_of(&path), Some(id), "{path}");
        }
        for path in [
            "/bookings".to_owned(),
            "/bookings/".to_owned(),
            format!("/payments/{id}"),
            format!("/me/bookings/{id}"),
            format!("/bookings/x/{id}"),
            format!("/api/v1/api/v1/bookings/{id}"),
            format!("//bookings/{id}"),
        ] {
            assert_eq!(booking_of(&path), None, "{path}");
        }
    }
}
