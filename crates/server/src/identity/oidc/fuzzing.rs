//! What `identity/fuzzing.rs` reaches of providers.

use jiff::Timestamp;
use serde_json::Value;
use url::Url;

use super::id_token::{self, Expected};
use super::keys::Keys;
use super::metadata::{Metadata, Reach};

/// Whether every address that is taken from a provider's document is one that may be asked for.
pub(in crate::identity) fn read_metadata(document: &Value, issuer: &str) -> bool {
    let reach = Reach { private: false, plain_loopback: false };
    let Ok(read) = Metadata::read(document, issuer, reach) else { return true };
    let on_the_web = |url: &Url| url.scheme() == "https" && reach.url(url.as_str()).is_some();
    [&read.authorization, &read.token, &read.keys].into_iter().chain(&read.userinfo).all(on_the_web)
}

/// Whether a token is believed by these keys.
pub(in crate::identity) fn believes(keys: &Value, token: &str, now: Timestamp) -> bool {
    let Some(keys) = Keys::read(keys) else { return false };
    let Ok(signed) = id_token::signed(token) else { return false };
    let Some(key) = keys.find(signed.kid.as_deref(), signed.alg) else { return false };
    let expected =
        Expected { issuer: "https://id.example", client_id: "udaan", nonce: "nonce", access_token: "token" };
    id_token::check(token, (signed.alg, key), &expected, now).is_ok()
}
