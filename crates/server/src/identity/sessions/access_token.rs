//! Access tokens: JWTs (RFC 9068, `at+jwt`) signed with Ed25519, fifteen minutes long.

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, EncodingKey, Header, Validation};
use kernel::{ClientId, SessionId, UserId};
use platform::keys::Secret;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

const TYPE: &str = "at+jwt";
/// What our own app and a plain login are called where a program's id would stand.
const OURSELVES: &str = "udaan";

/// Signs and reads access tokens.
pub struct Tokens {
    issuer: String,
    audience: String,
    signing: (String, EncodingKey),
    /// By the key's name: what is not here is nobody's.
    reading: HashMap<String, DecodingKey>,
    /// The public halves, as they are published.
    published: Vec<PublicKey>,
    validation: Validation,
    life: Duration,
}

/// A public key in the form of RFC 8037.
#[derive(Clone, Debug, Serialize, utoipa::ToSchema)]
pub struct PublicKey {
    kid: String,
    kty: &'static str,
    crv: &'static str,
    x: String,
    alg: &'static str,
    #[serde(rename = "use")]
    usage: &'static str,
}

/// What an access token says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Speaker {
    /// Whose account it is.
    pub user: UserId,
    /// The session it belongs to, and ends with.
    pub session: SessionId,
    /// The program that was given it; nothing for our own app.
    pub client: Option<ClientId>,
    /// What that program may do, with blanks between.
    pub scope: String,
}

#[derive(Serialize, Deserialize)]
struct Claims {
    iss: String,
    aud: String,
    sub: String,
    iat: i64,
    exp: i64,
    jti: String,
    sid: String,
    client_id: String,
    #[serde(default, skip_serializing_if = "String::is_empty")]
    scope: String,
}

impl Tokens {
    /// Tokens of `issuer` for `audience`, signed with the last of the keys and good for `life`.
    pub fn new(
        seeds: &BTreeMap<i16, Secret>,
        (issuer, audience): (&str, &str),
        life: Duration,
    ) -> anyhow::Result<Self> {
        let keys: Vec<_> = seeds.values().map(|seed| (public_key(seed), seed)).collect();
        let (newest, seed) = keys.last().context("no key that signs access tokens")?;
        let mut validation = Validation::new(Algorithm::EdDSA);
        validation.set_issuer(&[issuer]);
        validation.set_audience(&[audience]);
        validation.set_required_spec_claims(&["exp", "iss", "aud", "sub"]);
        // The expiry is compared with our own clock below, which tests can turn.
        validation.validate_exp = false;
        let reading =
            keys.iter().map(|(key, _)| Ok((key.kid.clone(), DecodingKey::from_ed_components(&key.x)?)));
        Ok(Self {
            issuer: issuer.to_owned(),
            audience: audience.to_owned(),
            signing: (newest.kid.clone(), EncodingKey::from_ed_der(&pkcs8(seed))),
            reading: reading.collect::<anyhow::Result<_>>()?,
            published: keys.iter().map(|(key, _)| key.clone()).collect(),
            validation,
            life,
        })
    }

    /// Who signs them: the address of the service.
    pub fn issuer(&self) -> &str {
        &self.issuer
    }

    /// The keys that others may check tokens with.
    pub fn published(&self) -> &[PublicKey] {
        &self.published
    }

    /// Seconds a new token is good for.
    pub fn life_seconds(&self) -> u64 {
        self.life.as_secs()
    }

    /// A token that says so; `id` is its own name.
    pub fn issue(&self, speaker: &Speaker, id: [u8; 16], now: Timestamp) -> anyhow::Result<String> {
        let iat = now.as_second();
        let claims = Claims {
            iss: self.issuer.clone(),
            aud: self.audience.clone(),
            sub: speaker.user.to_string(),
            iat,
            exp: iat + i64::try_from(self.life.as_secs())?,
            jti: URL_SAFE_NO_PAD.encode(id),
            sid: speaker.session.to_string(),
            client_id: speaker.client.map_or_else(|| OURSELVES.to_owned(), |client| client.to_string()),
            scope: speaker.scope.clone(),
        };
        let (kid, key) = &self.signing;
        let header =
            Header { typ: Some(TYPE.into()), kid: Some(kid.clone()), ..Header::new(Algorithm::EdDSA) };
        Ok(jsonwebtoken::encode(&header, &claims, key)?)
    }

