//! Which types of events are meant: exact names, families (`booking.*`), or all (`*`).

/// A text that names no type of event.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{0:?} is no type of event; right would be booking.confirmed, booking.* or *")]
pub struct BadType(pub String);

/// A choice of types. Empty: all.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Types {
    exact: Vec<String>,
    /// `booking.` for `booking.*`; the empty prefix for `*`.
    prefixes: Vec<String>,
}

impl Types {
    /// Reads names and families.
    pub fn parse<'a>(texts: impl IntoIterator<Item = &'a str>) -> Result<Self, BadType> {
        let mut types = Self::default();
        for text in texts {
            let bad = || BadType(text.to_owned());
            let word =
                |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b == b'_');
            if text == "*" {
                types.prefixes.push(String::new());
                continue;
            }
            let (family, name) = text.split_once('.').filter(|_| text.len() <= 64).ok_or_else(bad)?;
            match name {
                "*" if word(family) => types.prefixes.push(format!("{family}.")),
                name if word(family) && word(name) => types.exact.push(text.to_owned()),
                _ => return Err(bad()),
            }
        }
        Ok(types)
    }

    /// Whether nothing was chosen, which means all.
    pub fn is_all(&self) -> bool {
        self.exact.is_empty() && self.prefixes.is_empty()
    }

    /// The names, for SQL; `None` when all are meant.
    pub(super) fn for_sql(&self) -> (bool, &[String], &[String]) {
        (self.is_all(), &self.exact, &self.prefixes)
    }

    /// Every text that, as a filter, means a type: itself, its family, all.
    pub fn that_mean(kind: &str) -> [String; 3] {
        let family = kind.split('.').next().unwrap_or(kind);
        [kind.to_owned(), format!("{family}.*"), "*".to_owned()]
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_families_and_all_are_read_and_nothing_else() {
        let types = Types::parse(["booking.held", "refund.*"]).expect("types");
        assert_eq!(types.for_sql(), (false, &["booking.held".to_owned()][..], &["refund.".to_owned()][..]));
        assert!(Types::parse([]).expect("all").is_all());
        assert!(!Types::parse(["*"]).expect("all").is_all());
        for bad in
            ["", "booking", "booking.", ".held", "booking.*x", "Booking.held", "booking.held ", "a.b.c", "**"]
        {
            assert_eq!(Types::parse([bad]), Err(BadType(bad.to_owned())));
        }
    }

    #[test]
    fn what_means_a_type_can_be_read_as_a_filter() {
        let meaning = Types::that_mean("booking.held");
        assert_eq!(meaning, ["booking.held", "booking.*", "*"]);
        assert!(Types::parse(meaning.iter().map(String::as_str)).is_ok());
    }
}
