//! Sealing of personal data: AES-256-GCM under a key per user, which a master key wraps (NIST SP 800-38D). What belongs to
//! the installation, such as the secrets that sign webhooks, is sealed under a key made from the master key.
//!
//! A sealed value is `version (1) | nonce (12) | ciphertext and tag`; the installation's own begin with `2 | number of the
//! master key (2)` before that. The additional data names table, column
//! and row, so a value copied to another row does not open. Dropping a user's wrapped key erases the person.

use std::sync::Arc;

use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use hmac::{Hmac, Mac};
use sha2::Sha256;
use uuid::Uuid;

use crate::keys::{KeyFile, Secret};
use crate::random::Random;

const VERSION: u8 = 1;
const SYSTEM_VERSION: u8 = 2;
const NONCE_BYTES: usize = 12;

/// A sealed value did not open: another key, another place, or altered bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("a sealed value of {place} does not open")]
pub struct SealError {
    /// `table.column` of the value.
    pub place: &'static str,
}

/// Where a sealed value lives; part of what is authenticated.
#[derive(Clone, Copy, Debug)]
pub struct Place {
    /// `table.column`.
    pub column: &'static str,
    /// The row's id.
    pub row: Uuid,
    /// Which part of the row's group: 0, or the second half of a two-column key.
    pub part: i16,
}

impl Place {
    /// The value of `column` (`table.column`) in the row `row`.
    pub const fn new(column: &'static str, row: Uuid) -> Self {
        Self { column, row, part: 0 }
    }

    /// The same place with the second half of the row's key.
    pub const fn part(self, part: i16) -> Self {
        Self { part, ..self }
    }

    fn additional_data(&self) -> Vec<u8> {
        [self.column.as_bytes(), b"|", self.row.as_bytes(), &self.part.to_be_bytes()].concat()
    }
}

/// A user's data key, unwrapped. Held only while a request needs it.
#[derive(Clone)]
pub struct UserKey(Secret);

impl std::fmt::Debug for UserKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("UserKey(…)")
    }
}

/// A user's data key as the database keeps it.
#[derive(Clone, Debug)]
pub struct WrappedKey {
    /// Number of the master key that wraps it.
    pub master: i16,
    /// The sealed key.
    pub bytes: Vec<u8>,
}

/// Wraps user keys and makes the blind index. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Sealer {
    keys: Arc<KeyFile>,
    random: Random,
}

impl Sealer {
    /// A sealer with the installation's keys.
    pub fn new(keys: Arc<KeyFile>, random: Random) -> Self {
        Self { keys, random }
    }

    /// A new key for `user`, and what to store of it.
    pub fn new_user_key(&self, user: Uuid) -> Result<(UserKey, WrappedKey), SealError> {
        let key = UserKey(Secret::new(self.random.bytes()));
        let wrapped = self.wrap(user, &key)?;
        Ok((key, wrapped))
    }

    fn wrap(&self, user: Uuid, key: &UserKey) -> Result<WrappedKey, SealError> {
        let place = Place::new("user_keys.wrapped_key", user);
        let (master, master_key) =
            self.keys.master.last_key_value().ok_or(SealError { place: place.column })?;
        let bytes = seal_with(master_key, place, key.0.expose(), self.random)?;
        Ok(WrappedKey { master: *master, bytes })
    }

    /// Number of the master key under which new keys are wrapped.
    pub fn current_master(&self) -> Option<i16> {
        self.keys.current_master()
    }

    /// The same key, wrapped under the current master key.
    pub fn rewrap(&self, user: Uuid, wrapped: &WrappedKey) -> Result<WrappedKey, SealError> {
        let key = self.unwrap(user, wrapped)?;
        self.wrap(user, &key)
    }

    /// Opens a stored user key.
    pub fn unwrap(&self, user: Uuid, wrapped: &WrappedKey) -> Result<UserKey, SealError> {
        let place = Place::new("user_keys.wrapped_key", user);
        let failed = SealError { place: place.column };
        let master = self.keys.master.get(&wrapped.master).ok_or(failed)?;
        let bytes = open_with(master, place, &wrapped.bytes)?;
        Ok(UserKey(Secret::new(bytes.try_into().map_err(|_| failed)?)))
    }

    /// Seals `plain` for its place under the user's key.
    pub fn seal(&self, key: &UserKey, place: Place, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        seal_with(&key.0, place, plain, self.random)
    }

    /// Opens a value sealed for its place under the user's key.
    pub fn open(&self, key: &UserKey, place: Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        open_with(&key.0, place, sealed)
    }

    /// Seals what belongs to no user, under the current master key's system key.
    pub fn seal_system(&self, place: Place, plain: &[u8]) -> Result<Vec<u8>, SealError> {
        let failed = SealError { place: place.column };
        let master = self.keys.current_master().ok_or(failed)?;
        let key = self.keys.system_key(master).ok_or(failed)?;
        let sealed = seal_with(&key, place, plain, self.random)?;
        Ok([&[SYSTEM_VERSION][..], &master.to_be_bytes(), &sealed].concat())
    }

    /// Opens what [`Sealer::seal_system`] sealed, also under an older master key.
    pub fn open_system(&self, place: Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
        let failed = SealError { place: place.column };
        let ([SYSTEM_VERSION, high, low], rest) = sealed.split_first_chunk().ok_or(failed)? else {
            return Err(failed);
        };
        let key = self.keys.system_key(i16::from_be_bytes([*high, *low])).ok_or(failed)?;
        open_with(&key, place, rest)
    }

