//! Headers that tell a browser what it may do with an answer. A handler that sets one itself keeps its own.

use axum::http::header::{self, HeaderName};
use axum::http::{HeaderMap, HeaderValue};

/// What an answer that is no page may do in a browser: nothing at all.
const NO_PAGE: &str = "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// Devices and the like that no page of ours asks for.
pub(super) const NO_DEVICES: &str = "accelerometer=(), autoplay=(), camera=(), display-capture=(), geolocation=(), gyroscope=(), \
    magnetometer=(), microphone=(), midi=(), payment=(), usb=()";

static FIXED: [(HeaderName, &str); 8] = [
    (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    (header::X_FRAME_OPTIONS, "DENY"),
    (header::CONTENT_SECURITY_POLICY, NO_PAGE),
    (header::REFERRER_POLICY, "no-referrer"),
    (HeaderName::from_static("permissions-policy"), NO_DEVICES),
    (HeaderName::from_static("cross-origin-opener-policy"), "same-origin"),
    (HeaderName::from_static("cross-origin-resource-policy"), "same-origin"),
    // Nearly every answer is about somebody, or old a moment later. What may be kept says so.
    (header::CACHE_CONTROL, "no-store"),
];

/// The headers of every answer.
#[derive(Clone, Debug, Default)]
pub struct SecurityHeaders {
    transport: Option<HeaderValue>,
}

impl SecurityHeaders {
    /// Headers of a service that is reached at `public_url`. A browser that comes by https is told to come by nothing else for
    /// `hsts_seconds` (RFC 6797; 0: it is not told); over plain HTTP that would mean nothing, and is not said.
    pub fn new(public_url: &str, hsts_seconds: u64) -> Self {
        let told = public_url.starts_with("https://") && hsts_seconds > 0;
        let policy = || HeaderValue::from_str(&format!("max-age={hsts_seconds}; includeSubDomains")).ok();
        Self { transport: told.then(policy).flatten() }
    }

    /// Adds what is missing.
    pub fn add_to(&self, headers: &mut HeaderMap) {
        for (name, value) in &FIXED {
            headers.entry(name).or_insert(HeaderValue::from_static(value));
        }
        if let Some(transport) = &self.transport {
            headers.entry(header::STRICT_TRANSPORT_SECURITY).or_insert_with(|| transport.clone());
        }
    }
}
