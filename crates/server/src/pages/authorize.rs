//! The page at which an account's owner decides about a program.

use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Extension, Router};
use platform::messages::Locale;
use serde_json::{Map, Value};

use crate::access::scopes;
use crate::app::App;

const PAGE: &str = include_str!("authorize.html");
/// Words of the page, as they stand in it and in the message catalogue.
const WORDS: [&str; 17] = [
    "title",
    "trouble",
    "back",
    "login_title",
    "email",
    "password",
    "login",
    "factor_title",
    "code",
    "go_on",
    "passkey",
    "with",
    "asks",
    "end_it",
    "allow",
    "deny",
    "needs_script",
];

/// The page and its files.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/oauth/authorize", get(page))
        .route("/oauth/authorize.css", get(style))
        .route("/oauth/authorize.js", get(script))
        .layer(map_response(super::with_policy))
}

/// The page in the visitor's language. Nothing of the request is written into it.
async fn page(State(app): State<App>, Extension(locale): Extension<Locale>) -> impl IntoResponse {
    let word =
        |name: &str| app.messages.text(locale, &format!("authorize-{}", name.replace(['_', ':'], "-")), &[]);
    let scopes: Map<String, Value> = scopes::all()
        .filter(|scope| scopes::is_users(scope))
        .map(|scope| (scope.to_owned(), word(&format!("scope-{scope}")).into()))
        .collect();
    let mut page = PAGE.replace("{lang}", locale.tag());
    for name in WORDS {
        page = page.replace(&format!("{{{name}}}"), &escape(&word(name)));
    }
    Html(page.replace("{scopes}", &escape(&Value::Object(scopes).to_string())))
}

/// Text as it may stand in HTML, quoted or not.
pub(super) fn escape(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
        .replace('\'', "&#39;")
}

async fn style() -> impl IntoResponse {
    (kind("text/css; charset=utf-8"), include_str!("authorize.css"))
}

async fn script() -> impl IntoResponse {
    (kind("text/javascript; charset=utf-8"), include_str!("authorize.js"))
}

pub(super) fn kind(kind: &'static str) -> HeaderMap {
    HeaderMap::from_iter([(header::CONTENT_TYPE, HeaderValue::from_static(kind))])
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_the_page_is_filled_in() {
        let mut page = PAGE.replace("{lang}", "en").replace("{scopes}", "{}");
        for name in WORDS {
            assert!(page.contains(&format!("{{{name}}}")), "{name}");
            page = page.replace(&format!("{{{name}}}"), "");
        }
        assert!(!page.replace("{}", "").contains('{'), "{page}");
    }
}
