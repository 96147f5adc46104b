//! What a provider's ID token must be (`OpenID` Connect Core section 3.1.3.7), before anything it says is believed.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use jsonwebtoken::{Algorithm, DecodingKey, Validation};
use serde::Deserialize;
use serde_json::Value;
use sha2::{Digest, Sha256, Sha512};
use subtle::ConstantTimeEq;

/// How far the provider's clock and ours may be apart, seconds.
const SKEW: f64 = 60.0;
/// Longest subject (`OpenID` Connect Core section 2).
const SUBJECT_MAX: usize = 255;

/// What a token says it was signed with.
pub(super) struct Signed {
    pub(super) alg: Algorithm,
    pub(super) kid: Option<String>,
}

/// What the token must fit.
pub(super) struct Expected<'a> {
    pub(super) issuer: &'a str,
    pub(super) client_id: &'a str,
    pub(super) nonce: &'a str,
    pub(super) access_token: &'a str,
}

/// What it says of somebody; userinfo says the same.
#[derive(Clone, Debug, Deserialize)]
pub(super) struct About {
    pub(super) sub: String,
    pub(super) email: Option<String>,
    /// Only `true` is yes: a text is not what the standard says, and whoever sends one may mean anything by it.
    pub(super) email_verified: Option<Value>,
    pub(super) name: Option<Value>,
}

#[derive(Deserialize)]
struct Header {
    alg: String,
    kid: Option<String>,
    crit: Option<Value>,
}

#[derive(Deserialize)]
struct Claims {
    iss: String,
    aud: Audience,
    azp: Option<String>,
    exp: f64,
    iat: f64,
    nbf: Option<f64>,
    nonce: Option<String>,
    at_hash: Option<String>,
    #[serde(flatten)]
    about: About,
}

#[derive(Deserialize)]
#[serde(untagged)]
enum Audience {
    One(String),
    Many(Vec<String>),
}

/// How the token is signed. Keys that it brings along, or addresses of some, are not looked at. What is wrong with it, in a word,
/// otherwise.
pub(super) fn signed(token: &str) -> Result<Signed, &'static str> {
    let header = token.split('.').next().and_then(|part| URL_SAFE_NO_PAD.decode(part).ok());
    let header: Header =
        header.and_then(|bytes| serde_json::from_slice(&bytes).ok()).ok_or("id_token_header")?;
    // What the standard says a signer may demand, and nothing here understands (RFC 7515 section 4.1.11).
    if header.crit.is_some() {
        return Err("id_token_critical");
    }
    let alg = match header.alg.as_str() {
        "RS256" => Algorithm::RS256,
        "ES256" => Algorithm::ES256,
        "EdDSA" => Algorithm::EdDSA,
        _ => return Err("id_token_algorithm"),
    };
    Ok(Signed { alg, kid: header.kid })
}

/// Checks the token with the key it is to be signed with. What is wrong with it, in a word, otherwise.
pub(super) fn check(
    token: &str,
    (alg, key): (Algorithm, &DecodingKey),
    expected: &Expected<'_>,
    now: Timestamp,
) -> Result<About, &'static str> {
    let mut validation = Validation::new(alg);
    validation.required_spec_claims.clear();
    // Times are compared with our own clock below, which tests can turn; the audience more strictly than the library does.
    (validation.validate_exp, validation.validate_aud) = (false, false);
    let claims =
        jsonwebtoken::decode::<Claims>(token, key, &validation).map_err(|_| "id_token_signature")?.claims;
    if claims.iss != expected.issuer {
        return Err("id_token_issuer");
    }
    // A token for somebody else too is refused: we know of nobody else to trust with it.
    let ours = match &claims.aud {
        Audience::One(one) => one == expected.client_id,
        Audience::Many(many) => matches!(&many[..], [one] if one == expected.client_id),
    };
    if !ours || claims.azp.as_ref().is_some_and(|party| party != expected.client_id) {
        return Err("id_token_audience");
    }
    #[expect(clippy::cast_precision_loss, reason = "seconds of this millennium are exact in a float")]
    let now = now.as_second() as f64;
    let begun = claims.nbf.is_none_or(|from| from <= now + SKEW) && claims.iat <= now + SKEW;
    if !begun || claims.exp <= now - SKEW {
        return Err("id_token_time");
    }
    let nonce = claims.nonce.as_deref().unwrap_or_default();
    if !bool::from(nonce.as_bytes().ct_eq(expected.nonce.as_bytes())) {
        return Err("id_token_nonce");
    }
    let hash = at_hash(alg, expected.access_token);
    if claims.at_hash.is_some_and(|named| named != hash) {
        return Err("id_token_access_token");
    }
    let subject = &claims.about.sub;
    if !(1..=SUBJECT_MAX).contains(&subject.len()) || subject.chars().any(char::is_control) {
        return Err("id_token_subject");
    }
    Ok(claims.about)
}

/// The left half of the hash of the access token (section 3.1.3.6), by the hash the signature is made with.
fn at_hash(alg: Algorithm, access_token: &str) -> String {
    match alg {
        Algorithm::EdDSA => URL_SAFE_NO_PAD.encode(&Sha512::digest(access_token)[..32]),
        _ => URL_SAFE_NO_PAD.encode(&Sha256::digest(access_token)[..16]),
    }
}
