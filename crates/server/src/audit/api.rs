//! The door of the audit slice.

use kernel::AuditId;
use platform::db::{DbError, Sql};
use serde::Serialize;
use serde_json::Value;

pub use super::actor::Actor;
pub use super::chain::Head;
pub use super::jobs::jobs;
pub use super::verify::{Broken, Report, verify};

use super::store::{self, RecordRow};
use crate::app::App;

/// Something staff did.
#[derive(Clone, Debug)]
pub struct Act {
    action: &'static str,
    object: String,
    before: Option<Value>,
    after: Option<Value>,
}

impl Act {
    /// `action` is what was done, `flight.update`; `object` to what, by its id on the wire.
    pub fn new(action: &'static str, object: &impl ToString) -> Self {
        Self { action, object: object.to_string(), before: None, after: None }
    }

    /// What was done.
    pub const fn action(&self) -> &'static str {
        self.action
    }

    /// To what.
    pub fn object(&self) -> &str {
        &self.object
    }

    /// The object as it was: what staff are shown of it, without secrets and without travellers' data.
    pub fn before(self, object: &impl Serialize) -> Self {
        Self { before: serde_json::to_value(object).ok(), ..self }
    }

    /// The object as it is now, or what was asked of it.
    pub fn after(self, object: &impl Serialize) -> Self {
        Self { after: serde_json::to_value(object).ok(), ..self }
    }
}

/// Records that somebody looks at what is others', before they are shown any of it. One record of a look, whatever it shows.
pub async fn record_look(app: &App, actor: &Actor, act: Act) -> Result<(), DbError> {
    let tx = app.db.begin().await?;
    record(app, &tx, actor, act).await?;
    tx.commit().await
}

/// Records an act in the transaction that does it.
pub async fn record(app: &App, sql: &Sql, actor: &Actor, act: Act) -> Result<(), DbError> {
    let text = |value: Option<Value>| value.map(|value| value.to_string());
    let row = RecordRow {
        id: app.new_id(AuditId::new),
        recorded_at: app.now(),
        actor: actor.user,
        role: actor.role.to_owned(),
        client: actor.client.clone(),
        address: actor.address.to_string(),
        request_id: actor.request_id.clone(),
        action: act.action.to_owned(),
        object: act.object,
        before: text(act.before),
        after: text(act.after),
    };
    store::insert(sql, &row).await
}
