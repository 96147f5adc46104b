//! Signed tokens: what we said once and want to hear again unchanged, stored nowhere.
//!
//! Layout: `prefix_` and base64url of JSON, then the first 16 bytes of HMAC-SHA-256 over prefix and JSON. The prefix says what
//! the token is of, and since it is signed with it, a token of one kind is none of another.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use hmac::{Hmac, Mac};
use serde::Serialize;
use serde::de::DeserializeOwned;
use sha2::Sha256;

use crate::keys::Secret;
use crate::seal::keyed;

const TAG_BYTES: usize = 16;
/// Longer than any token of ours; a longer text is not looked at.
const TOKEN_MAX: usize = 4_096;

/// Signs and reads tokens of one kind. Cheap to clone.
#[derive(Clone)]
pub struct TokenSigner {
    key: Hmac<Sha256>,
    prefix: &'static str,
}

impl TokenSigner {
    /// For tokens that begin with `prefix_`.
    pub fn new(secret: &Secret, prefix: &'static str) -> Self {
        Self { key: keyed(secret), prefix }
    }

    /// The token of some content.
    pub fn sign(&self, content: &impl Serialize) -> serde_json::Result<String> {
        let mut bytes = serde_json::to_vec(content)?;
        let tag = self.tag(&bytes);
        bytes.extend_from_slice(&tag);
        Ok(format!("{}_{}", self.prefix, URL_SAFE_NO_PAD.encode(bytes)))
    }

    /// The content of a token that is ours and of this kind.
    pub fn open<T: DeserializeOwned>(&self, token: &str) -> Option<T> {
        let encoded =
            token.strip_prefix(self.prefix)?.strip_prefix('_').filter(|rest| rest.len() < TOKEN_MAX)?;
        let bytes = URL_SAFE_NO_PAD.decode(encoded).ok()?;
        let (content, tag) = bytes.split_last_chunk::<TAG_BYTES>()?;
        let ours: bool = subtle::ConstantTimeEq::ct_eq(&tag[..], &self.tag(content)[..]).into();
        if ours { serde_json::from_slice(content).ok() } else { None }
    }

    fn tag(&self, content: &[u8]) -> [u8; TAG_BYTES] {
        let mut mac = self.key.clone();
        mac.update(self.prefix.as_bytes());
        mac.update(b"|");
        mac.update(content);
        let full = mac.finalize().into_bytes();
        std::array::from_fn(|index| full[index])
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signer(prefix: &'static str) -> TokenSigner {
        TokenSigner::new(&Secret::new([7; 32]), prefix)
    }

    #[test]
    fn only_our_own_tokens_of_the_kind_open() {
        let token = signer("cxq").sign(&(1, "a")).expect("a token");
        assert_eq!(signer("cxq").open(&token), Some((1, "a".to_owned())));
        let renamed = token.replace("cxq_", "chq_");
        assert_eq!(signer("chq").open::<(i32, String)>(&renamed), None, "another kind");
        let other = TokenSigner::new(&Secret::new([8; 32]), "cxq");
        assert_eq!(other.open::<(i32, String)>(&token), None, "another key");
        for place in 4..token.len() {
            let mut forged = token.clone().into_bytes();
            forged[place] = if forged[place] == b'A' { b'B' } else { b'A' };
            let forged = String::from_utf8(forged).expect("text");
            // The last character has bits that encode nothing; a lenient reader would let them vary.
            assert_eq!(signer("cxq").open::<(i32, String)>(&forged), None, "{forged}");
        }
        for text in ["", "cxq_", "cxq_!", "off_AAAA"] {
            assert_eq!(signer("cxq").open::<(i32, String)>(text), None, "{text}");
        }
    }
}
