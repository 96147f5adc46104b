//! What a request carries to say who calls: a bearer token, or the cookie of a browser.
//!
//! A browser sends its cookie with whatever any page makes it ask, so a cookie counts only where the browser says that our own
//! page asked: `Sec-Fetch-Site`, or `Origin` where a browser does not send that, and for writes a header that no form can set
//! (OWASP, cross-site request forgery). A request with a bearer token needs none of this, and its cookies are not looked at.

use std::net::IpAddr;

use axum::extract::FromRequestParts;
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderName, Method, header};
use kernel::Category;
use platform::http::Problem;
use platform::http::client_address::ClientAddress;

/// The cookie. Its prefix makes browsers insist on HTTPS, on this very host and on every path (RFC 6265bis section 4.1.3.2).
pub const COOKIE: &str = "__Host-udaan";
/// The cookie by which a browser is known again; it signs nobody in.
pub(crate) const DEVICE_COOKIE: &str = "__Host-udaan-device";
/// The header that our web app sets on what it writes.
const OWN_HEADER: HeaderName = HeaderName::from_static("x-udaan-client");
const SITE: HeaderName = HeaderName::from_static("sec-fetch-site");
/// Longer than any name a program has for itself.
const AGENT_MAX: usize = 200;

/// What says who calls.
pub(crate) enum Carried<'a> {
    /// The token of `Authorization: Bearer …` (RFC 6750 section 2.1).
    Token(&'a str),
    /// What the cookie holds.
    Cookie(&'a str),
}

/// Reads it. Refusals: `unauthenticated`, and `cross_site` for a cookie that came from another site's page.
pub(crate) fn carried<'a>(
    headers: &'a HeaderMap,
    method: &Method,
    public_url: &str,
) -> Result<Carried<'a>, Problem> {
    let nobody = || Problem::new(Category::Unauthenticated, "unauthenticated");
    if let Some(value) = headers.get(header::AUTHORIZATION) {
        let (scheme, token) = value.to_str().ok().and_then(|text| text.split_once(' ')).ok_or_else(nobody)?;
        return if scheme.eq_ignore_ascii_case("bearer") {
            Ok(Carried::Token(token.trim()))
        } else {
            Err(nobody())
        };
    }
    let value = cookie(headers).ok_or_else(nobody)?;
    if from_our_page(headers, method.is_safe(), public_url) {
        Ok(Carried::Cookie(value))
    } else {
        Err(Problem::new(Category::Forbidden, "cross_site"))
    }
}

fn text(headers: &HeaderMap, name: impl header::AsHeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// The value of our cookie; if it stands there twice, somebody planted one, and neither counts.
pub(crate) fn cookie(headers: &HeaderMap) -> Option<&str> {
    cookie_named(headers, COOKIE)
}

/// The same of another name.
pub(crate) fn cookie_named<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let pairs = headers.get_all(header::COOKIE).iter().filter_map(|value| value.to_str().ok());
    let mut ours = pairs
        .flat_map(|pairs| pairs.split(';'))
        .filter_map(|pair| pair.trim().strip_prefix(name)?.strip_prefix('='));
    ours.next().filter(|_| ours.next().is_none())
}

/// Whether our own page asked, as far as the browser says; for what only reads, a person may have typed the address.
pub(crate) fn from_our_page(headers: &HeaderMap, only_reads: bool, public_url: &str) -> bool {
    let same_origin = match text(headers, SITE) {
        Some("same-origin") => true,
        Some("none") => only_reads,
        Some(_) => false,
        None => match text(headers, header::ORIGIN) {
            Some(origin) => origin == public_url.trim_end_matches('/'),
            None => only_reads,
        },
    };
    same_origin && (only_reads || headers.contains_key(OWN_HEADER))
}

/// What somebody signs in with, for the list of their sessions.
#[derive(Clone, Debug)]
pub struct Device {
    /// The client's address.
    pub address: IpAddr,
    /// What the program calls itself (`User-Agent`), shortened.
    pub agent: String,
}

impl<S: Send + Sync> FromRequestParts<S> for Device {
    type Rejection = Problem;

    async fn from_request_parts(parts: &mut Parts, _: &S) -> Result<Self, Problem> {
        let address = parts.extensions.get::<ClientAddress>().copied();
        let address =
            address.ok_or_else(|| Problem::internal(anyhow::anyhow!("the request has no client address")))?;
        let agent =
            text(&parts.headers, header::USER_AGENT).unwrap_or_default().chars().take(AGENT_MAX).collect();
        Ok(Self { address: address.0, agent })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const US: &str = "https://udaan.example/";

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs
            .iter()
            .map(|(name, value)| (HeaderName::from_static(name), value.parse().expect("a value")))
            .collect()
    }

    #[test]
    fn a_cookie_counts_only_when_our_own_page_asked() {
        let own = ("x-udaan-client", "web");
        for (pairs, reads, writes) in [
            (vec![("sec-fetch-site", "same-origin"), own], true, true),
            (vec![("sec-fetch-site", "same-origin")], true, false),
            (vec![("sec-fetch-site", "none"), own], true, false),
            (vec![("sec-fetch-site", "same-site"), own], false, false),
            (vec![("sec-fetch-site", "cross-site"), own], false, false),
            // What the browser says of the site outweighs an origin.
            (vec![("sec-fetch-site", "cross-site"), ("origin", "https://udaan.example"), own], false, false),
            (vec![("origin", "https://udaan.example"), own], true, true),
            (vec![("origin", "https://udaan.example")], true, false),
            (vec![("origin", "https://udaan.example.attacker.example"), own], false, false),
            (vec![("origin", "null"), own], false, false),
            (vec![own], true, false),
        ] {
            let found = headers(&pairs);
            assert_eq!(
                (from_our_page(&found, true, US), from_our_page(&found, false, US)),
                (reads, writes),
                "{pairs:?}"
            );
        }
    }

    #[test]
    fn a_planted_second_cookie_leaves_none() {
        assert_eq!(cookie(&headers(&[("cookie", "a=b; __Host-udaan=c; d=e")])), Some("c"));
        assert_eq!(cookie(&headers(&[("cookie", "__Host-udaan=c; __Host-udaan=d")])), None);
        assert_eq!(cookie(&headers(&[("cookie", "x__Host-udaan=c; __Host-udaanx=d")])), None);
        assert_eq!(cookie(&headers(&[])), None);
        let both = headers(&[("cookie", "__Host-udaan-device=d; __Host-udaan=c")]);
        assert_eq!((cookie(&both), cookie_named(&both, DEVICE_COOKIE)), (Some("c"), Some("d")));
    }
}
