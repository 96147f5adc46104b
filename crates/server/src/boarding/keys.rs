//! The key that signs boarding passes, its public half, and looking at a pass without us.

use std::collections::BTreeMap;

use anyhow::Context;
use data_encoding::{BASE64URL_NOPAD, HEXLOWER};
use ed25519_dalek::{Signature, Signer, SigningKey, VerifyingKey};
use hmac::{KeyInit, Mac};
use iata::bcbp::{BcbpError, BoardingPass, Security};
use platform::keys::Secret;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The type of our security field. The standard leaves what follows it to the airline: 100 characters at most. In base64 a signature has
/// 86; in base32 it had 103, and others' readers lost the last three.
const KIND: char = '1';
/// What the seed is made for, so that nothing else it signs is a pass.
const PURPOSE: &[u8] = b"udaan boarding passes 1";

/// Signs boarding passes. The seed is made of that of access tokens, number by number, and turns with them.
pub struct BoardingKeys {
    by_number: BTreeMap<i16, SigningKey>,
}

/// A key that passes can be looked at with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[schema(as = BoardingKey, example = json!({"number": 1, "public_key": "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a"}))]
pub struct PublicKey {
    /// Its number; the highest signs.
    pub number: i16,
    /// Ed25519 (RFC 8032), 64 hexadecimal digits.
    pub public_key: String,
}

/// A pass that we wrote.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Verified {
    /// What it says.
    pub pass: BoardingPass,
    /// The number of the key it was signed with.
    pub key: i16,
}

/// Why a text is no pass of ours.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum VerifyError {
    /// It is no boarding pass.
    #[error("it is no boarding pass: {0}")]
    Text(#[from] BcbpError),
    /// It has no security field of ours.
    #[error("it is not signed")]
    NotSigned,
    /// The signature is of another text, or by another key.
    #[error("the signature is not ours, or the pass was changed")]
    Signature,
}

impl BoardingKeys {
    /// Those of an installation.
    pub fn new(seeds: &BTreeMap<i16, Secret>) -> anyhow::Result<Self> {
        anyhow::ensure!(!seeds.is_empty(), "no key signs boarding passes");
        let mut by_number = BTreeMap::new();
        for (number, seed) in seeds {
            let mut mac = hmac::Hmac::<sha2::Sha256>::new_from_slice(seed.expose()).context("a key")?;
            mac.update(PURPOSE);
            by_number.insert(*number, SigningKey::from_bytes(&mac.finalize().into_bytes().into()));
        }
        Ok(Self { by_number })
    }

    /// The text of the bar code, signed.
    pub fn sign(&self, mut pass: BoardingPass) -> Result<String, BcbpError> {
        let Some((_, key)) = self.by_number.last_key_value() else { return pass.print() };
        let signature = key.sign(pass.unsigned()?.as_bytes());
        pass.security = Some(Security { kind: KIND, data: BASE64URL_NOPAD.encode(&signature.to_bytes()) });
        pass.print()
    }

    /// Whether we wrote a pass.
    pub fn verify(&self, text: &str) -> Result<Verified, VerifyError> {
        let keys = self.by_number.iter().map(|(number, key)| (*number, key.verifying_key())).collect();
        verify(&keys, text)
    }

    /// The public halves, the oldest first.
    pub fn public(&self) -> Vec<PublicKey> {
        let public = |(number, key): (&i16, &SigningKey)| PublicKey {
            number: *number,
            public_key: HEXLOWER.encode(key.verifying_key().as_bytes()),
        };
        self.by_number.iter().map(public).collect()
    }
}

/// Reads public keys as they are published.
pub fn public_keys(keys: &[PublicKey]) -> anyhow::Result<BTreeMap<i16, VerifyingKey>> {
    let read = |key: &PublicKey| {
        let bytes = HEXLOWER.decode(key.public_key.to_lowercase().as_bytes()).context("not hexadecimal")?;
        let bytes: [u8; 32] = bytes.try_into().ok().context("not 32 bytes")?;
        anyhow::Ok((key.number, VerifyingKey::from_bytes(&bytes).context("no key of Ed25519")?))
    };
    keys.iter().map(|key| read(key).with_context(|| format!("key {}", key.number))).collect()
}

