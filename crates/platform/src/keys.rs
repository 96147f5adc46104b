//! The secrets of an installation, kept in one file that only its user can read.
//!
//! The file is TOML with every key as 64 hexadecimal digits:
//! `master = { 1 = "…" }` wraps the users' data keys (the highest number is used for new ones, older ones stay
//! readable during a rotation) and makes the key that seals the installation's own secrets, `index` keys the blind index, `offers` signs offers, `tokens` are the Ed25519 seeds
//! that sign access tokens: the highest number signs, all are published and read. A single text is number 1.

use std::collections::BTreeMap;
use std::io::Write;
use std::path::Path;

use anyhow::{Context, bail, ensure};
use serde::Deserialize;

use crate::random::Random;

/// 256 bits that must not be printed.
#[derive(Clone, PartialEq, Eq)]
pub struct Secret([u8; 32]);

impl Secret {
    /// The key itself.
    pub const fn expose(&self) -> &[u8; 32] {
        &self.0
    }

    /// A key made of these bytes.
    pub const fn new(bytes: [u8; 32]) -> Self {
        Self(bytes)
    }
}

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

/// All secrets of an installation.
#[derive(Clone, Debug)]
pub struct KeyFile {
    /// Master keys by number; the highest is current.
    pub master: BTreeMap<i16, Secret>,
    /// Keys the blind index of e-mail addresses.
    pub index: Secret,
    /// Signs offers.
    pub offers: Secret,
    /// Seeds of the Ed25519 keys of access tokens by number; the highest signs.
    pub tokens: BTreeMap<i16, Secret>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct KeyFileText {
    master: BTreeMap<String, String>,
    index: String,
    offers: String,
    tokens: OneOrNumbered,
}

/// A key, or keys by number.
#[derive(Deserialize)]
#[serde(untagged)]
enum OneOrNumbered {
    One(String),
    Numbered(BTreeMap<String, String>),
}

impl KeyFile {
    /// Reads the text of a key file.
    pub fn parse(text: &str) -> anyhow::Result<Self> {
        let raw: KeyFileText = toml::from_str(text)?;
        let tokens = match raw.tokens {
            OneOrNumbered::One(key) => BTreeMap::from([(1, secret("tokens", &key)?)]),
            OneOrNumbered::Numbered(keys) => numbered("tokens", &keys)?,
        };
        Ok(Self {
            master: numbered("master", &raw.master)?,
            index: secret("index", &raw.index)?,
            offers: secret("offers", &raw.offers)?,
            tokens,
        })
    }

    /// The number of the current master key.
    pub fn current_master(&self) -> Option<i16> {
        self.master.last_key_value().map(|(number, _)| *number)
    }

    /// The key that seals what belongs to the installation and to no user, made from the master key of this number: a key of
    /// its own, so that nothing sealed under it can be taken for a user's wrapped key.
    pub fn system_key(&self, master: i16) -> Option<Secret> {
        let mut mac = crate::seal::keyed(self.master.get(&master)?);
        hmac::Mac::update(&mut mac, b"udaan system key 1");
        Some(Secret(hmac::Mac::finalize(mac).into_bytes().into()))
    }

    /// Fresh secrets.
    pub fn generate(random: Random) -> Self {
        let fresh = || Secret(random.bytes());
        let first = || BTreeMap::from([(1, fresh())]);
        Self { master: first(), index: fresh(), offers: fresh(), tokens: first() }
    }

    /// The text [`KeyFile::parse`] reads.
    pub fn to_text(&self) -> String {
        let mut text = String::from(
            "# Secrets of this installation. Whoever has them reads every passport in it: keep this file 0600.\n",
        );
        for (name, key) in [("index", &self.index), ("offers", &self.offers)] {
            text.push_str(&format!("{name} = \"{}\"\n", hex(key.expose())));
        }
        for (name, keys) in [("master", &self.master), ("tokens", &self.tokens)] {
            text.push_str(&format!("\n[{name}]\n"));
            for (number, key) in keys {
                text.push_str(&format!("{number} = \"{}\"\n", hex(key.expose())));
            }
        }
        text
    }

    /// Reads the file, which must be closed to everybody but its user and, perhaps, a group.
    pub fn read(path: &Path) -> anyhow::Result<Self> {
        check_closed(path)?;
        let text = std::fs::read_to_string(path)
            .with_context(|| format!("no key file at {}; `udaan keys FILE` makes one", path.display()))?;
        Self::parse(&text).with_context(|| format!("key file {}", path.display()))
    }