    /// For whom they are.
    pub fn audience(&self) -> &str {
        &self.audience
    }

    /// What a good token says: signed by one of our keys, of our type, for us, and not yet expired. A token that brings its
    /// own key, or says where to get one, is none of ours (RFC 8725 section 3.10).
    pub fn verify(&self, token: &str, now: Timestamp) -> Option<Speaker> {
        self.read(token, now).map(|(speaker, _)| speaker)
    }

    /// The same, with the seconds at which it was issued and expires.
    pub fn read(&self, token: &str, now: Timestamp) -> Option<(Speaker, (i64, i64))> {
        let header = jsonwebtoken::decode_header(token).ok()?;
        let foreign =
            header.jwk.is_some() || header.jku.is_some() || header.x5u.is_some() || header.x5c.is_some();
        if foreign || header.typ.as_deref() != Some(TYPE) {
            return None;
        }
        let key = self.reading.get(header.kid.as_deref()?)?;
        let claims = jsonwebtoken::decode::<Claims>(token, key, &self.validation).ok()?.claims;
        if now.as_second() >= claims.exp {
            return None;
        }
        let client = match claims.client_id.as_str() {
            OURSELVES => None,
            id => Some(id.parse().ok()?),
        };
        let speaker = Speaker {
            user: claims.sub.parse().ok()?,
            session: claims.sid.parse().ok()?,
            client,
            scope: claims.scope,
        };
        Some((speaker, (claims.iat, claims.exp)))
    }
}

