//! A web app that is a set of files: packed beforehand, kept by browsers as long as they are good, and one page for every address of its own.

mod early;
mod guests;

use std::collections::HashMap;
use std::fmt::Write;

use axum::body::Body;
use axum::http::header::{self, HeaderMap, HeaderName, HeaderValue};
use axum::http::{Method, Response, StatusCode};
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use sha2::{Digest, Sha256};

use self::early::Early;
pub use self::guests::Guests;

/// One file, as it is and packed.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Its address: `/assets/main-4f2a.js`.
    pub path: &'static str,
    /// As it is.
    pub plain: &'static [u8],
    /// Packed with brotli, where that is smaller.
    pub brotli: Option<&'static [u8]>,
    /// Packed with gzip, where that is smaller.
    pub gzip: Option<&'static [u8]>,
}

const PAGE: &str = "/index.html";
/// The app's service worker, which has a policy of its own: one that forbade it to fetch would keep it from keeping anything
/// (Content Security Policy level 3, section 4.2.3: a worker's policy is that of its script).
const WORKER: &str = "/sw.js";
const WORKERS_POLICY: HeaderValue =
    HeaderValue::from_static("default-src 'none'; script-src 'self'; connect-src 'self'");
/// What stands here has a hash of its content in its name: another content, another address.
const HASHED: &str = "/assets/";
const RESOURCE_POLICY: HeaderName = HeaderName::from_static("cross-origin-resource-policy");
const FOREVER: HeaderValue = HeaderValue::from_static("public, max-age=31536000, immutable");
const ASK_EACH_TIME: HeaderValue = HeaderValue::from_static("no-cache");
/// Addresses below which there is never a screen of the app, so that what is not there is said to be absent.
const NOT_SCREENS: &[&str] = &["api", "oauth", "auth", ".well-known", "dev", "healthz", "readyz", "assets"];

/// The files, ready to be answered with.
#[derive(Debug)]
pub struct Site {
    files: HashMap<&'static str, Kept>,
    policy: HeaderValue,
    /// Headers of a page that lets guests in, in the place of those that every answer has.
    instead: Vec<(HeaderName, HeaderValue)>,
    /// Whether frames of guests use our fonts.
    lends_fonts: bool,
    early: Early,
}

#[derive(Debug)]
struct Kept {
    file: File,
    /// A hash of the content, without the quotation marks of an entity tag.
    hash: String,
}

impl Site {
    /// None where there is no page among the files: nothing was built.
    pub fn new(files: &'static [File]) -> Option<Self> {
        let kept = |file: &File| (file.path, Kept { file: *file, hash: short_hash(file.plain) });
        let files: HashMap<_, _> = files.iter().map(kept).collect();
        let page = std::str::from_utf8(files.get(PAGE)?.file.plain).ok()?;
        let policy = HeaderValue::from_str(&policy_of(page)).ok()?;
        let early = files.get(early::FILE).map(|kept| Early::read(kept.file.plain)).unwrap_or_default();
        Some(Self { files, policy, instead: Vec::new(), lends_fonts: false, early })
    }

    /// Lets the page have to do with other hosts too.
    #[must_use]
    pub fn letting_in(mut self, guests: &Guests) -> Self {
        if let Some(policy) = guests.policy(self.policy.to_str().unwrap_or_default()) {
            self.policy = policy;
        }
        self.instead = guests.headers();
        self.lends_fonts = guests.frames().next().is_some();
        self
    }