/// Whether we wrote a pass, with nothing but public keys. What it says is as we said it then: whether it was taken back since only
/// the airline knows.
pub fn verify(keys: &BTreeMap<i16, VerifyingKey>, text: &str) -> Result<Verified, VerifyError> {
    let pass = BoardingPass::parse(text)?;
    let security = pass.security.as_ref().filter(|security| security.kind == KIND);
    let data = security.ok_or(VerifyError::NotSigned)?.data.as_bytes();
    let signature = BASE64URL_NOPAD.decode(data).ok().and_then(|bytes| Signature::from_slice(&bytes).ok());
    let signature = signature.ok_or(VerifyError::Signature)?;
    // What is signed is the text as it stands, so it has one form: what we would print.
    let signed = pass.unsigned()?;
    if !text.starts_with(&signed) || pass.print()? != text {
        return Err(VerifyError::Signature);
    }
    let by = keys.iter().find(|(_, key)| key.verify_strict(signed.as_bytes(), &signature).is_ok());
    let key = *by.ok_or(VerifyError::Signature)?.0;
    Ok(Verified { pass, key })
}

#[cfg(test)]
mod tests {
    use iata::bcbp::{Each, Leg, Once, Seat, Status, VERSION};

    use super::*;

    fn keys(numbers: &[i16]) -> BoardingKeys {
        let byte = |number: i16| u8::try_from(number).expect("a small number");
        let seeds = numbers.iter().map(|number| (*number, Secret::new([byte(*number); 32]))).collect();
        BoardingKeys::new(&seeds).expect("keys")
    }

    fn pass() -> BoardingPass {
        let leg = Leg {
            locator: "KX7Q2M".to_owned(),
            from: "ABE".to_owned(),
            to: "ATL".to_owned(),
            carrier: "KR".to_owned(),
            flight: 1,
            suffix: None,
            day: 161,
            cabin: 'Y',
            seat: Seat::At(12, 'A'),
            sequence: Some(17),
            status: Status::CheckedIn,
            each: Each::default(),
            own: "V1".to_owned(),
        };
        let once = Once {
            version: VERSION,
            description: Some('0'),
            checked_in_at: Some('W'),
            issued_at: Some('W'),
            issued_on: Some((6, 160)),
            document: Some('B'),
            issuer: "KR".to_owned(),
            bags: Vec::new(),
        };
        BoardingPass {
            name: "MUELLER/JO".to_owned(),
            electronic: true,
            legs: vec![leg],
            once: Some(once),
            security: None,
        }
    }

    #[test]
    fn what_we_signed_is_ours_and_nothing_else_is() {
        let signing = keys(&[1, 2]);
        let text = signing.sign(pass()).expect("a pass");
        let public = public_keys(&signing.public()).expect("keys");
        let verified = verify(&public, &text).expect("ours");
        assert_eq!((verified.key, &verified.pass.legs), (2, &pass().legs));
        // Every character of it matters.
        for place in 0..text.len() {
            for other in ['1', '2', 'A', 'B', ' '] {
                let mut changed = text.clone();
                changed.replace_range(place..=place, &other.to_string());
                assert!(changed == text || verify(&public, &changed).is_err(), "{changed}");
            }
        }
        let others = public_keys(&keys(&[1, 3]).public()).expect("keys");
        assert_eq!(verify(&others, &text), Err(VerifyError::Signature));
        let unsigned = pass().print().expect("a pass");
        assert_eq!(verify(&public, &unsigned), Err(VerifyError::NotSigned));
        // A key that no longer signs is still read.
        let before = keys(&[1]).sign(pass()).expect("a pass");
        assert_eq!(verify(&public, &before).map(|verified| verified.key), Ok(1));
    }

    #[test]
    fn the_seed_is_not_that_of_tokens() {
        let seed = [1; 32];
        let token = HEXLOWER.encode(SigningKey::from_bytes(&seed).verifying_key().as_bytes());
        assert_ne!(keys(&[1]).public()[0].public_key, token);
    }

    #[test]
    fn keys_that_are_none_are_named() {
        for text in ["", "xyz", "00ff"] {
            let key = PublicKey { number: 7, public_key: text.to_owned() };
            let error = public_keys(&[key]).expect_err("no key");
            assert!(format!("{error:#}").contains("key 7"), "{error:#}");
        }
    }
}
