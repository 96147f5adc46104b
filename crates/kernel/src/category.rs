//! What kind of refusal an error is, before any transport gives it a number.

/// The kind of a refusal. The HTTP kit maps each to one status; docs/errors.md is the table for callers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Category {
    /// The request could not be read (400).
    NotUnderstood,
    /// Nobody is signed in, or the token is no longer good (401).
    Unauthenticated,
    /// Signed in, and not allowed by role (403).
    Forbidden,
    /// Absent, or somebody else's: the two look the same (404).
    NotFound,
    /// It was true a moment ago: sold out, price changed, state moved on (409).
    Conflict,
    /// Understood, and not possible as asked; the detail says what to change (422).
    Unprocessable,
    /// Asked too often (429, with Retry-After).
    TooMany,
    /// Not now (503, with Retry-After).
    Unavailable,
    /// A defect or an outage of ours; the body is a constant and the log has the cause (500).
    Internal,
}

impl Category {
    /// The HTTP status of the category (RFC 9110 section 15; RFC 6585 for 429).
    pub const fn status(self) -> u16 {
        match self {
            Self::NotUnderstood => 400,
            Self::Unauthenticated => 401,
            Self::Forbidden => 403,
            Self::NotFound => 404,
            Self::Conflict => 409,
            Self::Unprocessable => 422,
            Self::TooMany => 429,
            Self::Unavailable => 503,
            Self::Internal => 500,
        }
    }
}
