//! What `identity/fuzzing.rs` reaches of passkeys.

use std::sync::LazyLock;

use kernel::UserId;
use serde_json::Value;
use uuid::Uuid;

use super::ceremony::{AssertionAnswer, RegistrationAnswer, Site};

/// A site with a challenge for a new passkey, which nobody who does not see it can answer.
static ASKED: LazyLock<Option<(Site, Vec<u8>)>> = LazyLock::new(|| {
    let site = Site::of("https://udaan.example")?;
    let state = site.begin_registration(user(), "asha@example.com", Vec::new()).ok()?.state;
    Some((site, state))
});

/// Whether what a browser sent is taken for the answer to our challenge.
pub(in crate::identity) fn answers(answer: &Value) -> bool {
    if let Some(assertion) = AssertionAnswer::read(answer) {
        assertion.challenge();
        assertion.credential();
    }
    let (Some(answer), Some((site, state))) = (RegistrationAnswer::read(answer), &*ASKED) else {
        return false;
    };
    answer.challenge();
    matches!(site.registered(user(), state, &answer), Ok(Some(_)))
}

fn user() -> UserId {
    UserId::from_uuid(Uuid::from_u128(7))
}
