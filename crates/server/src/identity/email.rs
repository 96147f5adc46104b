//! An e-mail address: checked for shape, and folded to one form so that it names one account.

/// A checked address.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Email {
    /// As it was typed, without surrounding spaces.
    pub(crate) typed: String,
    /// Lower case, for the blind index.
    pub(crate) folded: String,
}

impl Email {
    /// Checks the shape (RFC 5321 lengths; one at-sign with something plausible on both sides). Whether mail arrives is
    /// for the verification mail to find out.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let typed = text.trim();
        let (local, domain) = typed.rsplit_once('@')?;
        let label_fits = |label: &str| !label.is_empty() && !label.starts_with('-') && !label.ends_with('-');
        let plausible = (1..=64).contains(&local.len())
            && (3..=253).contains(&domain.len())
            && typed.len() <= 254
            && !local.contains('@')
            && domain.contains('.')
            && domain.split('.').all(label_fits)
            && !typed.chars().any(|c| c.is_whitespace() || c.is_control() || "<>\"(),;:\\[]".contains(c));
        plausible.then(|| Self { typed: typed.to_owned(), folded: typed.to_lowercase() })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn keeps_what_was_typed_and_folds_for_the_index() {
        let email = Email::parse("  Asha.Rao@Example.com ").expect("an address");
        assert_eq!(
            (email.typed.as_str(), email.folded.as_str()),
            ("Asha.Rao@Example.com", "asha.rao@example.com")
        );
    }

    #[test]
    fn refuses_what_cannot_be_one() {
        for text in [
            "",
            "a",
            "a@",
            "@b.c",
            "a@b",
            "a b@c.de",
            "a@b@c.de",
            "a@-b.de",
            "a@b..de",
            "a@b.de\r\nBcc:x@y.z",
        ] {
            assert_eq!(Email::parse(text), None, "{text:?}");
        }
    }
}
