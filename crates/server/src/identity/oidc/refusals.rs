//! What is said when it does not come to a sign-in.

use kernel::Category;
use platform::http::Problem;

use super::provider::{Provider, Trouble};

/// What providers may say instead of a code (RFC 6749 section 4.1.2.1, `OpenID` Connect Core section 3.1.2.6); nothing else of theirs is
/// repeated.
const ERRORS: [&str; 11] = [
    "access_denied",
    "invalid_request",
    "unauthorized_client",
    "unsupported_response_type",
    "invalid_scope",
    "server_error",
    "temporarily_unavailable",
    "interaction_required",
    "login_required",
    "account_selection_required",
    "consent_required",
];

/// The sign-in is none of this browser's, was used, or is too old: which is not said.
pub(super) fn over() -> Problem {
    Problem::new(Category::Conflict, "sign_in_over").actions(&["login"])
}

/// The provider did not answer, or cannot be believed.
pub(super) fn trouble(provider: &Provider, trouble: Trouble) -> Problem {
    count(provider, trouble.word());
    match trouble {
        Trouble::Away(seconds) => Problem::new(Category::Unavailable, "provider_unavailable")
            .arg("provider", provider.label.as_str())
            .retry_after(seconds),
        Trouble::Untrue(word) => {
            tracing::warn!(provider = provider.id, reason = word, "a provider's answer was not believed");
            Problem::new(Category::Unauthenticated, "provider_not_believed")
                .arg("provider", provider.label.as_str())
                .actions(&["login"])
        }
    }
}

/// The provider said no, or its visitor did; `reason` is the standard's word for it.
pub(super) fn refused(provider: &Provider, error: &str) -> Problem {
    let reason = ERRORS.into_iter().find(|known| *known == error).unwrap_or("other");
    count(provider, "refused");
    Problem::new(Category::Unprocessable, "provider_refused")
        .arg("provider", provider.label.as_str())
        .with("reason", reason)
        .actions(&["login"])
}

/// The provider does not vouch for an address.
pub(super) fn no_address(provider: &Provider) -> Problem {
    count(provider, "no_address");
    Problem::new(Category::Unprocessable, "provider_without_address")
        .arg("provider", provider.label.as_str())
        .actions(&["register", "login"])
}

/// The account's address was never confirmed.
pub(super) fn address_unconfirmed() -> Problem {
    Problem::new(Category::Conflict, "address_unconfirmed").actions(&["verify", "reset_password"])
}

/// The account is linked with another identity at this provider.
pub(super) fn linked(provider: &Provider) -> Problem {
    Problem::new(Category::Conflict, "provider_linked")
        .arg("provider", provider.label.as_str())
        .actions(&["login"])
}

/// The identity opens another account.
pub(super) fn linked_elsewhere(provider: &Provider) -> Problem {
    Problem::new(Category::Conflict, "identity_linked").arg("provider", provider.label.as_str())
}

/// The airline disabled the account.
pub(super) fn disabled() -> Problem {
    Problem::new(Category::Forbidden, "account_disabled")
}

/// What became of a sign-in.
pub(super) fn count(provider: &Provider, outcome: &'static str) {
    metrics::counter!("provider_sign_ins_total", "provider" => provider.id.clone(), "outcome" => outcome)
        .increment(1);
}
