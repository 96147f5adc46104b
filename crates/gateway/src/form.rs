//! Stripe's parameters: form pairs whose keys carry their nesting in brackets, `metadata[payment]=pay_1`.

use std::collections::BTreeMap;
use std::hash::{BuildHasher, RandomState};

use crate::refusal::Refusal;

/// Stripe's own limits on metadata.
const MAX_METADATA_KEYS: usize = 50;
const MAX_METADATA_KEY_CHARS: usize = 40;
const MAX_METADATA_VALUE_CHARS: usize = 500;

/// The parameters of one call. There is no `Debug`: a card number may be among them.
pub(crate) struct Params(Vec<(String, String)>);

impl Params {
    /// Reads a form body or a query string.
    pub(crate) fn parse(bytes: &[u8]) -> Self {
        let mut pairs: Vec<(String, String)> = form_urlencoded::parse(bytes).into_owned().collect();
        // Two calls that differ only in the order of their parameters are the same call.
        pairs.sort();
        Self(pairs)
    }

    /// A number that two calls share when address and parameters are the same, and from which no parameter can be
    /// read.
    pub(crate) fn fingerprint(&self, address: &str, keyed: &RandomState) -> u64 {
        keyed.hash_one((address, &self.0))
    }

    /// Refuses every parameter whose name, up to the first bracket, is not in `known`: a misspelt one would
    /// otherwise do nothing without a word.
    pub(crate) fn only(&self, known: &[&str]) -> Result<(), Refusal> {
        let head = |key: &str| key.split('[').next().unwrap_or_default().to_owned();
        match self.0.iter().map(|(key, _)| head(key)).find(|head| !known.contains(&head.as_str())) {
            None => Ok(()),
            Some(head) => {
                let message = format!("Received unknown parameter: {head}");
                Err(Refusal::parameter("parameter_unknown", &head, message))
            }
        }
    }

    /// The value of `name`; an empty one counts as none, as it does with Stripe.
    pub(crate) fn get(&self, name: &str) -> Option<&str> {
        let (_, value) = self.0.iter().find(|(key, value)| key == name && !value.is_empty())?;
        Some(value)
    }

    /// The value of `name`, or the refusal that says it is missing.
    pub(crate) fn required(&self, name: &str) -> Result<&str, Refusal> {
        self.get(name).ok_or_else(|| {
            Refusal::parameter("parameter_missing", name, format!("Missing required param: {name}."))
        })
    }

    /// The value of `name` as an integer above zero.
    pub(crate) fn positive(&self, name: &str) -> Result<Option<i64>, Refusal> {
        let Some(text) = self.get(name) else { return Ok(None) };
        match text.parse() {
            Ok(number) if number > 0 => Ok(Some(number)),
            _ => {
                let message = format!("Invalid positive integer: {name}");
                Err(Refusal::parameter("parameter_invalid_integer", name, message))
            }
        }
    }

    /// The value of `name` as `true` or `false`; false where it is absent.
    pub(crate) fn flag(&self, name: &str) -> Result<bool, Refusal> {
        match self.get(name) {
            None | Some("false") => Ok(false),
            Some("true") => Ok(true),
            Some(_) => Err(Refusal::parameter("parameter_invalid", name, format!("Invalid boolean: {name}"))),
        }
    }

    /// Every pair, in no order that means anything.
    pub(crate) fn pairs(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    /// Every `name[]=value` or `name[0]=value`.
    pub(crate) fn list(&self, name: &str) -> Vec<&str> {
        let is_index = |index: &str| index.bytes().all(|byte| byte.is_ascii_digit());
        let of_list = |key: &str| {
            let index = key.strip_prefix(name).and_then(|rest| rest.strip_prefix('[')?.strip_suffix(']'));
            index.is_some_and(is_index)
        };
        self.pairs()
            .filter(|(key, value)| of_list(key) && !value.is_empty())
            .map(|(_, value)| value)
            .collect()
    }

    /// Every `name[key]=value`.
    pub(crate) fn nested(&self, name: &str) -> BTreeMap<String, String> {
        let key_of = |key: &str| {
            let key = key.strip_prefix(name)?.strip_prefix('[')?.strip_suffix(']')?;
            (!key.contains('[')).then(|| key.to_owned())
        };
        self.0.iter().filter_map(|(key, value)| Some((key_of(key)?, value.clone()))).collect()
    }

    /// Every `metadata[key]=value`.
    pub(crate) fn metadata(&self) -> Result<BTreeMap<String, String>, Refusal> {
        let metadata = self.nested("metadata");
        let too_long = |(key, value): (&String, &String)| {
            key.chars().count() > MAX_METADATA_KEY_CHARS || value.chars().count() > MAX_METADATA_VALUE_CHARS
        };
        if metadata.len() > MAX_METADATA_KEYS || metadata.iter().any(too_long) {
            let message = format!(
                "Metadata has at most {MAX_METADATA_KEYS} keys of {MAX_METADATA_KEY_CHARS} characters with values \
                 of {MAX_METADATA_VALUE_CHARS}."
            );
            return Err(Refusal::parameter("metadata_invalid", "metadata", message));
        }
        Ok(metadata)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_nesting_and_ignores_order() {
        let one =
            Params::parse(b"amount=100&metadata[payment]=pay_1&metadata%5Bbooking%5D=b+1&confirm=true&x=");
        let other =
            Params::parse(b"x=&confirm=true&metadata[booking]=b+1&metadata[payment]=pay_1&amount=100");
        let keyed = RandomState::new();
        assert_eq!(one.fingerprint("/a", &keyed), other.fingerprint("/a", &keyed));
        assert_ne!(one.fingerprint("/a", &keyed), one.fingerprint("/b", &keyed));
        assert_eq!(one.get("x"), None);
        let metadata = one.metadata().expect("metadata");
        assert_eq!(metadata.get("booking").map(String::as_str), Some("b 1"));
        assert_eq!(metadata.len(), 2);
        assert!(one.only(&["amount", "metadata", "confirm", "x"]).is_ok());
        assert!(one.only(&["amount", "confirm", "x"]).is_err());
    }

    #[test]
    fn lists_are_read_in_both_spellings() {
        let params = Params::parse(b"expand[]=a&types[0]=x&types[1]=y&types[k]=z&types[2]=&typesx[]=q");
        assert_eq!((params.list("expand"), params.list("types")), (vec!["a"], vec!["x", "y"]));
        assert_eq!(params.nested("types").get("k").map(String::as_str), Some("z"));
    }

    #[test]
    fn numbers_and_flags_are_checked() {
        let params = Params::parse(b"a=0&b=-1&c=1.5&d=7&e=yes");
        for name in ["a", "b", "c"] {
            assert!(params.positive(name).is_err(), "{name}");
        }
        assert!(matches!(params.positive("d"), Ok(Some(7))));
        assert!(matches!(params.positive("f"), Ok(None)));
        assert!(params.flag("e").is_err());
    }
}
