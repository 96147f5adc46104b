//! What is sent about webhooks, checked.

use kernel::{Category, ClientId};
use platform::db::Sql;
use platform::http::Problem;
use platform::outbox::Types;
use serde::Deserialize;
use utoipa::ToSchema;

use super::audience;
use super::client::Sender;
use crate::egress::Refused;
use crate::identity::api as identity;

const FILTERS_MAX: usize = 50;
const DESCRIPTION_MAX: usize = 200;

/// A webhook to add.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"url": "https://hooks.example.com/udaan", "events": ["booking.*", "flight.cancelled"],
    "description": "Ground handling"}))]
pub(super) struct NewWebhook {
    /// Where events are sent: https, a public address.
    pub(super) url: String,
    /// Types of events: exact, a family (`booking.*`), or all (`*`).
    pub(super) events: Vec<String>,
    /// For people, at most 200 characters.
    #[serde(default)]
    pub(super) description: String,
    /// Whether anything is sent.
    #[serde(default = "yes")]
    #[schema(default = true)]
    pub(super) enabled: bool,
    /// The program it is for, which is told of what it may see; null for the airline's own. A program's are always its own.
    #[schema(value_type = Option<String>)]
    pub(super) client_id: Option<ClientId>,
}

fn yes() -> bool {
    true
}

/// What to change; members left out stay as they are.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"events": ["booking.*", "refund.*"], "enabled": true}))]
pub(super) struct WebhookChange {
    pub(super) url: Option<String>,
    pub(super) events: Option<Vec<String>>,
    pub(super) description: Option<String>,
    /// Enabling one that was disabled because nothing reached it lets it begin anew.
    pub(super) enabled: Option<bool>,
}

/// Refuses a URL nothing may be sent to. It is looked at again at each delivery. A program is not told which names exist inside, and
/// gets to no other service of a host than the usual one.
pub(super) async fn check_url(sender: &Sender, url: &str, of_a_program: bool) -> Result<(), Problem> {
    sender.check(url, of_a_program).await.map_err(|refused| {
        let refused = if of_a_program && refused == Refused::NoAddress { Refused::Address } else { refused };
        Problem::new(Category::Unprocessable, "webhook_url_refused")
            .arg("reason", refused.to_string())
            .with("reason", refused.word())
            .field("url")
    })
}

/// Each filter once, in order.
pub(super) fn check_filters(filters: &[String]) -> Result<Vec<String>, Problem> {
    if !(1..=FILTERS_MAX).contains(&filters.len()) {
        return Err(Problem::invalid("events", format!("it must have 1 to {FILTERS_MAX} types")));
    }
    Types::parse(filters.iter().map(String::as_str))
        .map_err(|error| Problem::invalid("events", error.to_string()))?;
    let mut filters = filters.to_vec();
    filters.sort();
    filters.dedup();
    Ok(filters)
}

/// Refuses filters of which the webhook's program would never be told anything, and a program there is not.
pub(super) async fn check_program(
    sql: &Sql,
    client: Option<ClientId>,
    filters: &[String],
) -> Result<(), Problem> {
    let Some(client) = client else { return Ok(()) };
    let Some(scopes) = identity::scopes_of_program(sql, client).await? else {
        return Err(Problem::invalid("client_id", "there is no such program, or it is disabled"));
    };
    match filters.iter().find_map(|filter| audience::never_told(filter, &scopes)) {
        Some(why) => Err(Problem::invalid("events", why)),
        None => Ok(()),
    }
}

pub(super) fn check_description(text: &str) -> Result<(), Problem> {
    if text.chars().count() > DESCRIPTION_MAX || text.contains('\0') {
        return Err(Problem::invalid(
            "description",
            format!("it must have at most {DESCRIPTION_MAX} characters"),
        ));
    }
    Ok(())
}
