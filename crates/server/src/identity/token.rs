//! Access tokens: JWTs (RFC 9068, `at+jwt`) signed with Ed25519, fifteen minutes long.

use std::time::Duration;

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::UserId;
use platform::keys::Secret;
use serde::{Deserialize, Serialize};

const ISSUER: &str = "udaan";
const AUDIENCE: &str = "udaan-api";
const TYPE: &str = "at+jwt";

/// Signs and reads access tokens.
pub struct Tokens {
    signing: EncodingKey,
    reading: DecodingKey,
    validation: Validation,
    life: Duration,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
}

impl Tokens {
    /// Tokens signed with the key of `seed`, good for `life`.
    pub fn new(seed: &Secret, life: Duration) -> anyhow::Result<Self> {
        let public = ed25519_dalek::SigningKey::from_bytes(seed.expose()).verifying_key().to_bytes();
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[ISSUER]);
        validation.set_audience(&[AUDIENCE]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The expiry is compared with our own clock below, which tests can turn.
        validation.validate_exp = false;
        Ok(Self {
            signing: EncodingKey::from_ed_der(&pkcs8(seed)),
            reading: DecodingKey::from_ed_components(&URL_SAFE_NO_PAD.encode(public))?,
            validation,
            life,
        })
    }

    /// Seconds a new token is good for.
    pub fn life_seconds(&self) -> u64 {
        self.life.as_secs()
    }

    /// A token for the account.
    pub fn issue(&self, user: UserId, now: Timestamp) -> anyhow::Result<String> {
        let iat = now.as_second();
        let exp = iat + i64::try_from(self.life.as_secs())?;
        let claims = Claims { iss: ISSUER.into(), aud: AUDIENCE.into(), sub: user.to_string(), iat, exp };
        let header = Header { typ: Some(TYPE.into()), ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, &claims, &self.signing)?)
    }

    /// The account of a good token: signed by us, of our type, for us, and not yet expired.
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<UserId> {
        let data = jsonwebtoken::decode::<Claims>(token, &self.reading, &self.validation).ok()?;
        let good = data.header.typ.as_deref() == Some(TYPE) && now.as_second() < data.claims.exp;
        good.then(|| data.claims.sub.parse().ok()).flatten()
    }
}

/// The PKCS#8 form of an Ed25519 private key (RFC 8410 section 7): a fixed prefix and the seed.
fn pkcs8(seed: &Secret) -> Vec<u8> {
    const PREFIX: [u8; 16] =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    [&PREFIX[..], seed.expose()].concat()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tokens(seed: u8) -> Tokens {
        Tokens::new(&Secret::new([seed; 32]), Duration::from_mins(15)).expect("keys")
    }

    #[test]
    fn speaks_for_its_account_until_it_expires() {
        let (tokens, user) = (tokens(1), UserId::new(Timestamp::UNIX_EPOCH, [3; 10]));
        let token = tokens.issue(user, Timestamp::UNIX_EPOCH).expect("a token");
        let after = |seconds| Timestamp::from_second(seconds).expect("an instant");
        assert_eq!(tokens.verify(&token, after(899)), Some(user));
        assert_eq!(tokens.verify(&token, after(900)), None);
        assert_eq!(self::tokens(2).verify(&token, after(1)), None, "another installation's key");
    }

    #[test]
    fn refuses_altered_and_unsigned_tokens() {
        let (tokens, user) = (tokens(1), UserId::new(Timestamp::UNIX_EPOCH, [3; 10]));
        let token = tokens.issue(user, Timestamp::UNIX_EPOCH).expect("a token");
        let parts: Vec<&str> = token.split('.').collect();
        let unsigned =
            format!("{}.{}.", URL_SAFE_NO_PAD.encode(r#"{"alg":"none","typ":"at+jwt"}"#), parts[1]);
        let confused = URL_SAFE_NO_PAD.encode(r#"{"alg":"HS256","typ":"at+jwt"}"#);
        let confused = format!("{confused}.{}.{}", parts[1], parts[2]);
        for forged in [unsigned, confused, format!("{token}x"), token[1..].to_owned(), String::new()] {
            assert_eq!(tokens.verify(&forged, Timestamp::UNIX_EPOCH), None, "{forged}");
        }
    }
}
