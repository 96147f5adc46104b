//! Which role may do what: the whole table, and nowhere else.

use Permission as P;
use Role::{Admin, Agent, Operations, Revenue, Support};
use platform::db::DbError;

/// What an account is at the airline.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Role {
    /// Books for themselves, and does nothing beyond their own affairs.
    Traveller,
    /// Sells and looks after bookings at a counter or by telephone.
    Agent,
    /// Runs the day of operation.
    Operations,
    /// Prices and promotes.
    Revenue,
    /// Helps travellers when something went wrong.
    Support,
    /// Runs the installation.
    Admin,
}

impl Role {
    /// Every role.
    pub const ALL: [Self; 6] =
        [Self::Traveller, Self::Agent, Self::Operations, Self::Revenue, Self::Support, Self::Admin];

    /// The word for it, in the database and in the API.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Traveller => "traveller",
            Self::Agent => "agent",
            Self::Operations => "operations",
            Self::Revenue => "revenue",
            Self::Support => "support",
            Self::Admin => "admin",
        }
    }

    /// The role of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|role| role.as_str() == word)
    }

    /// The role a row holds.
    pub fn of_row(word: &str) -> Result<Self, DbError> {
        Self::parse(word).ok_or_else(|| DbError::Inconsistent(format!("users.role {word:?}")))
    }

    /// Works for the airline: a second factor is required, and sessions are short.
    pub fn is_staff(self) -> bool {
        self != Self::Traveller
    }

    /// Whether the role may do that.
    pub fn may(self, permission: Permission) -> bool {
        TABLE.iter().any(|(granted, roles)| *granted == permission && roles.contains(&self))
    }
}

/// Something only staff may do. An operation declares one, and its audit record names it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Permission {
    /// Put flights on sale, retime and cancel them.
    FlightsWrite,
    /// Edit the catalogue of extras.
    ExtrasWrite,
    /// See what check-in asks for on which route.
    CheckInRead,
    /// Check passengers in at the counter, and put them off a flight.
    CheckInWrite,
    /// See promotions.
    PromotionsRead,
    /// File, change and end promotions.
    PromotionsWrite,
    /// See refunds the gateway did not take.
    RefundsRead,
    /// Send a refund again, or pay it otherwise.
    RefundsSettle,
    /// See whether the stored data is sound, and have it checked.
    IntegrityRead,
    /// Compare search with the database.
    SearchCheck,
    /// See what happened.
    EventsRead,
    /// Say who is told of what happened.
    WebhooksManage,
    /// See accounts of staff and travellers.
    AccountsRead,
    /// Give roles, disable and enable accounts.
    AccountsManage,
    /// Register programs and give them their scopes.
    ClientsManage,
    /// See what staff did.
    AuditRead,
    /// See which mails were sent.
    MailsRead,
    /// See reviews that were reported or are hidden, and whose they are.
    ReviewsRead,
    /// Publish reviews and hide them.
    ReviewsModerate,
    /// Read tickets.
    SupportRead,
    /// Answer tickets, and give them to somebody.
    SupportWrite,
    /// See what staff announced, and announce something to travellers.
    NotificationsSend,
}

/// What each permission is granted to. What is not here is granted to nobody.
const TABLE: &[(Permission, &[Role])] = &[
    (P::FlightsWrite, &[Operations, Admin]),
    (P::ExtrasWrite, &[Revenue, Admin]),
    (P::CheckInRead, &[Agent, Operations, Support, Admin]),
    (P::CheckInWrite, &[Agent, Operations, Admin]),
    (P::PromotionsRead, &[Agent, Revenue, Support, Admin]),
    (P::PromotionsWrite, &[Revenue, Admin]),
    (P::RefundsRead, &[Support, Admin]),
    (P::RefundsSettle, &[Support, Admin]),
    (P::IntegrityRead, &[Operations, Admin]),
    (P::SearchCheck, &[Operations, Admin]),
    (P::EventsRead, &[Operations, Support, Admin]),
    (P::WebhooksManage, &[Admin]),
    (P::AccountsRead, &[Support, Admin]),
    (P::AccountsManage, &[Admin]),
    (P::ClientsManage, &[Admin]),
    (P::AuditRead, &[Admin]),
    (P::MailsRead, &[Support, Admin]),
    (P::ReviewsRead, &[Support, Admin]),
    (P::ReviewsModerate, &[Support, Admin]),
    (P::SupportRead, &[Agent, Support, Admin]),
    (P::SupportWrite, &[Support, Admin]),
    (P::NotificationsSend, &[Operations, Support, Admin]),
];

impl Permission {
    /// Every permission.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(permission, _)| *permission)
    }

    /// Done wrongly, it hurts much: whoever does it must have proved lately who they are.
    pub const fn is_sensitive(self) -> bool {
        matches!(
            self,
            Self::RefundsSettle
                | Self::WebhooksManage
                | Self::AccountsManage
                | Self::ClientsManage
                | Self::NotificationsSend
        )
    }

    /// The name in the OpenAPI document and in audit records.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::FlightsWrite => "flights.write",
            Self::ExtrasWrite => "extras.write",
            Self::CheckInRead => "check_in.read",
            Self::CheckInWrite => "check_in.write",
            Self::PromotionsRead => "promotions.read",
            Self::PromotionsWrite => "promotions.write",
            Self::RefundsRead => "refunds.read",
            Self::RefundsSettle => "refunds.settle",
            Self::IntegrityRead => "integrity.read",
            Self::SearchCheck => "search.check",
            Self::EventsRead => "events.read",
            Self::WebhooksManage => "webhooks.manage",
            Self::AccountsRead => "accounts.read",
            Self::AccountsManage => "accounts.manage",
            Self::ClientsManage => "clients.manage",
            Self::AuditRead => "audit.read",
            Self::MailsRead => "mails.read",
            Self::ReviewsRead => "reviews.read",
            Self::ReviewsModerate => "reviews.moderate",
            Self::SupportRead => "support.read",
            Self::SupportWrite => "support.write",
            Self::NotificationsSend => "notifications.send",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_admin_may_everything_and_a_traveller_nothing() {
        for permission in Permission::all() {
            assert!(Admin.may(permission), "{permission:?}");
            assert!(!Role::Traveller.may(permission), "{permission:?}");
        }
    }

    #[test]
    fn each_permission_is_granted_once_and_has_a_name_of_its_own() {
        let names: std::collections::BTreeSet<_> = Permission::all().map(Permission::as_str).collect();
        assert_eq!(names.len(), TABLE.len());
    }

    #[test]
    fn words_and_roles_go_both_ways() {
        for role in Role::ALL {
            assert_eq!(Role::parse(role.as_str()), Some(role));
        }
        assert_eq!(Role::parse("owner"), None);
    }
}
