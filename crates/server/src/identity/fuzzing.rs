//! The doors of the fuzz targets `provider` and `passkey`: what an `OpenID` provider and a browser send. Nothing but the targets and a
//! test goes through them.

use jiff::Timestamp;
use serde_json::Value;

use super::oidc::fuzzing as oidc;
use super::second_factor::passkey::fuzzing as passkey;

/// Reads a provider's document about itself. Returns whether every address that is taken from it is one on the web.
pub fn read_provider(document: &[u8], issuer: &str) -> bool {
    json(document).is_none_or(|document| oidc::read_metadata(&document, issuer))
}

/// Reads a provider's keys, and a token by them. Returns whether the token is believed.
pub fn read_id_token(keys: &[u8], token: &str, now: Timestamp) -> bool {
    json(keys).is_some_and(|keys| oidc::believes(&keys, token, now))
}

/// Reads a browser's answers to both ceremonies. Returns whether one is taken for an answer to a challenge of ours.
pub fn read_passkey(answer: &[u8]) -> bool {
    json(answer).is_some_and(|answer| passkey::answers(&answer))
}

fn json(bytes: &[u8]) -> Option<Value> {
    serde_json::from_slice(bytes).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        let document =
            br#"{"issuer": "https://id.example", "authorization_endpoint": "https://id.example/auth",
            "token_endpoint": "https://id.example/token", "jwks_uri": "https://10.0.0.1/"}"#;
        assert!(read_provider(document, "https://id.example"));
        let keys = br#"{"keys": [{"kty": "OKP", "crv": "Ed25519", "x": "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo"}]}"#;
        assert!(!read_id_token(keys, "eyJhbGciOiJFZERTQSJ9.e30.AAAA", Timestamp::UNIX_EPOCH));
        assert!(!read_passkey(br#"{"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {}}"#));
    }
}
