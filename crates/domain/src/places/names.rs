//! Whole names in order, for what somebody typed from the first letter on.

/// What a name is to its place.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) enum NameKind {
    /// Its IATA code.
    Code,
    /// Another name, written down by hand.
    Alias,
    /// The name of the city.
    City,
    /// The name of the airport.
    Airport,
}

/// A folded name of an entry; its words are parted by one space.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(super) struct Name {
    pub(super) text: String,
    pub(super) kind: NameKind,
    pub(super) entry: usize,
}

/// All names, sorted by text.
#[derive(Debug, Default)]
pub(super) struct Names(Vec<Name>);

impl Names {
    pub(super) fn new(mut names: Vec<Name>) -> Self {
        names.sort_unstable();
        names.dedup();
        Self(names)
    }

    pub(super) fn beginning_with(&self, typed: &str) -> &[Name] {
        let first = self.0.partition_point(|name| name.text.as_str() < typed);
        let count = self.0[first..].partition_point(|name| name.text.starts_with(typed));
        &self.0[first..first + count]
    }
}
