//! Who we are to push services: a key pair that each browser is told of as it asks for pushes, and that signs each of them (VAPID, RFC 8292).

use anyhow::Context;
use data_encoding::BASE64URL_NOPAD;
use hmac::Mac;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use p256::SecretKey;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::pkcs8::EncodePrivateKey;
use platform::keys::Secret;
use platform::seal::keyed;
use serde::Serialize;
use url::Url;

/// What the key is made for, so that nothing else the secret keys has anything to do with it.
const PURPOSE: &[u8] = b"udaan web push 1";
/// How long a signature is good. Services take at most 24 hours (RFC 8292 section 2).
const GOOD_SECONDS: i64 = 12 * 60 * 60;

/// The key pair. It is made of the secret that keys blind indexes, which never turns: a browser's subscription is good for the key that it
/// was made with, and for no other.
pub(super) struct Vapid {
    signing: EncodingKey,
    /// The public half as browsers and services want it: a point of P-256, uncompressed, in base64url.
    public: String,
    /// Whom a push service writes to when something is wrong with our pushes.
    contact: String,
}

#[derive(Serialize)]
struct Claims<'a> {
    aud: String,
    exp: i64,
    sub: &'a str,
}

impl Vapid {
    pub(super) fn new(secret: &Secret, contact: String) -> anyhow::Result<Self> {
        let key = private_key(secret)?;
        let signing = key.to_pkcs8_der().map_err(|error| anyhow::anyhow!("{error}"))?;
        let public = BASE64URL_NOPAD.encode(key.public_key().to_encoded_point(false).as_bytes());
        Ok(Self { signing: EncodingKey::from_ec_der(signing.as_bytes()), public, contact })
    }

    /// The public half, for `applicationServerKey`.
    pub(super) fn public(&self) -> &str {
        &self.public
    }

    /// The value of `Authorization` for a push to a URL (RFC 8292 section 3).
    pub(super) fn authorization(&self, endpoint: &str, now: Timestamp) -> anyhow::Result<String> {
        let origin = Url::parse(endpoint).context("an endpoint")?.origin().ascii_serialization();
        let claims = Claims { aud: origin, exp: now.as_second() + GOOD_SECONDS, sub: &self.contact };
        let token = jsonwebtoken::encode(&Header::new(Algorithm::ES256), &claims, &self.signing)?;
        Ok(format!("vapid t={token}, k={}", self.public))
    }
}

/// A number below the curve's order is a private key: nearly every one of 32 bytes, so the first try does.
fn private_key(secret: &Secret) -> anyhow::Result<SecretKey> {
    let attempt = |counter: u8| {
        let mut mac = keyed(secret);
        mac.update(PURPOSE);
        mac.update(&[counter]);
        SecretKey::from_slice(&mac.finalize().into_bytes()).ok()
    };
    (0..=u8::MAX).find_map(attempt).context("a key for pushes")
}

#[cfg(test)]
mod tests {
    use jsonwebtoken::{DecodingKey, Validation};

    use super::*;

    fn vapid(secret: u8) -> Vapid {
        Vapid::new(&Secret::new([secret; 32]), "mailto:desk@airline.example".into()).expect("a key")
    }

    #[test]
    fn the_key_stays_and_is_the_secrets_own() {
        assert_eq!(vapid(1).public(), vapid(1).public());
        assert_ne!(vapid(1).public(), vapid(2).public());
        let point = BASE64URL_NOPAD.decode(vapid(1).public().as_bytes()).expect("base64url");
        assert_eq!((point.len(), point[0]), (65, 4), "uncompressed (SEC 1 section 2.3.3)");
    }

    #[test]
    fn a_push_says_who_sends_it_to_whom_and_until_when() {
        let vapid = vapid(1);
        let now: Timestamp = "2026-06-01T12:00:00Z".parse().expect("an instant");
        let value = vapid.authorization("https://push.example:8443/a/b?c", now).expect("signed");
        let (token, key) =
            value.strip_prefix("vapid t=").and_then(|rest| rest.split_once(", k=")).expect(&value);
        let point = BASE64URL_NOPAD.decode(key.as_bytes()).expect("base64url");
        let mut validation = Validation::new(Algorithm::ES256);
        validation.set_audience(&["https://push.example:8443"]);
        validation.validate_exp = false;
        let key = DecodingKey::from_ec_der(&point);
        let read = jsonwebtoken::decode::<serde_json::Value>(token, &key, &validation).expect("it is ours");
        assert_eq!(read.claims["sub"], "mailto:desk@airline.example");
        assert_eq!(read.claims["exp"], now.as_second() + GOOD_SECONDS);
    }
}
