//! `GET` and `PATCH /notifications/preferences`: what somebody wants to be told by which way.

use axum::extract::State;
use domain::notices::Kind;
use kernel::{Category, UserId};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::preferences::{self, Wishes};
use crate::access::Caller;
use crate::app::App;

/// The channels there are beside the inbox, which has everything.
pub(super) const EMAIL: &str = "email";
const PUSH: &str = "push";

/// Whether somebody is mailed that kind: it is owed to them, or they want it, or they said nothing and it is usual.
pub(super) fn is_mailed(wishes: &Wishes, user: UserId, kind: Kind) -> bool {
    let said = wishes.get(&(user, kind.as_str().to_owned(), EMAIL.to_owned()));
    kind.is_owed() || said.copied().unwrap_or(kind.is_mailed())
}

/// Whether somebody's browsers show that kind: they want it, or they said nothing and it is usual.
pub(super) fn is_pushed(wishes: &Wishes, user: UserId, kind: Kind) -> bool {
    let said = wishes.get(&(user, kind.as_str().to_owned(), PUSH.to_owned()));
    said.copied().unwrap_or(kind.is_pushed())
}

/// What somebody wants of a kind. The inbox has all of them.
#[derive(Serialize, ToSchema)]
pub(super) struct NotificationPreference {
    /// `booking_confirmed`, `payment`, `refund`, `schedule_change`, `delay`, `cancellation`, `gate`, `check_in_open`,
    /// `check_in_reminder`, `support_answer`, `price_drop` or `announcement`.
    #[schema(example = "delay")]
    kind: &'static str,
    /// By mail as well.
    email: bool,
    /// Whether it is mailed whatever anybody says: the airline owes it to whoever flies.
    email_fixed: bool,
    /// On the screens of my browsers that take pushes (`GET /push-subscriptions`).
    push: bool,
}

/// What somebody wants to be told by which way.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"preferences": [{"kind": "delay", "email": true, "email_fixed": false, "push": true}]}))]
pub(super) struct NotificationPreferences {
    preferences: Vec<NotificationPreference>,
}

/// What to change of a kind.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PreferenceChange {
    /// Which kind.
    #[schema(example = "gate")]
    kind: String,
    /// By mail as well.
    email: Option<bool>,
    /// By push as well.
    push: Option<bool>,
}

/// What to change; kinds and ways left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"preferences": [{"kind": "gate", "email": true, "push": true}]}))]
pub(super) struct PreferencesPatch {
    preferences: Vec<PreferenceChange>,
}

/// What I want to be told by which way.
#[utoipa::path(get, path = "/notifications/preferences", tag = "notifications",
    responses((status = 200, description = "Each kind", body = NotificationPreferences)))]
pub(super) async fn get_preferences(
    State(app): State<App>,
    caller: Caller,
) -> Outcome<Json<NotificationPreferences>> {
    let wishes = preferences::of(&app.db.read().await?, &[caller.user]).await?;
    Ok(Json(view(&wishes, caller.user)))
}

/// Change what I want to be told by which way. What is owed to whoever flies is mailed in any case.
#[utoipa::path(patch, path = "/notifications/preferences", tag = "notifications", request_body = PreferencesPatch,
    responses((status = 200, description = "Each kind, changed", body = NotificationPreferences),
        (status = 422, description = "`notification_owed`")))]
pub(super) async fn update_preferences(
    State(app): State<App>,
    caller: Caller,
    Json(patch): Json<PreferencesPatch>,
) -> Outcome<Json<NotificationPreferences>> {
    let tx = app.db.begin().await?;
    for change in &patch.preferences {
        let kind = Kind::parse(&change.kind).ok_or_else(|| {
            let words: Vec<&str> = Kind::ALL.iter().map(|kind| kind.as_str()).collect();
            Problem::invalid("kind", format!("it must be one of {}", words.join(", ")))
        })?;
        if kind.is_owed() && change.email == Some(false) {
            return Err(Problem::new(Category::Unprocessable, "notification_owed")
                .arg("kind", kind.as_str())
                .with("kind", kind.as_str()));
        }
        for (channel, wanted) in [(EMAIL, change.email), (PUSH, change.push)] {
            let Some(wanted) = wanted else { continue };
            preferences::put(&tx, caller.user, (kind.as_str(), channel), wanted).await?;
        }
    }
    let wishes = preferences::of(&tx, &[caller.user]).await?;
    tx.commit().await?;
    Ok(Json(view(&wishes, caller.user)))
}

fn view(wishes: &Wishes, user: UserId) -> NotificationPreferences {
    let of = |kind: Kind| NotificationPreference {
        kind: kind.as_str(),
        email: is_mailed(wishes, user, kind),
        email_fixed: kind.is_owed(),
        push: is_pushed(wishes, user, kind),
    };
    NotificationPreferences { preferences: Kind::ALL.map(of).into() }
}
