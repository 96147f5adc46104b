//! What a browser's cookie and a refresh token hold: whose session it is, and 256 bits that nobody guesses. The database keeps the
//! hash of the secret half only.

use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use kernel::{SessionId, UserId};
use sha2::{Digest, Sha256};
use uuid::Uuid;

const LONG: usize = 16 + 16 + 32;

/// A session and its secret, as they are handed out.
#[derive(Clone, Copy)]
pub(in crate::identity) struct Credential {
    pub(in crate::identity) user: UserId,
    pub(in crate::identity) session: SessionId,
    pub(in crate::identity) secret: [u8; 32],
}

impl Credential {
    /// The text that is handed out.
    pub(in crate::identity) fn text(&self) -> String {
        let bytes = [self.user.uuid().as_bytes(), self.session.uuid().as_bytes(), &self.secret[..]].concat();
        URL_SAFE_NO_PAD.encode(bytes)
    }

    /// Reads it back; `None` if it was never one of ours.
    pub(in crate::identity) fn parse(text: &str) -> Option<Self> {
        let bytes: [u8; LONG] = URL_SAFE_NO_PAD.decode(text).ok()?.try_into().ok()?;
        let (user, rest) = bytes.split_first_chunk::<16>()?;
        let (session, secret) = rest.split_first_chunk::<16>()?;
        Some(Self {
            user: UserId::from_uuid(Uuid::from_bytes(*user)),
            session: SessionId::from_uuid(Uuid::from_bytes(*session)),
            secret: secret.try_into().ok()?,
        })
    }

    /// What the database knows it by.
    pub(in crate::identity) fn hash(&self) -> Vec<u8> {
        Sha256::digest(self.secret).to_vec()
    }
}
