//! `GET /live`: who comes, from which page, and whether there is room.

use std::sync::Arc;

use axum::extract::State;
use axum::extract::ws::WebSocketUpgrade;
use axum::extract::ws::rejection::WebSocketUpgradeRejection;
use axum::http::{HeaderMap, Method, header};
use axum::response::Response;
use kernel::Category;
use platform::http::Problem;
use platform::http::problem::Outcome;
use platform::hub::Refused;
use platform::limits::{LimitClass, Principal};

use super::{socket, ticket};
use crate::access::{Access, Area, Caller, Carried, carried};
use crate::app::App;
use crate::identity;

/// What we speak; a client that names protocols must name it.
const PROTOCOL: &str = "udaan.v1";
const TICKET: &str = "ticket.";
/// The longest message that is read to its end, bytes: four times what a client may say, so that who says too much hears why. What is still
/// longer is not read, and then the end of the connection is all that its sender hears.
const READ_MAX: usize = 4 * super::socket::SAID_MAX;
/// What is kept in memory for each socket to read into and to write from, bytes.
const BUFFER: usize = 4_096;

/// Open a WebSocket for what happens while somebody looks: docs/live.md has its messages and close codes. Who comes is said by the
/// cookie of a page of ours, by a bearer token, or by a ticket in `Sec-WebSocket-Protocol`. A page's `Origin` must be ours, or for tickets
/// and tokens one of `http.cors_origins`: 403 `cross_site` otherwise. 400 `websocket_required` for what does not ask for a WebSocket.
#[utoipa::path(get, path = "/live", tag = "live",
    responses((status = 101, description = "The socket is open"),
        (status = 400, description = "`websocket_required`"),
        (status = 401, description = "`unauthenticated`"),
        (status = 403, description = "`cross_site`, `insufficient_scope`, `one_booking_only`, `second_factor_required`"),
        (status = 429, description = "`too_many_requests`, `too_many_sockets`"),
        (status = 503, description = "`busy`")))]
pub(super) async fn open_live(
    State(app): State<App>,
    headers: HeaderMap,
    upgrade: Result<WebSocketUpgrade, WebSocketUpgradeRejection>,
) -> Outcome<Response> {
    let upgrade = upgrade.map_err(|_| Problem::new(Category::NotUnderstood, "websocket_required"))?;
    let caller = caller(&app, &headers, &upgrade).await?;
    // Anybody may ask, so nothing was counted for the account so far.
    app.limits.check(LimitClass::Other, &Principal::Account(caller.user.uuid())).await?;
    let entered = app.sockets.enter(caller.user.uuid(), caller);
    let (place, queue) = entered.map_err(|refused| {
        metrics::counter!("live_refused_total").increment(1);
        match refused {
            Refused::Full => Problem::new(Category::Unavailable, "busy").retry_after(2),
            Refused::TooMany => Problem::new(Category::TooMany, "too_many_sockets").retry_after(60),
        }
    })?;
    let upgrade = upgrade
        .protocols([PROTOCOL])
        .max_message_size(READ_MAX)
        .max_frame_size(READ_MAX)
        .read_buffer_size(BUFFER)
        .write_buffer_size(BUFFER);
    let attend = socket::Attending { app: app.clone(), caller, place: Arc::new(place) };
    Ok(upgrade.on_upgrade(move |socket| attend.attend(socket, queue)))
}

/// Who comes. A browser sends cookies with whatever page opens a socket, so a cookie counts for our own pages only (RFC 6455 section 10.2).
async fn caller(app: &App, headers: &HeaderMap, upgrade: &WebSocketUpgrade) -> Outcome<Caller> {
    let mut named = upgrade.requested_protocols().filter_map(|name| name.to_str().ok());
    let given = named.find_map(|name| name.trim().strip_prefix(TICKET));
    let origin = headers.get(header::ORIGIN).map(|origin| origin.to_str().unwrap_or_default());
    let ours = app.config.http.public_url.trim_end_matches('/');
    let from_us = origin == Some(ours);
    let known = |origin: &str| app.config.http.cors_origins.iter().any(|other| other == origin);
    let cross_site = || Problem::new(Category::Forbidden, "cross_site");
    if !origin.is_none_or(|origin| from_us || known(origin)) {
        return Err(cross_site());
    }
    if let Some(given) = given {
        let nobody = || Problem::new(Category::Unauthenticated, "unauthenticated");
        let caller = ticket::take(app, given).await?.ok_or_else(nobody)?;
        return if identity::api::is_on(app, &caller).await? { Ok(caller) } else { Err(nobody()) };
    }
    let needed = Access::SignedIn(Area::Bookings);
    let carried = carried(headers, &Method::GET, &app.config.http.public_url)?;
    match &carried {
        Carried::Cookie(_) if !from_us => return Err(cross_site()),
        Carried::Token(token) if crate::records::api::is_pass(token) => {
            return Err(Problem::new(Category::Forbidden, "one_booking_only").actions(&["login"]));
        }
        _ => {}
    }
    identity::api::authenticate(app, carried, (needed, Some(Area::Bookings.scope(&Method::GET)))).await
}
