//! Other hosts that the page has to do with, as its policies name them (Content Security Policy level 3; Permissions Policy; the HTML
//! standard's cross-origin opener policies).

use std::iter;

use axum::http::header::{HeaderName, HeaderValue};

use crate::http::headers::NO_DEVICES;

/// Hosts by scheme, name and port, such as `https://js.example` or `https://*.js.example`. What would say anything else in a policy is left
/// out.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Guests {
    /// Whom the page's scripts may ask.
    pub asked: Vec<String>,
    /// Whose scripts run in the page.
    pub scripts: Vec<String>,
    /// Whose pages may stand in frames in it.
    pub frames: Vec<String>,
    /// Whose frames may ask the browser for a payment, and the page with them.
    pub payers: Vec<String>,
}

impl Guests {
    /// The page's policy with them in it, of one that lets this host in alone; none where that is no header.
    pub(super) fn policy(&self, alone: &str) -> Option<HeaderValue> {
        let mut policy = alone.to_owned();
        for (kind, names) in [("connect-src", &self.asked), ("script-src", &self.scripts)] {
            let own = format!("{kind} 'self'");
            policy = policy.replace(&own, &with(&own, names.iter().filter(|name| is_host(name))));
        }
        // Frames are named where there are any: else the policy's default says that there are none.
        if self.frames().next().is_some() {
            policy.push_str(&with("; frame-src", self.frames()));
        }
        HeaderValue::from_str(&policy).ok()
    }

    /// Whose frames there are.
    pub(super) fn frames(&self) -> impl Iterator<Item = &String> {
        self.frames.iter().filter(|name| is_host(name))
    }

    /// Other headers of a page that has them.
    pub(super) fn headers(&self) -> Vec<(HeaderName, HeaderValue)> {
        let payers: Vec<String> =
            self.payers.iter().filter(|name| is_host(name)).map(|name| format!(" \"{name}\"")).collect();
        if payers.is_empty() {
            return Vec::new();
        }
        let permissions = NO_DEVICES.replace("payment=()", &format!("payment=(self{})", payers.concat()));
        // A wallet's window that a frame opens must find its way back to it, which `same-origin` cuts off for frames of others.
        [
            ("permissions-policy", HeaderValue::from_str(&permissions).ok()),
            ("cross-origin-opener-policy", Some(HeaderValue::from_static("same-origin-allow-popups"))),
        ]
        .into_iter()
        .filter_map(|(name, value)| Some((HeaderName::from_static(name), value?)))
        .collect()
    }
}

/// A directive with more names in it.
fn with<'a>(directive: &'a str, names: impl Iterator<Item = &'a String>) -> String {
    iter::once(directive).chain(names.map(String::as_str)).collect::<Vec<_>>().join(" ")
}

/// Whether a text names hosts and says nothing else: no other directive, no keyword, and a star for names below another alone.
fn is_host(name: &str) -> bool {
    let Some(host) = ["https://", "http://"].iter().find_map(|scheme| name.strip_prefix(scheme)) else {
        return false;
    };
    let host = host.strip_prefix("*.").unwrap_or(host);
    !host.is_empty() && host.bytes().all(|byte| byte.is_ascii_alphanumeric() || b"-.:[]".contains(&byte))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALONE: &str = "default-src 'none'; script-src 'self'; connect-src 'self'; frame-ancestors 'none'";

    fn policy(guests: &Guests) -> String {
        guests.policy(ALONE).expect("a header").to_str().expect("a text").to_owned()
    }

    fn names(names: &[&str]) -> Vec<String> {
        names.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn each_is_let_in_for_what_it_is_named_for() {
        assert_eq!(policy(&Guests::default()), ALONE);
        let asked = Guests { asked: names(&["http://127.0.0.1:8090"]), ..Guests::default() };
        assert_eq!(
            policy(&asked),
            ALONE.replace("connect-src 'self'", "connect-src 'self' http://127.0.0.1:8090")
        );
        assert!(asked.headers().is_empty());
        let paid = Guests {
            scripts: names(&["https://js.example", "https://*.js.example"]),
            frames: names(&["https://js.example", "https://bank.example"]),
            ..Guests::default()
        };
        assert_eq!(
            policy(&paid),
            "default-src 'none'; script-src 'self' https://js.example https://*.js.example; connect-src 'self'; frame-ancestors 'none'; \
             frame-src https://js.example https://bank.example"
        );
    }

    #[test]
    fn what_is_no_host_is_left_out() {
        for wrong in [
            "",
            "*",
            "https://",
            "https://*",
            "https:",
            "'unsafe-inline'",
            "data:",
            "https://one.example https://two.example",
            "https://one.example; script-src 'unsafe-inline'",
            "https://one.example\n",
            "https://one.example\"",
        ] {
            let named = || names(&[wrong]);
            let guests = Guests { asked: named(), scripts: named(), frames: named(), payers: named() };
            assert_eq!(policy(&guests), ALONE, "{wrong}");
            assert!(guests.headers().is_empty(), "{wrong}");
        }
    }

    #[test]
    fn a_payment_is_asked_for_by_the_page_and_by_whom_it_names() {
        let guests =
            Guests { payers: names(&["https://js.example", "https://*.js.example"]), ..Guests::default() };
        let [(_, permissions), _] = guests.headers().try_into().expect("two headers");
        let permissions = permissions.to_str().expect("a text").to_owned();
        assert!(
            permissions.contains("payment=(self \"https://js.example\" \"https://*.js.example\")"),
            "{permissions}"
        );
        assert!(permissions.contains("camera=()"), "{permissions}");
    }
}
