//! The keys a provider signs with (RFC 7517). Whatever is no public key of ours to use is passed over: providers publish more than
//! they sign with, and one key that cannot be read must not lock out those who use the others.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jsonwebtoken::{Algorithm, DecodingKey};
use serde::Deserialize;
use serde_json::Value;

/// Keys of one provider that are read; the rest is passed over.
const MOST: usize = 100;
/// RSA from 2048 bits (RFC 7518 section 3.3) to 4096: longer ones cost as much time as whoever sends them likes.
const MODULUS_BYTES: std::ops::RangeInclusive<usize> = 256..=512;

/// A provider's keys.
pub(super) struct Keys(Vec<Key>);

struct Key {
    kid: Option<String>,
    alg: Algorithm,
    public: DecodingKey,
}

/// The members of a JWK that matter here.
#[derive(Deserialize)]
struct Jwk {
    kty: String,
    kid: Option<String>,
    #[serde(rename = "use")]
    usage: Option<String>,
    alg: Option<String>,
    crv: Option<String>,
    n: Option<String>,
    e: Option<String>,
    x: Option<String>,
    y: Option<String>,
}

impl Keys {
    /// Reads a JWK set; nothing if it is none.
    pub(super) fn read(document: &Value) -> Option<Self> {
        let keys = document.get("keys")?.as_array()?;
        Some(Self(keys.iter().take(MOST).filter_map(read_key).collect()))
    }

    /// The key that a token names. One that names none is checked with the only key of its algorithm, if there is only one (`OpenID`
    /// Connect Core section 10.1).
    pub(super) fn find(&self, kid: Option<&str>, alg: Algorithm) -> Option<&DecodingKey> {
        let fits = |key: &&Key| key.alg == alg && (kid.is_none() || key.kid.as_deref() == kid);
        let mut fitting = self.0.iter().filter(fits);
        fitting.next().filter(|_| fitting.next().is_none()).map(|key| &key.public)
    }
}

/// The algorithm belongs to the key, not to the token that says which it was signed with.
fn read_key(value: &Value) -> Option<Key> {
    let jwk =
        Jwk::deserialize(value).ok().filter(|jwk| jwk.usage.as_deref().is_none_or(|usage| usage == "sig"))?;
    let (alg, public) = match (jwk.kty.as_str(), jwk.crv.as_deref(), jwk.alg.as_deref()) {
        ("RSA", None, None | Some("RS256")) => {
            let (n, e) = (jwk.n?, jwk.e?);
            let bytes = URL_SAFE_NO_PAD.decode(&n).ok()?;
            let key = DecodingKey::from_rsa_components(&n, &e).ok()?;
            (Algorithm::RS256, MODULUS_BYTES.contains(&bytes.len()).then_some(key)?)
        }
        ("EC", Some("P-256"), None | Some("ES256")) => {
            (Algorithm::ES256, DecodingKey::from_ec_components(&jwk.x?, &jwk.y?).ok()?)
        }
        ("OKP", Some("Ed25519"), None | Some("EdDSA")) => {
            (Algorithm::EdDSA, DecodingKey::from_ed_components(&jwk.x?).ok()?)
        }
        _ => return None,
    };
    Some(Key { kid: jwk.kid, alg, public })
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const X: &str = "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo";

    #[test]
    fn junk_among_the_keys_is_passed_over() {
        let short = URL_SAFE_NO_PAD.encode([0xff_u8; 128]);
        let long = URL_SAFE_NO_PAD.encode([0xff_u8; 1_024]);
        let document = json!({"keys": [
            null, 7, "key", [], {}, {"kty": 7}, {"kty": "oct", "k": "c2VjcmV0", "kid": "1", "alg": "HS256"},
            {"kty": "OKP", "crv": "Ed25519", "x": "!", "kid": "1"}, {"kty": "OKP", "crv": "X25519", "x": X, "kid": "1"},
            {"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "1", "use": "enc"},
            {"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "1", "alg": "HS256"},
            {"kty": "RSA", "n": short, "e": "AQAB", "kid": "1"}, {"kty": "RSA", "n": long, "e": "AQAB", "kid": "1"},
            {"kty": "EC", "crv": "P-384", "x": X, "y": X, "kid": "1"},
            {"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "good"}]});
        let keys = Keys::read(&document).expect("a set");
        assert_eq!(keys.0.len(), 1);
        assert!(keys.find(Some("good"), Algorithm::EdDSA).is_some());
        for (kid, alg) in [
            (Some("1"), Algorithm::EdDSA),
            (Some("good"), Algorithm::HS256),
            (Some("good"), Algorithm::ES256),
        ] {
            assert!(keys.find(kid, alg).is_none(), "{kid:?} {alg:?}");
        }
        for none in [json!([]), json!({"keys": 1}), json!(null)] {
            assert!(Keys::read(&none).is_none(), "{none}");
        }
    }

    #[test]
    fn who_names_no_key_means_the_only_one() {
        let one = json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "a"});
        let other = json!({"kty": "OKP", "crv": "Ed25519", "x": X, "kid": "b"});
        let alone = Keys::read(&json!({"keys": [one]})).expect("a set");
        assert!(alone.find(None, Algorithm::EdDSA).is_some());
        let both = Keys::read(&json!({"keys": [one, other]})).expect("a set");
        assert!(both.find(None, Algorithm::EdDSA).is_none());
        assert!(both.find(Some("b"), Algorithm::EdDSA).is_some());
        let twice = Keys::read(&json!({"keys": [one, one]})).expect("a set");
        assert!(twice.find(Some("a"), Algorithm::EdDSA).is_none(), "whose it is would be chance");
    }
}