    /// Writes a new file that only its owner can read; refuses to replace one.
    pub fn create(&self, path: &Path) -> anyhow::Result<()> {
        let mut options = std::fs::OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let mut file = options.open(path).with_context(|| format!("creating {}", path.display()))?;
        file.write_all(self.to_text().as_bytes())?;
        Ok(file.sync_all()?)
    }
}

/// Refuses a file that anybody on the machine may read.
fn check_closed(path: &Path) -> anyhow::Result<()> {
    #[cfg(unix)]
    if let Ok(file) = std::fs::metadata(path) {
        let mode = std::os::unix::fs::MetadataExt::mode(&file);
        // The last octal digit is everybody's.
        ensure!(
            mode % 8 == 0,
            "key file {}: everybody on this machine may read it (mode {:03o}); chmod 600 closes it",
            path.display(),
            mode & 0o777
        );
    }
    Ok(())
}

fn hex(bytes: &[u8; 32]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn numbered(name: &str, keys: &BTreeMap<String, String>) -> anyhow::Result<BTreeMap<i16, Secret>> {
    let mut read = BTreeMap::new();
    for (text, key) in keys {
        let number = text.parse().with_context(|| format!("{name} key {text:?}: its name is a number"))?;
        // 1 and 01 are one number: which of the two keys counts would be chance.
        let before = read.insert(number, secret(name, key)?);
        ensure!(before.is_none(), "{name} key {text:?}: there is a key {number} already");
    }
    ensure!(!read.is_empty(), "no {name} key: add {name}.1 with 64 hexadecimal digits");
    Ok(read)
}

fn secret(name: &str, digits: &str) -> anyhow::Result<Secret> {
    if digits.len() != 64 || !digits.is_ascii() {
        bail!("key {name}: 64 hexadecimal digits are needed, {} characters are there", digits.len());
    }
    let mut bytes = [0; 32];
    for (index, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(&digits[2 * index..2 * index + 2], 16)
            .with_context(|| format!("key {name}: not hexadecimal at character {}", 2 * index + 1))?;
    }
    Ok(Secret(bytes))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_generated_file_reads_back() {
        let keys = KeyFile::generate(Random);
        let read = KeyFile::parse(&keys.to_text()).expect("its own text");
        assert_eq!((read.master, read.index, read.offers), (keys.master, keys.index, keys.offers));
        assert_eq!(read.tokens, keys.tokens);
    }

    #[test]
    fn one_key_for_tokens_is_the_first_of_many() {
        let keys = KeyFile::generate(Random);
        let (text, seed) = (keys.to_text(), hex(keys.tokens[&1].expose()));
        let older = text.replace(&format!("\n[tokens]\n1 = \"{seed}\"\n"), "");
        let older = older.replacen("index = ", &format!("tokens = \"{seed}\"\nindex = "), 1);
        assert_eq!(KeyFile::parse(&older).expect("the older form").tokens, keys.tokens);
        let none = text.replace(&format!("1 = \"{seed}\"\n"), "");
        let error = KeyFile::parse(&none).expect_err("no seed").to_string();
        assert_eq!(error, "no tokens key: add tokens.1 with 64 hexadecimal digits");
    }

    #[test]
    fn a_file_that_others_may_read_and_a_number_that_stands_twice_are_refused() {
        let path = std::env::temp_dir().join(format!("udaan-keys-{}", std::process::id()));
        let keys = KeyFile::generate(Random);
        keys.create(&path).expect("written");
        KeyFile::read(&path).expect("its own");
        #[cfg(unix)]
        {
            let open = std::os::unix::fs::PermissionsExt::from_mode(0o644);
            std::fs::set_permissions(&path, open).expect("opened");
            let error = KeyFile::read(&path).expect_err("open").to_string();
            assert!(
                error.ends_with("everybody on this machine may read it (mode 644); chmod 600 closes it"),
                "{error}"
            );
        }
        std::fs::remove_file(&path).expect("removed");
        let twice = keys.to_text().replace("[tokens]\n", &format!("[tokens]\n01 = \"{}\"\n", "0".repeat(64)));
        let error = KeyFile::parse(&twice).expect_err("twice").to_string();
        assert_eq!(error, "tokens key \"1\": there is a key 1 already");
    }

    #[test]
    fn secrets_are_not_printed_and_mistakes_are_named() {
        assert_eq!(format!("{:?}", Secret([7; 32])), "Secret(…)");
        let long = KeyFile::generate(Random).to_text().replace("offers = \"", "offers = \"0");
        let error = KeyFile::parse(&long).expect_err("65 digits").to_string();
        assert_eq!(error, "key offers: 64 hexadecimal digits are needed, 65 characters are there");
    }
}
