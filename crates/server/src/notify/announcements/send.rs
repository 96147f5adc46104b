//! Sending an announcement that was looked at, and taking it back.

use axum::extract::State;
use domain::notices::Topic;
use jiff::SignedDuration;
use kernel::{AnnouncementId, Category};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::audience::Reached;
use super::view::{AnnouncementView, view_one};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::notify::store::announcements::{self as store, AnnouncementRow, Status, fact_of};
use crate::notify::store::{Params, news};
use crate::notify::tell::{Telling, tell};

/// How long a mail about an announcement to an account is worth sending; to those who fly, as long as other news of the flight.
const WORTH: SignedDuration = SignedDuration::from_hours(72);

/// How many it is for, as its author saw it.
#[derive(Deserialize, Serialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(as = AnnouncementSending, example = json!({"recipients": 182}))]
pub(in crate::notify) struct Sending {
    /// The `recipients` that were seen.
    recipients: i32,
}

/// Send an announcement to as many as were seen. Sent once more, it is as it is. 409 `audience_changed` (with how many it is now),
/// `nobody_to_tell`, `announcement_withdrawn`.
#[utoipa::path(post, path = "/admin/announcements/{id}/send", tag = "notifications", request_body = Sending,
    params(("id" = String, Path, description = "Announcement id", example = "ann_0193f2a1c5d07bb2a4d1c0ffee000011")),
    responses((status = 200, description = "The announcement; those it is for are told within seconds", body = AnnouncementView),
        (status = 409, description = "`audience_changed`, `nobody_to_tell`, `announcement_withdrawn`")))]
pub(in crate::notify) async fn send_announcement(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AnnouncementId>,
    Json(request): Json<Sending>,
) -> Outcome<Json<AnnouncementView>> {
    let tx = app.db.begin().await?;
    let mut row = store::lock(&tx, id).await?.ok_or_else(Problem::not_found)?;
    match row.status {
        Status::Draft => {}
        Status::Sent => return Ok(Json(view_one(&app, &tx, row).await?)),
        Status::Withdrawn => return Err(Problem::new(Category::Conflict, "announcement_withdrawn")),
    }
    let reached = row.audience.reached(&app, &tx).await?;
    if reached.recipients != request.recipients {
        return Err(Problem::new(Category::Conflict, "audience_changed")
            .arg("recipients", reached.recipients.to_string())
            .with("recipients", reached.recipients)
            .actions(&["send_announcement"]));
    }
    if reached.recipients == 0 {
        return Err(Problem::new(Category::Conflict, "nobody_to_tell"));
    }
    store::sent(&tx, id, app.now()).await?;
    (row.status, row.sent_at) = (Status::Sent, Some(app.now()));
    set_out(&app, &tx, &row, &reached).await?;
    let act = Act::new("announcement.send", &id).after(&request);
    audit::record(&app, &tx, &actor, act).await?;
    let view = view_one(&app, &tx, row).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// Take an announcement back: nobody is told any more, no mail of it is sent, and for whoever was told it is outdated. Taken back once
/// more, it is as it is. 409 `announcement_not_sent`.
#[utoipa::path(post, path = "/admin/announcements/{id}/withdraw", tag = "notifications",
    params(("id" = String, Path, description = "Announcement id", example = "ann_0193f2a1c5d07bb2a4d1c0ffee000011")),
    responses((status = 200, description = "The announcement", body = AnnouncementView),
        (status = 409, description = "`announcement_not_sent`")))]
pub(in crate::notify) async fn withdraw_announcement(
    State(app): State<App>,
    actor: Actor,
    Path(id): Path<AnnouncementId>,
) -> Outcome<Json<AnnouncementView>> {
    let tx = app.db.begin().await?;
    let mut row = store::lock(&tx, id).await?.ok_or_else(Problem::not_found)?;
    match row.status {
        Status::Sent => {}
        Status::Withdrawn => return Ok(Json(view_one(&app, &tx, row).await?)),
        Status::Draft => return Err(Problem::new(Category::Conflict, "announcement_not_sent")),
    }
    store::withdraw(&tx, id, app.now()).await?;
    (row.status, row.withdrawn_at) = (Status::Withdrawn, Some(app.now()));
    audit::record(&app, &tx, &actor, Act::new("announcement.withdraw", &id)).await?;
    let view = view_one(&app, &tx, row).await?;
    tx.commit().await?;
    Ok(Json(view))
}

/// To an account at once, to those who fly with the news of each flight.
async fn set_out(app: &App, tx: &Tx, row: &AnnouncementRow, reached: &Reached) -> Result<(), Problem> {
    let (fact, params) = (fact_of(row.id), Params { announcement: Some(row.id), ..Params::default() });
    if let Some(user) = reached.user {
        let telling =
            Telling::of_nothing_booked(user, (Topic::Announced, fact, 1), params, app.now() + WORTH);
        return tell(app, tx, vec![telling]).await;
    }
    let flights: Vec<String> = reached.flights.iter().map(ToString::to_string).collect();
    news::put_once(tx, &flights, (&fact, Topic::Announced, &params), app.now()).await?;
    Ok(())
}
