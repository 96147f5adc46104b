//! `POST /notifications`: staff write an announcement, and see whom it would reach.

use axum::extract::State;
use axum::http::StatusCode;
use kernel::AnnouncementId;
use platform::http::Json;
use platform::http::problem::Outcome;
use serde::Deserialize;
use serde_json::json;
use utoipa::ToSchema;

use super::audience::Audience;
use super::said::Texts;
use super::view::{AnnouncementView, view_one};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity::api::user_key;
use crate::notify::store::announcements::{self as store, AnnouncementRow, Status};

/// Something to announce.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"audience": {"kind": "route", "origin": "ABE", "destination": "ATL", "from": "2026-12-01", "to": "2026-12-02"},
    "texts": {"en": {"title": "Strike at Atlanta", "text": "Security queues are long. Please come three hours early."}}}))]
pub(in crate::notify) struct NewAnnouncement {
    audience: Audience,
    texts: Texts,
}

/// Draft an announcement, and see how many it is for. Nobody is told before it is sent (`POST /admin/announcements/{id}/send`); a draft
/// is deleted after a day.
#[utoipa::path(post, path = "/notifications", tag = "notifications", request_body = NewAnnouncement,
    responses((status = 201, description = "The draft, as it would be read, and how many accounts it is for", body = AnnouncementView)))]
pub(in crate::notify) async fn draft_announcement(
    State(app): State<App>,
    actor: Actor,
    Json(request): Json<NewAnnouncement>,
) -> Outcome<(StatusCode, Json<AnnouncementView>)> {
    request.audience.check()?;
    let texts = request.texts.checked()?;
    let tx = app.db.begin().await?;
    let reached = request.audience.reached_by_a_draft(&app, &tx).await?;
    let id = app.new_id(AnnouncementId::new);
    let key = match reached.user {
        Some(user) => Some(user_key(&tx, &app.sealer, user).await?),
        None => None,
    };
    let row = AnnouncementRow {
        id,
        author: actor.user,
        audience: request.audience,
        user: reached.user,
        kept: texts.kept(&app, id, key.as_ref())?,
        status: Status::Draft,
        recipients: reached.recipients,
        created_at: app.now(),
        sent_at: None,
        withdrawn_at: None,
    };
    store::insert(&tx, &row).await?;
    let facts = json!({"audience": row.audience, "recipients": row.recipients});
    audit::record(&app, &tx, &actor, Act::new("announcement.draft", &id).after(&facts)).await?;
    let view = view_one(&app, &tx, row).await?;
    tx.commit().await?;
    Ok((StatusCode::CREATED, Json(view)))
}