    /// The answer to a request, or none if nothing of the app is there.
    pub fn answer(&self, method: &Method, path: &str, headers: &HeaderMap) -> Option<Response<Body>> {
        if !matches!(*method, Method::GET | Method::HEAD) {
            return None;
        }
        let name = if is_screen(path) { PAGE } else { path };
        let kept = self.files.get(name)?;
        let (bytes, encoding) = kept.file.packed_for(headers);
        let tag = format!("\"{}{}\"", kept.hash, encoding.map_or("", |name| &name[..1]));
        let known = headers.get(header::IF_NONE_MATCH).and_then(|value| value.to_str().ok());
        let unchanged =
            known.is_some_and(|tags| tags.split(',').any(|one| one.trim().trim_start_matches("W/") == tag));
        let body = if unchanged || method == Method::HEAD { Body::empty() } else { Body::from(bytes) };
        let mut response = Response::new(body);
        if unchanged {
            *response.status_mut() = StatusCode::NOT_MODIFIED;
        }
        let told = response.headers_mut();
        told.insert(header::CACHE_CONTROL, if name.starts_with(HASHED) { FOREVER } else { ASK_EACH_TIME });
        // The page's links go by the language as well.
        let varies = if name == PAGE { "Accept-Encoding, Accept-Language" } else { "Accept-Encoding" };
        told.insert(header::VARY, HeaderValue::from_static(varies));
        told.insert(header::ETAG, HeaderValue::from_str(&tag).ok()?);
        told.insert(header::CONTENT_TYPE, HeaderValue::from_static(kind_of(name)));
        match name {
            PAGE => told.insert(header::CONTENT_SECURITY_POLICY, self.policy.clone()),
            WORKER => told.insert(header::CONTENT_SECURITY_POLICY, WORKERS_POLICY),
            _ => None,
        };
        if name == PAGE {
            told.extend(self.instead.iter().cloned());
        }
        if self.lends_fonts && kind_of(name) == "font/woff2" {
            told.insert(header::ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
            told.insert(RESOURCE_POLICY, HeaderValue::from_static("cross-origin"));
        }
        if name == PAGE
            && let Some(links) = self.early.links(path, headers)
        {
            told.insert(header::LINK, links);
        }
        if !unchanged {
            told.insert(header::CONTENT_LENGTH, HeaderValue::from(bytes.len()));
            if let Some(encoding) = encoding {
                told.insert(header::CONTENT_ENCODING, HeaderValue::from_static(encoding));
            }
        }
        Some(response)
    }
}

impl File {
    /// The smallest form that the client understands, and what that form is called.
    fn packed_for(&self, headers: &HeaderMap) -> (&'static [u8], Option<&'static str>) {
        let accepted = |wanted: &str| {
            let values =
                headers.get_all(header::ACCEPT_ENCODING).iter().filter_map(|value| value.to_str().ok());
            values.flat_map(|value| value.split(',')).any(|one| {
                let mut parts = one.split(';').map(str::trim);
                let is_named = parts.next().is_some_and(|name| name.eq_ignore_ascii_case(wanted));
                // A weight of nothing forbids it (RFC 9110 section 12.4.2).
                is_named && !parts.any(|weight| weight.trim_start_matches("q=").parse() == Ok(0.0_f32))
            })
        };
        match (self.brotli, self.gzip) {
            (Some(bytes), _) if accepted("br") => (bytes, Some("br")),
            (_, Some(bytes)) if accepted("gzip") => (bytes, Some("gzip")),
            _ => (self.plain, None),
        }
    }
}

/// Whether an address is one of the app's screens: no file's name at its end, and nobody else's.
fn is_screen(path: &str) -> bool {
    let mut parts = path.split('/').skip(1);
    let first = parts.next().unwrap_or("");
    let last = path.rsplit('/').next().unwrap_or("");
    !NOT_SCREENS.contains(&first) && !last.contains('.')
}

fn kind_of(name: &str) -> &'static str {
    match name.rsplit('.').next().unwrap_or("") {
        "html" => "text/html; charset=utf-8",
        "js" => "text/javascript; charset=utf-8",
        "css" => "text/css; charset=utf-8",
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "woff2" => "font/woff2",
        "json" => "application/json",
        "webmanifest" => "application/manifest+json",
        "txt" => "text/plain; charset=utf-8",
        _ => "application/octet-stream",
    }
}

