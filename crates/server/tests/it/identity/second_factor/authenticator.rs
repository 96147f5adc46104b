//! A passkey made of software, with every part of its answers to be got wrong on purpose (`WebAuthn` sections 6.1, 6.5).

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use p256::ecdsa::signature::Signer;
use p256::ecdsa::{Signature, SigningKey};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

pub(super) const SITE: &str = "https://udaan.example";
const DOMAIN: &str = "udaan.example";
const PRESENT: u8 = 1;
const VERIFIED: u8 = 4;
const ATTESTED: u8 = 0x40;

/// A passkey on a device.
pub(super) struct Passkey {
    key: SigningKey,
    id: [u8; 16],
    /// The user handle, from the options it was made with.
    pub(super) user: String,
    pub(super) counter: u32,
}

/// What an answer says beside its signature.
pub(super) struct Says {
    pub(super) kind: Option<&'static str>,
    pub(super) origin: String,
    pub(super) cross_origin: bool,
    pub(super) domain: &'static str,
    pub(super) challenge: Option<String>,
    pub(super) user: Option<String>,
    pub(super) flags: u8,
    /// Changes a byte of the signature.
    pub(super) garbled: bool,
    /// Signs with another key.
    pub(super) other_key: bool,
}

impl Default for Says {
    fn default() -> Self {
        Self {
            kind: None,
            origin: SITE.into(),
            cross_origin: false,
            domain: DOMAIN,
            challenge: None,
            user: None,
            flags: PRESENT | VERIFIED,
            garbled: false,
            other_key: false,
        }
    }
}

impl Says {
    fn client_data(&self, kind: &str, options: &Value) -> String {
        let challenge =
            self.challenge.clone().unwrap_or_else(|| options["challenge"].as_str().expect("one").into());
        json!({"type": self.kind.unwrap_or(kind), "challenge": challenge, "origin": self.origin,
            "crossOrigin": self.cross_origin})
        .to_string()
    }
}

/// Present, and not verified.
pub(super) const ONLY_PRESENT: u8 = PRESENT;
/// Verified, and nobody touched it.
pub(super) const ONLY_VERIFIED: u8 = VERIFIED;

fn text(bytes: &[u8]) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

impl Passkey {
    pub(super) fn new(seed: u8) -> Self {
        let key = SigningKey::from_slice(&[seed; 32]).expect("a key");
        Self { key, id: [seed; 16], user: String::new(), counter: 0 }
    }

    /// Makes itself for the options, and says so.
    pub(super) fn register(&mut self, options: &Value, says: &Says) -> Value {
        options["user"]["id"].as_str().expect("a user").clone_into(&mut self.user);
        let client_data = says.client_data("webauthn.create", options);
        let point = self.key.verifying_key().to_encoded_point(false);
        let cose = [
            &[0xa5, 1, 2, 3, 0x26, 0x20, 1, 0x21, 0x58, 32][..],
            point.x().expect("x"),
            &[0x22, 0x58, 32],
            point.y().expect("y"),
        ];
        let data = [
            &Sha256::digest(says.domain)[..],
            &[says.flags | ATTESTED],
            &self.counter.to_be_bytes(),
            &[0; 16],
            &[0, 16],
            &self.id,
            &cose.concat(),
        ]
        .concat();
        let length = u8::try_from(data.len()).expect("short");
        let object = [b"\xa3\x63fmt\x64none\x67attStmt\xa0\x68authData\x58", &[length][..], &data].concat();
        json!({"id": text(&self.id), "rawId": text(&self.id), "type": "public-key", "authenticatorAttachment": "platform",
            "response": {"clientDataJSON": text(client_data.as_bytes()), "attestationObject": text(&object),
                "transports": ["internal"]}, "clientExtensionResults": {}})
    }

    /// Answers the options as they ask.
    pub(super) fn answer(&mut self, options: &Value) -> Value {
        self.answer_with(options, &Says::default())
    }

    pub(super) fn answer_with(&mut self, options: &Value, says: &Says) -> Value {
        self.counter += 1;
        let client_data = says.client_data("webauthn.get", options);
        let data = [&Sha256::digest(says.domain)[..], &[says.flags], &self.counter.to_be_bytes()].concat();
        let signed = [&data[..], &Sha256::digest(&client_data)].concat();
        let other = SigningKey::from_slice(&[99; 32]).expect("a key");
        let signature: Signature = if says.other_key { other.sign(&signed) } else { self.key.sign(&signed) };
        let mut signature = signature.to_der().as_bytes().to_vec();
        if says.garbled {
            *signature.last_mut().expect("bytes") ^= 1;
        }
        let user = says.user.clone().unwrap_or_else(|| self.user.clone());
        json!({"id": text(&self.id), "rawId": text(&self.id), "type": "public-key",
            "response": {"clientDataJSON": text(client_data.as_bytes()), "authenticatorData": text(&data),
                "signature": text(&signature), "userHandle": user}, "clientExtensionResults": {}})
    }
}
