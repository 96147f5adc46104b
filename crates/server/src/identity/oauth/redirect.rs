//! Where a browser may be sent back to: the address a client filed, character by character (RFC 9700 section 2.1).

use url::{Host, Url};

const LONGEST: usize = 2_000;

/// Whether a client may file it: https; a private-use scheme with a dot, for apps on devices (RFC 8252 section 7.1); or http on
/// the loopback address itself (section 7.3). No fragment, no user.
pub(super) fn may_be_filed(text: &str) -> bool {
    let Ok(url) = Url::parse(text) else { return false };
    let plain = text.len() <= LONGEST
        && url.fragment().is_none()
        && url.username().is_empty()
        && url.password().is_none();
    let place = match url.scheme() {
        "https" => url.host_str().is_some_and(|host| !host.is_empty()),
        "http" => is_loopback(&url),
        scheme => scheme.contains('.'),
    };
    plain && place && !text.contains('*')
}

fn is_loopback(url: &Url) -> bool {
    match url.host() {
        Some(Host::Ipv4(address)) => address.is_loopback(),
        Some(Host::Ipv6(address)) => address.is_loopback(),
        Some(Host::Domain(_)) | None => false,
    }
}

/// Whether it is one of those filed; at the loopback address an app listens wherever there is room, so any port will do there.
pub(super) fn fits(asked: &str, filed: &[String]) -> bool {
    if filed.iter().any(|one| one == asked) {
        return true;
    }
    let Some(asked) = without_port(asked) else { return false };
    filed.iter().filter_map(|one| without_port(one)).any(|one| one == asked)
}

/// The address without its port, if it is a loopback one over http.
fn without_port(text: &str) -> Option<Url> {
    let mut url = Url::parse(text).ok().filter(|url| url.scheme() == "http" && is_loopback(url))?;
    // What the parser tidied up was not what was filed.
    let written = url.as_str() == text || url.as_str().trim_end_matches('/') == text;
    if !written || !url.username().is_empty() || url.password().is_some() || url.fragment().is_some() {
        return None;
    }
    url.set_port(None).ok()?;
    Some(url)
}

/// The address with parameters added to its query.
pub(super) fn with(uri: &str, pairs: &[(&str, &str)]) -> Option<String> {
    let mut url = Url::parse(uri).ok()?;
    url.query_pairs_mut().extend_pairs(pairs);
    Some(url.into())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_addresses_that_are_the_clients_own_are_filed() {
        for good in [
            "https://agency.example/back",
            "https://agency.example/back?from=udaan",
            "example.agency.app:/back",
            "http://127.0.0.1/back",
            "http://[::1]:8000/back",
        ] {
            assert!(may_be_filed(good), "{good}");
        }
        for bad in [
            "http://agency.example/back",
            "http://localhost/back",
            "https://agency.example/back#part",
            "https://user@agency.example/back",
            "https://*.agency.example/back",
            "javascript:alert(1)",
            "data:text/html,x",
            "agency",
            "/back",
            "",
        ] {
            assert!(!may_be_filed(bad), "{bad}");
        }
    }

    #[test]
    fn it_must_be_the_same_to_the_character_but_for_a_loopback_port() {
        let filed = ["https://agency.example/back".to_owned(), "http://127.0.0.1/back".to_owned()];
        assert!(fits("https://agency.example/back", &filed));
        assert!(fits("http://127.0.0.1:53211/back", &filed));
        for other in [
            "https://agency.example/back/",
            "https://agency.example/back?x=y",
            "https://agency.example:444/back",
            "https://agency.example/BACK",
            "https://agency.example/back/../back",
            "https://agency.example.attacker.example/back",
            "http://127.0.0.1:53211/other",
            "http://127.0.0.2:53211/back",
            "http://localhost:53211/back",
            "http://user@127.0.0.1:53211/back",
            "http://127.0.0.1:53211/x/../back",
        ] {
            assert!(!fits(other, &filed), "{other}");
        }
    }
}
