//! Access tokens and our other signed tokens: as they come, and their content as if it had been signed by us.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;
use std::time::Duration;

use jiff::Timestamp;
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use libfuzzer_sys::fuzz_target;
use platform::keys::Secret;
use platform::signed::TokenSigner;
use server::identity::api::{Speaker, Tokens};

const SEED: [u8; 32] = [7; 32];
/// RFC 8410 section 7: what stands before the 32 bytes of an Ed25519 key in PKCS #8.
const BEFORE_SEED: [u8; 16] = [48, 46, 2, 1, 0, 48, 5, 6, 3, 43, 101, 112, 4, 34, 4, 32];

struct Keys {
    tokens: Tokens,
    signing: EncodingKey,
    name: String,
    signer: TokenSigner,
}

static KEYS: LazyLock<Keys> = LazyLock::new(|| {
    let seeds = BTreeMap::from([(1, Secret::new(SEED))]);
    let tokens = Tokens::new(&seeds, ("https://udaan.example", "udaan-api"), Duration::from_mins(15)).expect("keys");
    let published = serde_json::to_value(&tokens.published()[0]).expect("a key");
    Keys {
        name: published["kid"].as_str().expect("a name").to_owned(),
        tokens,
        signing: EncodingKey::from_ed_der(&[&BEFORE_SEED[..], &SEED].concat()),
        signer: TokenSigner::new(&Secret::new(SEED), "pas"),
    }
});

fuzz_target!(|data: &[u8]| {
    let now = Timestamp::UNIX_EPOCH;
    let text = String::from_utf8_lossy(data);
    // Nobody signed this.
    assert!(KEYS.tokens.verify(&text, now).is_none());
    assert!(KEYS.signer.open::<serde_json::Value>(&text).is_none());
    assert!(KEYS.signer.open::<serde_json::Value>(&format!("pas_{text}")).is_none());
    // Whoever has our key may still have written anything.
    let Ok(claims) = serde_json::from_slice::<serde_json::Value>(data) else { return };
    let header = Header { typ: Some("at+jwt".into()), kid: Some(KEYS.name.clone()), ..Header::new(Algorithm::EdDSA) };
    let signed = jsonwebtoken::encode(&header, &claims, &KEYS.signing).expect("signed");
    if let Some(speaker) = KEYS.tokens.verify(&signed, now) {
        assert_same(&speaker, now);
    }
    let passed = KEYS.signer.sign(&claims).expect("signed");
    assert!(passed.len() > 8_000 || KEYS.signer.open::<serde_json::Value>(&passed) == Some(claims));
});

/// What is read of a token is what a token of the same says.
fn assert_same(speaker: &Speaker, now: Timestamp) {
    let again = KEYS.tokens.issue(speaker, [1; 16], now).expect("issued");
    assert_eq!(KEYS.tokens.verify(&again, now).as_ref(), Some(speaker));
}
