//! What a browser should fetch together with the page. The page is the same for every address; which scripts and texts come next depends on the
//! address and the language, and the page's own script would find out only when it runs. A `Link` header says so with the page (RFC 8288, link
//! type `modulepreload` of the HTML standard), and a CDN may say it even before (103, RFC 8297).

use std::collections::HashMap;

use axum::http::HeaderValue;
use axum::http::header::{ACCEPT_LANGUAGE, HeaderMap};

use crate::messages::Locale;

/// The file that the app's build writes: `{"en": {"/trips/$id": ["/assets/trip-1.js", …], …}, …}`.
pub(super) const FILE: &str = "/early.json";

/// For each language, the patterns of addresses and their headers.
#[derive(Debug, Default)]
pub(super) struct Early(HashMap<Locale, Vec<(Pattern, HeaderValue)>>);

/// The parts of an address; one that begins with `$` stands for any.
type Pattern = Vec<String>;

impl Early {
    /// Reads what the build wrote; nothing where that cannot be read, since the app works without.
    pub(super) fn read(content: &[u8]) -> Self {
        let read: HashMap<String, HashMap<String, Vec<String>>> =
            serde_json::from_slice(content).unwrap_or_default();
        let of_language = |screens: HashMap<String, Vec<String>>| {
            let entry = |(address, files): (String, Vec<String>)| {
                let links: Vec<_> = files.iter().map(|file| format!("<{file}>; rel=modulepreload")).collect();
                Some((parts(&address).map(str::to_owned).collect(), links.join(", ").parse().ok()?))
            };
            // What is spelled out goes before what stands for any: `/support/new` is no ticket.
            let mut entries: Vec<(Pattern, HeaderValue)> = screens.into_iter().filter_map(entry).collect();
            entries.sort_by_cached_key(|(pattern, _)| {
                (pattern.iter().filter(|part| part.starts_with('$')).count(), pattern.clone())
            });
            entries
        };
        let languages =
            read.into_iter().filter_map(|(tag, screens)| Some((Locale::from_tag(&tag)?, screens)));
        Self(languages.map(|(locale, screens)| (locale, of_language(screens))).collect())
    }

    /// The header for the page at this address, in the language the browser asks for. Who has chosen another one fetches a file too many.
    pub(super) fn links(&self, path: &str, headers: &HeaderMap) -> Option<HeaderValue> {
        let language = headers.get(ACCEPT_LANGUAGE).and_then(|value| value.to_str().ok());
        let screens = self.0.get(&language.map_or(Locale::En, Locale::negotiate))?;
        let fits = |pattern: &Pattern| {
            pattern.len() == parts(path).count()
                && pattern.iter().zip(parts(path)).all(|(want, part)| want.starts_with('$') || want == part)
        };
        screens.iter().find(|(pattern, _)| fits(pattern)).map(|(_, links)| links.clone())
    }
}

fn parts(path: &str) -> impl Iterator<Item = &str> {
    path.split('/').filter(|part| !part.is_empty())
}

#[cfg(test)]
mod tests {
    use super::*;

    const CONTENT: &[u8] = br#"{
        "en": {"/": ["/assets/home-1.js", "/assets/en-1.js"], "/support/$id": ["/assets/thread-1.js"], "/support/new": ["/assets/new-1.js"]},
        "hi": {"/": ["/assets/home-1.js", "/assets/hi-1.js"]}
    }"#;

    #[test]
    fn each_address_and_language_has_its_files() {
        let early = Early::read(CONTENT);
        for (path, language, links) in [
            ("/", "en-IN", "</assets/home-1.js>; rel=modulepreload, </assets/en-1.js>; rel=modulepreload"),
            (
                "/",
                "hi-IN,en;q=0.5",
                "</assets/home-1.js>; rel=modulepreload, </assets/hi-1.js>; rel=modulepreload",
            ),
            ("/support/new", "", "</assets/new-1.js>; rel=modulepreload"),
            ("/support/tkt_1", "", "</assets/thread-1.js>; rel=modulepreload"),
            ("/support/tkt_1/", "", "</assets/thread-1.js>; rel=modulepreload"),
            ("/support", "", ""),
            ("/support/tkt_1/x", "", ""),
            ("/support/new", "hi", ""),
        ] {
            let headers = HeaderMap::from_iter([(ACCEPT_LANGUAGE, language.parse().expect("a value"))]);
            let found = early.links(path, &headers);
            let found = found.as_ref().map_or("", |value| value.to_str().expect("a text"));
            assert_eq!(found, links, "{path} {language}");
        }
    }

    #[test]
    fn without_what_the_build_says_nothing_is_fetched_early() {
        for content in [&b""[..], b"[]", b"{\"en\": 1}"] {
            assert!(Early::read(content).links("/", &HeaderMap::new()).is_none());
        }
    }
}
