//! From events to watches of what was bought: a booking that is not what it was has them looked at anew. Who still flies on the flight is
//! found by that look, so that an event is taken in by one update.

use std::collections::BTreeSet;

use futures_util::future::BoxFuture;
use kernel::BookingId;
use platform::db::Sql;
use platform::outbox::{Consumer, Event, Payload};

use super::store::watches;
use crate::booking::api as booking;
use crate::events::api::{BookingCancelled, BookingChanged, BookingPartlyCancelled};

/// Has watches of bookings that change looked at.
pub struct Trips;

impl Consumer for Trips {
    fn name(&self) -> &'static str {
        "price_watches"
    }

    fn wants(&self, kind: &str) -> bool {
        [BookingCancelled::TYPE, BookingPartlyCancelled::TYPE, BookingChanged::TYPE].contains(&kind)
    }

    fn handle<'a>(&'a self, sql: &'a Sql, events: &'a [Event]) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let ids = events.iter().map(|event| event.subject.parse());
            let ids: BTreeSet<BookingId> = ids.collect::<Result<_, _>>()?;
            let ids: Vec<BookingId> = ids.into_iter().collect();
            let owners = booking::owners(sql, &ids).await?;
            let owned: Vec<_> = owners.into_iter().map(|(booking, owner)| (owner, booking)).collect();
            Ok(watches::look_again(sql, &owned).await?)
        })
    }
}
