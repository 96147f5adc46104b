//! Lists, as Stripe pages them: newest first, from after an id.

use std::collections::BTreeMap;

use serde_json::Value;

/// A page of a list.
pub(crate) struct Page {
    pub(crate) limit: usize,
    pub(crate) after: Option<String>,
}

/// The page's items that are `wanted`, and whether there are more.
pub(super) fn list<T>(
    all: &BTreeMap<String, T>,
    page: &Page,
    wanted: impl Fn(&T) -> bool,
    json: impl Fn(&T) -> Value,
) -> (Vec<Value>, bool) {
    cut(all.iter().rev(), page, wanted, json)
}

/// The same of items that are found by another way, newest first.
pub(super) fn cut<'a, T: 'a>(
    newest_first: impl Iterator<Item = (&'a String, &'a T)>,
    page: &Page,
    wanted: impl Fn(&T) -> bool,
    json: impl Fn(&T) -> Value,
) -> (Vec<Value>, bool) {
    let before = |id: &str| page.after.as_deref().is_none_or(|after| id < after);
    let mut found = newest_first.filter(|(id, item)| before(id) && wanted(item));
    let shown = found.by_ref().take(page.limit).map(|(_, item)| json(item)).collect();
    (shown, found.next().is_some())
}
