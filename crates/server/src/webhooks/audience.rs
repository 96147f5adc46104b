//! Who is told of what. The airline's own webhooks are told of everything; a program's of what it could ask for at that moment: flights,
//! and the bookings of the accounts it may read.
//!
//! It is looked at when an event is queued, and again before it is sent: in the hours between, an owner may have taken back what they
//! let the program do.

use std::collections::{BTreeMap, BTreeSet};

use jiff::Timestamp;
use kernel::{BookingId, ClientId, UserId};
use platform::db::{DbError, Sql};
use platform::outbox::Types;

use crate::booking::api as booking;
use crate::events::api::CATALOGUE;
use crate::identity::api as identity;

/// What a program needs to be told of a type of event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Needs {
    /// Nothing: anybody may see it.
    Nothing,
    /// The scope, for the account whose booking it is about.
    Scope(&'static str),
    /// It is the airline's own business. So is what nobody has decided about.
    Airline,
}

fn needs(kind: &str) -> Needs {
    match kind.split_once('.') {
        Some(("flight", _)) => Needs::Nothing,
        // What of refunds a booking shows. A failed one says what the gateway said, which is for staff.
        Some(
            ("booking" | "check_in" | "boarding_pass" | "boarding", _) | ("refund", "ordered" | "succeeded"),
        ) => Needs::Scope("bookings:read"),
        Some(("payment", _)) => Needs::Scope("payments:read"),
        _ => Needs::Airline,
    }
}

/// Why a program with these scopes is never told of anything that the filter means; `None` if it may be.
pub(super) fn never_told(filter: &str, scopes: &[String]) -> Option<String> {
    let meant = CATALOGUE.iter().filter(|kind| Types::that_mean(kind.name).iter().any(|one| one == filter));
    let mut missing = None;
    for kind in meant {
        match needs(kind.name) {
            Needs::Nothing => return None,
            Needs::Scope(scope) if scopes.iter().any(|one| one == scope) => return None,
            Needs::Scope(scope) => missing = Some(scope),
            Needs::Airline => {}
        }
    }
    Some(match missing {
        Some(scope) => format!("{filter} needs the scope {scope}, which the program does not have"),
        None => format!(
            "programs are told of flight.*, booking.*, check_in.*, boarding_pass.*, boarding.*, payment.*, refund.ordered and refund.succeeded, not of {filter}"
        ),
    })
}

/// What programs may be told of some events.
#[derive(Debug, Default)]
pub(super) struct Audience {
    enabled: BTreeSet<ClientId>,
    owners: BTreeMap<BookingId, UserId>,
    /// What a program may do for an account.
    standings: BTreeMap<(ClientId, UserId), BTreeSet<String>>,
}

impl Audience {
    /// Of these programs, for events about these subjects. Without programs nothing is read.
    pub(super) async fn of<'a>(
        sql: &Sql,
        clients: &BTreeSet<ClientId>,
        subjects: impl Iterator<Item = &'a str>,
        now: Timestamp,
    ) -> Result<Self, DbError> {
        if clients.is_empty() {
            return Ok(Self::default());
        }
        let clients: Vec<ClientId> = clients.iter().copied().collect();
        let bookings: BTreeSet<BookingId> = subjects.filter_map(|subject| subject.parse().ok()).collect();
        let bookings: Vec<BookingId> = bookings.into_iter().collect();
        let enabled = identity::enabled_programs(sql, &clients).await?.into_iter().collect();
        if bookings.is_empty() {
            return Ok(Self { enabled, ..Self::default() });
        }
        let owners = booking::owners(sql, &bookings).await?;
        let users: BTreeSet<UserId> = owners.values().copied().collect();
        let users: Vec<UserId> = users.into_iter().collect();
        let mut standings: BTreeMap<_, BTreeSet<String>> = BTreeMap::new();
        for standing in identity::standings(sql, &clients, &users, now).await? {
            standings.entry((standing.client, standing.user)).or_default().extend(standing.scopes);
        }
        Ok(Self { enabled, owners, standings })
    }

    /// Whether a webhook of the program may be told of it; the airline's may always.
    pub(super) fn hears(&self, client: Option<ClientId>, kind: &str, subject: &str) -> bool {
        let Some(client) = client else { return true };
        let enabled = self.enabled.contains(&client);
        match needs(kind) {
            Needs::Nothing => enabled,
            Needs::Scope(scope) => {
                let owner = subject.parse().ok().and_then(|booking: BookingId| self.owners.get(&booking));
                let standing = owner.and_then(|owner| self.standings.get(&(client, *owner)));
                enabled && standing.is_some_and(|scopes| scopes.contains(scope))
            }
            // The test event tells nothing but that.
            Needs::Airline => enabled && kind == super::send::PING,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_type_nobody_decided_about_is_the_airlines() {
        let closed: Vec<&str> =
            CATALOGUE.iter().map(|kind| kind.name).filter(|kind| needs(kind) == Needs::Airline).collect();
        let of_the_airline =
            ["refund.retried", "refund.failed", "refund.bounced", "import.completed", "promotion.filed"];
        assert_eq!(closed, of_the_airline);
        assert_eq!(needs("seat.sold"), Needs::Airline);
    }

    #[test]
    fn a_filter_that_would_never_be_told_is_refused_with_what_to_do() {
        let scopes = ["bookings:read".to_owned()];
        for fits in ["*", "booking.*", "booking.held", "flight.cancelled", "refund.*"] {
            assert_eq!(never_told(fits, &scopes), None, "{fits}");
        }
        assert!(never_told("payment.*", &scopes).is_some_and(|why| why.contains("payments:read")));
        assert!(never_told("refund.failed", &scopes).is_some_and(|why| why.contains("refund.succeeded")));
        assert!(never_told("import.completed", &scopes).is_some_and(|why| why.contains("flight.*")));
    }
}
