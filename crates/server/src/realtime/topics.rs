//! Topics: what one can listen to, and who may.

use std::sync::Arc;

use jiff::civil::Date;
use kernel::{AirportCode, BookingId, FlightId, UserId};
use platform::db::Sql;
use platform::http::Problem;

use crate::access::{Caller, Permission};
use crate::app::App;
use crate::booking::api as booking;
use crate::flights::api::flight_rows;
use crate::identity;

/// What one can listen to.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Topic {
    /// A flight: for whoever is signed in.
    Flight(FlightId),
    /// A booking: for its owner.
    Booking(BookingId),
    /// What somebody is told: for them.
    Inbox(UserId),
    /// What happens to flights, all of them: for staff who may see events.
    Ops,
    /// What the flights from one airport to another on a date cost: for whoever is signed in.
    Price(AirportCode, AirportCode, Date),
}

impl Topic {
    /// What it is called in the log.
    pub(super) fn key(self) -> Arc<str> {
        match self {
            Self::Flight(id) => format!("flight:{id}").into(),
            Self::Booking(id) => format!("booking:{id}").into(),
            Self::Inbox(user) => format!("inbox:{user}").into(),
            Self::Ops => "ops".into(),
            Self::Price(origin, destination, date) => format!("price:{origin}-{destination}:{date}").into(),
        }
    }

    /// The topic of a word, as this caller says it.
    pub(super) fn parse(word: &str, caller: &Caller) -> Option<Self> {
        match word.split_once(':') {
            Some(("flight", id)) => id.parse().ok().map(Self::Flight),
            Some(("booking", id)) => id.parse().ok().map(Self::Booking),
            Some(("price", route)) => price(route),
            None if word == "inbox" => Some(Self::Inbox(caller.user)),
            None if word == "ops" => Some(Self::Ops),
            _ => None,
        }
    }

    /// Whether the caller may listen: what is somebody else's looks absent. What belongs to the account alone, and to staff, is not for
    /// programs.
    pub(super) async fn allow(self, app: &App, sql: &Sql, caller: &Caller) -> Result<(), Problem> {
        match self {
            Self::Flight(id) => {
                let there = !flight_rows(sql, &[id]).await?.is_empty();
                there.then_some(()).ok_or_else(Problem::not_found)
            }
            Self::Booking(id) => {
                let owners = booking::owners(sql, &[id]).await?;
                (owners.get(&id) == Some(&caller.user)).then_some(()).ok_or_else(Problem::not_found)
            }
            Self::Inbox(_) | Self::Ops if caller.client.is_some() => {
                Err(Problem::new(kernel::Category::Forbidden, "owner_only"))
            }
            Self::Inbox(_) => Ok(()),
            Self::Price(origin, destination, _) => {
                let directory = app.directory.load();
                let known = |code| directory.airport(code).is_some();
                (known(origin) && known(destination)).then_some(()).ok_or_else(Problem::not_found)
            }
            Self::Ops => identity::api::permit(app, caller, Permission::EventsRead).await.map(|_| ()),
        }
    }
}

/// A route and a date, in the only way in which they are written here.
fn price(route: &str) -> Option<Topic> {
    let (ends, date) = route.split_once(':')?;
    let (origin, destination) = ends.split_once('-')?;
    let topic = Topic::Price(origin.parse().ok()?, destination.parse().ok()?, date.parse().ok()?);
    (*topic.key() == format!("price:{route}")).then_some(topic)
}

/// What a topic of the log is called by whoever may listen to it.
pub(super) fn word(key: &str) -> &str {
    if key.starts_with("inbox:") { "inbox" } else { key }
}

#[cfg(test)]
mod tests {
    use kernel::SessionId;
    use uuid::Uuid;

    use super::*;

    #[test]
    fn words_are_read_as_their_caller_means_them() {
        let user = UserId::from_uuid(Uuid::from_u128(7));
        let caller = Caller { user, session: SessionId::from_uuid(Uuid::nil()), client: None, role: None };
        let booking = BookingId::from_uuid(Uuid::from_u128(9));
        assert_eq!(Topic::parse(&format!("booking:{booking}"), &caller), Some(Topic::Booking(booking)));
        assert_eq!(Topic::parse("inbox", &caller), Some(Topic::Inbox(user)));
        assert_eq!(Topic::parse("ops", &caller), Some(Topic::Ops));
        let (abe, atl) = ("ABE".parse().expect("an airport"), "ATL".parse().expect("an airport"));
        let price = Topic::Price(abe, atl, "2026-06-10".parse().expect("a date"));
        assert_eq!(Topic::parse("price:ABE-ATL:2026-06-10", &caller), Some(price));
        for other in
            ["price:ABE-ATL", "price:abe-atl:2026-06-10", "price:ABE-ATL:2026-6-10", "price:ABE:2026-06-10"]
        {
            assert_eq!(Topic::parse(other, &caller), None, "{other}");
        }
        for other in ["", "inbox:", "flight:", "flight:x", "booking:flt_1", "OPS", "ops:", ":"] {
            assert_eq!(Topic::parse(other, &caller), None, "{other}");
        }
        assert_eq!(Topic::parse(&format!("inbox:{user}"), &caller), None, "nobody names another's");
        assert_eq!(word(&Topic::Inbox(user).key()), "inbox");
        assert_eq!(word("ops"), "ops");
    }
}
