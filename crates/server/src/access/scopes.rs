//! What a program may do in an account's name. A session without a program has no scopes to its name and is not bound by any:
//! it is the owner's own.

use axum::http::Method;

/// A part of the API. Reading it and writing it are two scopes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Area {
    /// The account: profile, saved travellers, sessions.
    Account,
    /// Bookings and what belongs to them.
    Bookings,
    /// Paying, and saved ways to pay.
    Payments,
    /// Where a program is told of what happens: the program's own.
    Webhooks,
    /// What staff do; the account's role decides what of it.
    Staff,
}

impl Area {
    /// Every area.
    pub const ALL: [Self; 5] = [Self::Account, Self::Bookings, Self::Payments, Self::Webhooks, Self::Staff];

    const fn scopes(self) -> [&'static str; 2] {
        match self {
            Self::Account => ["account:read", "account:write"],
            Self::Bookings => ["bookings:read", "bookings:write"],
            Self::Payments => ["payments:read", "payments:write"],
            Self::Webhooks => ["webhooks:read", "webhooks:write"],
            Self::Staff => ["staff:read", "staff:write"],
        }
    }

    /// Whether the scope is of this area.
    pub fn has(self, scope: &str) -> bool {
        self.scopes().contains(&scope)
    }

    /// The scope a method needs here.
    pub fn scope(self, method: &Method) -> &'static str {
        let [read, write] = self.scopes();
        if method.is_safe() { read } else { write }
    }
}

/// Whether users can give it to a program. What is the program's own is no user's to give.
pub fn is_users(scope: &str) -> bool {
    !Area::Webhooks.has(scope)
}

/// Every scope there is.
pub fn all() -> impl Iterator<Item = &'static str> {
    Area::ALL.into_iter().flat_map(Area::scopes)
}

/// The scopes of a text with blanks between them (RFC 6749 section 3.3), as ours; `None` if one is not ours.
pub fn parse(text: &str) -> Option<Vec<&'static str>> {
    let known = |word: &str| all().find(|scope| *scope == word);
    let mut scopes: Vec<_> = text.split_ascii_whitespace().map(known).collect::<Option<_>>()?;
    scopes.sort_unstable();
    scopes.dedup();
    Some(scopes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reading_and_writing_are_two() {
        assert_eq!(Area::Bookings.scope(&Method::GET), "bookings:read");
        for method in [Method::POST, Method::PUT, Method::PATCH, Method::DELETE] {
            assert_eq!(Area::Bookings.scope(&method), "bookings:write");
        }
    }

    #[test]
    fn unknown_scopes_are_not_read() {
        assert_eq!(
            parse("bookings:write  account:read bookings:write"),
            Some(vec!["account:read", "bookings:write"])
        );
        assert_eq!(parse("bookings:write root"), None);
        assert_eq!(parse(""), Some(vec![]));
    }
}
