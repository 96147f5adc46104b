//! Telling the owner of a booking what became of it and of its money.

use domain::notices::Topic;
use jiff::SignedDuration;
use kernel::BookingId;
use platform::db::Tx;
use platform::http::Problem;

use super::store::inbox;
use super::store::news::Due;
use super::store::{NamedFlight, Params};
use super::tell::{Telling, tell};
use crate::app::App;
use crate::booking::api::{Leg, letterhead};

/// How long a mail about a booking is worth sending.
const WORTH: SignedDuration = SignedDuration::from_hours(72);

/// Tells it, unless it is what its owner knows. A booking whose owner was erased has nobody to be told.
pub(super) async fn tell_owner(app: &App, tx: &Tx, due: &Due, id: BookingId) -> Result<(), Problem> {
    let topic = due.topic.as_deref().and_then(Topic::parse);
    let topic =
        topic.ok_or_else(|| Problem::internal(anyhow::anyhow!("a newer release knows {:?}", due.topic)))?;
    let Some(head) = letterhead(app, tx, id).await? else { return Ok(()) };
    let told = inbox::last_told(tx, &[(head.user, due.fact.clone())]).await?;
    let last = told.get(&(head.user, due.fact.clone()));
    if last.is_some_and(|(_, state)| state == topic.as_str()) {
        return Ok(());
    }
    let telling = Telling {
        user: head.user,
        booking: id,
        flight: None,
        topic,
        fact: due.fact.clone(),
        version: last.map_or(1, |(version, _)| version + 1),
        state: topic.as_str().to_owned(),
        params: Params {
            locator: Some(head.locator.to_string()),
            flights: head.legs.iter().map(named).collect(),
            ..due.params.clone()
        },
        contact: head.contact,
        worth_until: app.now() + WORTH,
    };
    tell(app, tx, vec![telling]).await
}

fn named(leg: &Leg) -> NamedFlight {
    NamedFlight {
        number: leg.number.to_string(),
        origin: leg.origin.to_string(),
        destination: leg.destination.to_string(),
        departs: leg.departs.clone(),
    }
}