fn public_key(seed: &Secret) -> PublicKey {
    let public = ed25519_dalek::SigningKey::from_bytes(seed.expose()).verifying_key().to_bytes();
    let x = URL_SAFE_NO_PAD.encode(public);
    // RFC 7638 with the members of RFC 8037 section 2, so that the name says which key it is.
    let thumbprint = Sha256::digest(format!(r#"{{"crv":"Ed25519","kty":"OKP","x":"{x}"}}"#));
    let kid = URL_SAFE_NO_PAD.encode(thumbprint);
    PublicKey { kid, kty: "OKP", crv: "Ed25519", x, alg: "EdDSA", usage: "sig" }
}

/// The PKCS#8 form of an Ed25519 private key (RFC 8410 section 7): a fixed prefix and the seed.
fn pkcs8(seed: &Secret) -> Vec<u8> {
    const PREFIX: [u8; 16] =
        [0x30, 0x2e, 0x02, 0x01, 0x00, 0x30, 0x05, 0x06, 0x03, 0x2b, 0x65, 0x70, 0x04, 0x22, 0x04, 0x20];
    [&PREFIX[..], seed.expose()].concat()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const US: (&str, &str) = ("https://udaan.example", "udaan-api");

    fn seeds(numbers: &[u8]) -> BTreeMap<i16, Secret> {
        numbers.iter().map(|number| (i16::from(*number), Secret::new([*number; 32]))).collect()
    }

    fn tokens(numbers: &[u8]) -> Tokens {
        Tokens::new(&seeds(numbers), US, Duration::from_mins(15)).expect("keys")
    }

    fn asha() -> Speaker {
        Speaker {
            user: UserId::new(Timestamp::UNIX_EPOCH, [3; 10]),
            session: SessionId::new(Timestamp::UNIX_EPOCH, [4; 10]),
            client: Some(ClientId::new(Timestamp::UNIX_EPOCH, [5; 10])),
            scope: "bookings:read".into(),
        }
    }

    fn issue(tokens: &Tokens) -> String {
        tokens.issue(&asha(), [0; 16], Timestamp::UNIX_EPOCH).expect("a token")
    }

    #[test]
    fn speaks_for_its_account_until_it_expires() {
        let (tokens, token) = (tokens(&[1]), issue(&tokens(&[1])));
        let after = |seconds| Timestamp::from_second(seconds).expect("an instant");
        assert_eq!(tokens.verify(&token, after(899)), Some(asha()));
        assert_eq!(tokens.verify(&token, after(900)), None);
        assert_eq!(self::tokens(&[2]).verify(&token, after(1)), None, "another installation's key");
        for other in [("https://other.example", US.1), (US.0, "other-api")] {
            let other = Tokens::new(&seeds(&[1]), other, Duration::from_mins(15)).expect("keys");
            assert_eq!(other.verify(&token, after(1)), None, "another issuer or audience");
        }
    }

    #[test]
    fn a_rotation_signs_with_the_new_key_and_reads_the_old_one() {
        let (before, both, after) = (tokens(&[1]), tokens(&[1, 2]), tokens(&[2]));
        let kids = |tokens: &Tokens| tokens.published().iter().map(|key| key.kid.clone()).collect::<Vec<_>>();
        assert_eq!(kids(&both), [kids(&before), kids(&after)].concat());
        assert_eq!(both.verify(&issue(&before), Timestamp::UNIX_EPOCH), Some(asha()));
        assert_eq!(before.verify(&issue(&both), Timestamp::UNIX_EPOCH), None, "it is the new key that signs");
        assert_eq!(after.verify(&issue(&both), Timestamp::UNIX_EPOCH), Some(asha()));
        assert_eq!(after.verify(&issue(&before), Timestamp::UNIX_EPOCH), None, "the old one is gone");
    }

    /// A token with another header, signed with our own key where that can be.
    fn with_header(header: &serde_json::Value) -> String {
        let claims = issue(&tokens(&[1])).split('.').nth(1).expect("claims").to_owned();
        let signed = format!("{}.{claims}", URL_SAFE_NO_PAD.encode(header.to_string()));
        let key = ed25519_dalek::SigningKey::from_bytes(&[1; 32]);
        let signature = ed25519_dalek::Signer::sign(&key, signed.as_bytes()).to_bytes();
        format!("{signed}.{}", URL_SAFE_NO_PAD.encode(signature))
    }

    #[test]
    fn refuses_what_is_altered_unsigned_or_brings_its_own_key() {
        let tokens = tokens(&[1]);
        let kid = &tokens.published()[0].kid;
        let good = with_header(&json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid}));
        assert_eq!(tokens.verify(&good, Timestamp::UNIX_EPOCH), Some(asha()), "the forgery that is none");
        for header in [
            json!({"alg": "none", "typ": "at+jwt", "kid": kid}),
            json!({"alg": "HS256", "typ": "at+jwt", "kid": kid}),
            json!({"alg": "RS256", "typ": "at+jwt", "kid": kid}),
            json!({"alg": "EdDSA", "typ": "JWT", "kid": kid}),
            json!({"alg": "EdDSA", "kid": kid}),
            json!({"alg": "EdDSA", "typ": "at+jwt"}),
            json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "../../etc/passwd"}),
            json!({"alg": "EdDSA", "typ": "at+jwt", "kid": "' OR 1=1 --"}),
            json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid, "jku": "https://attacker.example/keys"}),
            json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid, "x5u": "https://attacker.example/cert"}),
            json!({"alg": "EdDSA", "typ": "at+jwt", "kid": kid, "jwk": {"kty": "OKP", "crv": "Ed25519", "x": "AA"}}),
        ] {
            assert_eq!(tokens.verify(&with_header(&header), Timestamp::UNIX_EPOCH), None, "{header}");
        }
        let token = issue(&tokens);
        let parts: Vec<&str> = token.split('.').collect();
        let unsigned = format!("{}.{}.", parts[0], parts[1]);
        for forged in [unsigned, format!("{token}x"), token[1..].to_owned(), String::new()] {
            assert_eq!(tokens.verify(&forged, Timestamp::UNIX_EPOCH), None, "{forged}");
        }
    }
}
