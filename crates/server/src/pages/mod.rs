//! What a browser finds: the web app, or a page that says it was not built in; the document, and the page to browse it.

mod account;
mod authorize;
mod callback;
mod pass;
mod unsubscribe;

use std::sync::Arc;

use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use base64::Engine;
use base64::prelude::BASE64_STANDARD;
use platform::http::site::Site;
use platform::messages::{Locale, Messages};
use sha2::{Digest, Sha256};
use utoipa::openapi::OpenApi;
use utoipa_swagger_ui::{Config, SwaggerUi};

use crate::app::App;

const LANDING: &str = include_str!("landing.html");

/// Pages whose scripts and styles are files of ours: those, pictures they carry in themselves, and calls of this API.
const BROWSER_POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
    connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/// The pages; without the document and its page if `with_docs` is false.
pub(crate) fn routes(document: OpenApi, with_docs: bool) -> Router<App> {
    let pages = Router::new().merge(authorize::routes()).merge(account::routes()).merge(callback::routes());
    let pages = pages.merge(pass::routes()).merge(unsubscribe::routes());
    if with_docs { pages.merge(browser(document)) } else { pages }
}

/// The web app on every address that is nobody else's; without one, a page at `/` that says so.
pub(crate) fn web_app(site: Option<Site>) -> Router<App> {
    let Some(site) = site.map(Arc::new) else {
        return Router::new().route("/", get(landing)).fallback(|| async { StatusCode::NOT_FOUND });
    };
    Router::new().fallback(move |request: Request| async move {
        let found = site.answer(request.method(), request.uri().path(), request.headers());
        found.unwrap_or_else(|| StatusCode::NOT_FOUND.into_response())
    })
}

/// A page with its words in the visitor's language. A word stands in the page in braces and in the catalogue behind the page's name.
fn filled(page: &str, name: &str, words: &[&str], messages: &Messages, locale: Locale) -> String {
    let page = page.replace("{lang}", locale.tag());
    words.iter().fold(page, |page, word| {
        let text = messages.text(locale, &key_of(name, word), &[]);
        page.replace(&format!("{{{word}}}"), &authorize::escape(&text))
    })
}

/// The word of a page in the catalogue.
fn key_of(name: &str, word: &str) -> String {
    format!("{name}-{}", word.replace('_', "-"))
}

fn browser(document: OpenApi) -> Router<App> {
    // Swagger UI is embedded in the binary; the page loads nothing from elsewhere.
    let config = Config::new(["/api/openapi.json"])
        .try_it_out_enabled(true)
        .persist_authorization(true)
        .validator_url("none");
    let docs = SwaggerUi::new("/api/docs").url("/api/openapi.json", document).config(config);
    Router::new().merge(docs).layer(map_response(with_policy))
}

/// What a page of its own files may do, and that a browser asks for it each time: another release, another page.
async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(BROWSER_POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-cache"));
    response
}

async fn landing() -> impl IntoResponse {
    (
        [(header::CONTENT_SECURITY_POLICY, landing_policy()), (header::CACHE_CONTROL, "no-cache".to_owned())],
        Html(LANDING),
    )
}

/// Only the style that stands in the page, named by its hash (CSP level 3, section 2.3.1).
fn landing_policy() -> String {
    let style = LANDING.split("<style>").nth(1).and_then(|rest| rest.split("</style>").next()).unwrap_or("");
    let hash = BASE64_STANDARD.encode(Sha256::digest(style));
    format!(
        "default-src 'none'; style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Each word stands in the page and in the catalogue, and nothing else in the page waits to be filled in.
    #[track_caller]
    pub(super) fn assert_filled_in(page: &str, name: &str, words: &[&str]) {
        let messages = crate::app::messages().expect("texts");
        for word in words {
            assert!(page.contains(&format!("{{{word}}}")), "{word}");
            assert!(messages.has(Locale::En, &key_of(name, word)), "{word}");
        }
        let filled = filled(page, name, words, &messages, Locale::En);
        assert!(!filled.contains('{'), "{filled}");
    }
}