    /// The same value sealed under the current master key; `None` if it is.
    pub fn reseal_system(&self, place: Place, sealed: &[u8]) -> Result<Option<Vec<u8>>, SealError> {
        let master = self.keys.current_master().ok_or(SealError { place: place.column })?;
        if sealed.get(1..3) == Some(&master.to_be_bytes()[..]) {
            return Ok(None);
        }
        let plain = self.open_system(place, sealed)?;
        self.seal_system(place, &plain).map(Some)
    }

    /// A keyed hash of content that must be recognised and not be guessed.
    pub fn fingerprint(&self, purpose: &'static str, content: &[u8]) -> Vec<u8> {
        let mut mac = keyed(&self.keys.index);
        mac.update(purpose.as_bytes());
        mac.update(b"|");
        mac.update(content);
        mac.finalize().into_bytes().to_vec()
    }

    /// The blind index of an e-mail address: HMAC-SHA-256 of its normal form, so that a look-up needs no address at
    /// rest. `purpose` keeps indexes of different things apart.
    pub fn blind_index(&self, purpose: &'static str, normal_form: &str) -> Vec<u8> {
        self.fingerprint(purpose, normal_form.as_bytes())
    }
}

/// HMAC-SHA-256 under `key`.
#[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
pub fn keyed(key: &Secret) -> Hmac<Sha256> {
    <Hmac<Sha256> as hmac::KeyInit>::new_from_slice(key.expose()).expect("HMAC takes keys of any length")
}

fn seal_with(key: &Secret, place: Place, plain: &[u8], random: Random) -> Result<Vec<u8>, SealError> {
    let nonce: [u8; NONCE_BYTES] = random.bytes();
    let payload = Payload { msg: plain, aad: &place.additional_data() };
    let sealed = Aes256Gcm::new(key.expose().into())
        .encrypt(&Nonce::from(nonce), payload)
        .map_err(|_| SealError { place: place.column })?;
    Ok([&[VERSION][..], &nonce, &sealed].concat())
}

fn open_with(key: &Secret, place: Place, sealed: &[u8]) -> Result<Vec<u8>, SealError> {
    let failed = SealError { place: place.column };
    let (version, rest) = sealed.split_first().ok_or(failed)?;
    let (nonce, ciphertext) = rest.split_first_chunk::<NONCE_BYTES>().ok_or(failed)?;
    if *version != VERSION {
        return Err(failed);
    }
    let payload = Payload { msg: ciphertext, aad: &place.additional_data() };
    Aes256Gcm::new(key.expose().into()).decrypt(&Nonce::from(*nonce), payload).map_err(|_| failed)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sealer() -> Sealer {
        Sealer::new(Arc::new(KeyFile::generate(Random)), Random)
    }

    #[test]
    fn opens_only_in_its_place_and_under_its_key() {
        let sealer = sealer();
        let (row, other) = (Uuid::from_u128(1), Uuid::from_u128(2));
        let (key, wrapped) = sealer.new_user_key(row).expect("a key");
        let place = Place::new("users.name", row);
        let sealed = sealer.seal(&key, place, b"Asha Rao").expect("sealed");
        let again = sealer.unwrap(row, &wrapped).expect("unwrapped");
        assert_eq!(sealer.open(&again, place, &sealed).expect("opened"), b"Asha Rao");

        assert!(sealer.open(&key, Place::new("users.email", row), &sealed).is_err(), "another column");
        assert!(sealer.open(&key, Place::new("users.name", other), &sealed).is_err(), "another row");
        assert!(sealer.open(&key, place.part(1), &sealed).is_err(), "another part of the row");
        assert!(sealer.unwrap(other, &wrapped).is_err(), "another user's key");
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(sealer.open(&key, place, &altered).is_err(), "byte {index} altered");
        }
    }

    #[test]
    fn what_is_the_installations_opens_in_its_place_and_after_a_rotation() {
        let mut keys = KeyFile::generate(Random);
        let before = Sealer::new(Arc::new(keys.clone()), Random);
        let place = Place::new("webhook_endpoints.secret", Uuid::from_u128(1));
        let sealed = before.seal_system(place, b"whsec_1").expect("sealed");
        keys.master.insert(2, Secret::new(Random.bytes()));
        let after = Sealer::new(Arc::new(keys), Random);
        assert_eq!(after.open_system(place, &sealed).expect("opened"), b"whsec_1");
        let newer = after.seal_system(place, b"whsec_1").expect("sealed");
        assert_eq!((&newer[..3], &sealed[..3]), (&[2, 0, 2][..], &[2, 0, 1][..]), "the number of the key");
        assert!(before.open_system(place, &newer).is_err(), "a key it does not have");
        let elsewhere = Place::new("webhook_endpoints.secret", Uuid::from_u128(2));
        assert!(after.open_system(elsewhere, &sealed).is_err(), "another row");
        for index in 0..sealed.len() {
            let mut altered = sealed.clone();
            altered[index] ^= 1;
            assert!(after.open_system(place, &altered).is_err(), "byte {index} altered");
        }
        assert!(after.open_system(place, &[]).is_err() && after.open_system(place, &[2, 0]).is_err());
    }

    #[test]
    fn the_same_text_seals_differently_and_indexes_alike() {
        let sealer = sealer();
        let (key, _) = sealer.new_user_key(Uuid::nil()).expect("a key");
        let place = Place::new("users.name", Uuid::nil());
        assert_ne!(
            sealer.seal(&key, place, b"A").expect("sealed"),
            sealer.seal(&key, place, b"A").expect("sealed")
        );
        assert_eq!(sealer.blind_index("email", "a@b"), sealer.blind_index("email", "a@b"));
        assert_ne!(sealer.blind_index("email", "a@b"), sealer.blind_index("phone", "a@b"));
        assert_ne!(
            sealer.blind_index("email", "a@b"),
            self::sealer().blind_index("email", "a@b"),
            "another key"
        );
    }
}