/// Twelve bytes in hexadecimal: enough that two releases never share it by chance.
fn short_hash(content: &[u8]) -> String {
    Sha256::digest(content).iter().take(12).fold(String::new(), |mut text, byte| {
        // Writing into a text cannot fail.
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// The page runs scripts of this host alone, and no style but those that stand in it, each named by its hash (CSP level 3, section 2.3.1).
fn policy_of(page: &str) -> String {
    let styles: String = page
        .split("<style")
        .skip(1)
        .filter_map(|rest| rest.split_once('>')?.1.split("</style>").next())
        .map(|style| format!(" 'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(style))))
        .collect();
    format!(
        "default-src 'none'; script-src 'self'; style-src 'self'{styles}; img-src 'self' data:; font-src 'self'; \
         connect-src 'self'; manifest-src 'self'; worker-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use axum::http::HeaderName;

    use super::*;

    const FILES: &[File] = &[
        File {
            path: "/index.html",
            plain: b"<style>a{}</style><style id=\"b\">b{}</style>",
            brotli: Some(b"br"),
            gzip: Some(b"gzip"),
        },
        File { path: "/assets/main-1.js", plain: b"run()", brotli: Some(b"r"), gzip: None },
        File { path: "/assets/letters-1.woff2", plain: b"abc", brotli: None, gzip: None },
        File { path: "/sw.js", plain: b"work()", brotli: None, gzip: None },
        File {
            path: "/early.json",
            plain: br#"{"en": {"/": ["/assets/main-1.js"]}}"#,
            brotli: None,
            gzip: None,
        },
    ];

    fn ask(path: &str, headers: &[(HeaderName, &str)]) -> Option<Response<Body>> {
        let headers =
            headers.iter().map(|(name, value)| (name.clone(), value.parse().expect("a value"))).collect();
        Site::new(FILES).expect("a page").answer(&Method::GET, path, &headers)
    }

    fn told<'a>(response: &'a Response<Body>, name: &HeaderName) -> &'a str {
        response.headers().get(name).map_or("", |value| value.to_str().expect("a text"))
    }

    #[test]
    fn no_page_is_no_site() {
        assert!(Site::new(&[]).is_none());
    }

    #[test]
    fn guests_are_in_the_headers_of_the_page_and_of_fonts_alone() {
        let site = || Site::new(FILES).expect("a page");
        let stripe = || "https://js.stripe.example".to_owned();
        let guests = Guests { frames: vec![stripe()], payers: vec![stripe()], ..Guests::default() };
        let headers = |site: &Site, path: &str| {
            let answer = site.answer(&Method::GET, path, &HeaderMap::new()).expect("a file");
            [
                "content-security-policy",
                "permissions-policy",
                "cross-origin-opener-policy",
                "access-control-allow-origin",
            ]
            .map(|name| told(&answer, &HeaderName::from_static(name)).to_owned())
        };
        let (alone, open) = (site(), site().letting_in(&guests));
        let [policy, permissions, opener, _] = headers(&open, "/results");
        assert!(policy.contains("; frame-src https://js.stripe.example"), "{policy}");
        assert!(permissions.contains("payment=(self \"https://js.stripe.example\")"), "{permissions}");
        assert_eq!(opener, "same-origin-allow-popups");
        assert_eq!(headers(&open, "/assets/letters-1.woff2")[3], "*");
        for path in ["/sw.js", "/assets/main-1.js"] {
            assert_eq!(headers(&open, path), headers(&alone, path), "{path}");
        }
        assert_eq!(headers(&alone, "/assets/letters-1.woff2"), [const { String::new() }; 4]);
        assert_eq!(headers(&site().letting_in(&Guests::default()), "/"), headers(&alone, "/"));
        assert_eq!(headers(&alone, "/")[1..], ["", "", ""]);
    }

    #[test]
    fn each_screen_is_the_page_and_nothing_else_is() {
        for path in ["/", "/results", "/trips/bkg_1", "/bookings/bkg_1/pay", "/payments/pay_1"] {
            assert_eq!(
                told(&ask(path, &[]).expect(path), &header::CONTENT_TYPE),
                "text/html; charset=utf-8",
                "{path}"
            );
        }
        for path in [
            "/api/v1/nothing",
            "/api",
            "/assets/main-2.js",
            "/assets/x",
            "/favicon.ico",
            "/oauth/x",
            "/dev/x",
            "/.well-known/x",
        ] {
            assert!(ask(path, &[]).is_none(), "{path}");
        }
        let post = Site::new(FILES).expect("a page").answer(&Method::POST, "/", &HeaderMap::new());
        assert!(post.is_none());
    }

    #[test]
    fn what_has_its_hash_in_its_name_is_kept_for_ever_and_the_rest_is_asked_for() {
        let asset = ask("/assets/main-1.js", &[]).expect("a file");
        assert_eq!(told(&asset, &header::CACHE_CONTROL), "public, max-age=31536000, immutable");
        for path in ["/", "/sw.js"] {
            assert_eq!(told(&ask(path, &[]).expect("a file"), &header::CACHE_CONTROL), "no-cache");
        }
    }

    #[test]
    fn the_smallest_form_that_is_understood_is_sent() {
        for (accepted, encoding, length) in [
            ("gzip, deflate, br", "br", "2"),
            ("gzip", "gzip", "4"),
            ("br;q=0, gzip", "gzip", "4"),
            ("identity", "", "43"),
        ] {
            let page = ask("/", &[(header::ACCEPT_ENCODING, accepted)]).expect("a page");
            assert_eq!(told(&page, &header::CONTENT_ENCODING), encoding, "{accepted}");
            assert_eq!(told(&page, &header::CONTENT_LENGTH), length, "{accepted}");
            assert_eq!(told(&page, &header::VARY), "Accept-Encoding, Accept-Language");
        }
    }

    #[test]
    fn what_is_known_is_not_sent_again_and_each_form_has_a_tag_of_its_own() {
        let br = (header::ACCEPT_ENCODING, "br");
        let page = ask("/", std::slice::from_ref(&br)).expect("a page");
        let tag = told(&page, &header::ETAG).to_owned();
        assert_ne!(tag, told(&ask("/", &[]).expect("a page"), &header::ETAG));
        for known in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag}")] {
            let again = ask("/", &[br.clone(), (header::IF_NONE_MATCH, &known)]).expect("a page");
            assert_eq!(again.status(), StatusCode::NOT_MODIFIED, "{known}");
            assert!(!told(&again, &header::CONTENT_SECURITY_POLICY).is_empty());
        }
        assert_eq!(
            ask("/", &[br, (header::IF_NONE_MATCH, "\"x\"")]).expect("a page").status(),
            StatusCode::OK
        );
    }

    #[test]
    fn the_page_says_what_its_screen_needs() {
        for (path, links) in
            [("/", "</assets/main-1.js>; rel=modulepreload"), ("/trips", ""), ("/assets/main-1.js", "")]
        {
            assert_eq!(told(&ask(path, &[]).expect(path), &header::LINK), links, "{path}");
        }
        assert!(Site::new(&FILES[..4]).expect("a page").early.links("/", &HeaderMap::new()).is_none());
    }

    #[test]
    fn the_service_worker_may_fetch_from_this_host_and_a_script_need_not() {
        let policy =
            |path| told(&ask(path, &[]).expect("a file"), &header::CONTENT_SECURITY_POLICY).to_owned();
        assert_eq!(policy("/sw.js"), "default-src 'none'; script-src 'self'; connect-src 'self'");
        assert_eq!(policy("/assets/main-1.js"), "");
    }

    #[test]
    fn the_policy_names_each_style_of_the_page_by_its_hash() {
        let page = ask("/", &[]).expect("a page");
        let policy = told(&page, &header::CONTENT_SECURITY_POLICY);
        for style in ["a{}", "b{}"] {
            assert!(
                policy.contains(&format!("'sha256-{}'", BASE64_STANDARD.encode(Sha256::digest(style)))),
                "{policy}"
            );
        }
        assert!(!policy.contains("unsafe"), "{policy}");
    }
}
