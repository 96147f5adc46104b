//! `PUT /admin/promotions/{code}/audience`: whom a targeted code is given to.

use std::collections::BTreeSet;

use axum::extract::State;
use domain::promotions::normalise;
use platform::http::problem::Outcome;
use platform::http::{Json, JsonLimits, Path, Problem};
use serde::{Deserialize, Serialize};
use serde_json::json;
use utoipa::ToSchema;
use uuid::Uuid;

use super::store;
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};
use crate::identity::api as identity;

/// Most addresses of one request; a body holds no more.
const EMAILS_MAX: usize = 1_000;
/// Its list is longer than others; one more than the most, so that the answer for too many names the member.
pub(super) const LIMITS: JsonLimits = JsonLimits { depth: 2, items: EMAILS_MAX + 1 };

/// Everybody a targeted code is for.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"emails": ["asha@example.com"]}))]
pub(super) struct AudienceBody {
    /// Addresses of accounts; at most 1,000.
    emails: Vec<String>,
}

/// Whom it was given to.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"given_to": 1, "unknown": []}))]
pub(super) struct AudienceAnswer {
    /// So many accounts have it now.
    given_to: usize,
    /// Addresses without an account; they have nothing.
    unknown: Vec<String>,
}

/// Give a targeted promotion to these travellers (admin), and take it from all others. It says nothing to anybody else that
/// the code exists. Of a promotion that is not targeted the list is kept and means nothing.
#[utoipa::path(put, path = "/admin/promotions/{code}/audience", tag = "promotions", request_body = AudienceBody,
    params(("code" = String, Path, description = "The code", example = "SUMMER10")),
    responses((status = 200, description = "Whom it is given to", body = AudienceAnswer)))]
pub(super) async fn set_promotion_audience(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    Json(request): Json<AudienceBody>,
) -> Outcome<Json<AudienceAnswer>> {
    let code = normalise(&code).ok_or_else(Problem::not_found)?;
    if request.emails.len() > EMAILS_MAX {
        return Err(Problem::invalid("emails", format!("there must be at most {EMAILS_MAX}")));
    }
    // Looked up before anything is locked: whoever uses the code waits for its counter.
    let sql = app.db.read().await?;
    store::find(&sql, &code).await?.ok_or_else(Problem::not_found)?;
    let mut users: BTreeSet<Uuid> = BTreeSet::new();
    let mut unknown = Vec::new();
    for email in request.emails {
        match identity::user_of_email(&app, &sql, &email).await? {
            Some(user) => {
                users.insert(user.uuid());
            }
            None => unknown.push(email),
        }
    }
    drop(sql);
    let users: Vec<Uuid> = users.into_iter().collect();
    let tx = app.db.begin().await?;
    store::lock(&tx, &[&code]).await?;
    store::set_audience(&tx, &code, &users).await?;
    // Whom it is given to are travellers: the list itself is where they are, and goes with them.
    let answer = AudienceAnswer { given_to: users.len(), unknown };
    let counts = json!({"given_to": answer.given_to, "unknown": answer.unknown.len()});
    audit::record(&app, &tx, &actor, Act::new("promotion.give", &code).after(&counts)).await?;
    tx.commit().await?;
    tracing::info!(promotion.code = code, user.id = %actor.user, given_to = users.len(), "audience filed");
    Ok(Json(answer))
}
