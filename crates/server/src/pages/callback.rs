//! The page that providers send browsers back to.

use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Extension, Router};
use platform::messages::Locale;

use super::authorize::{escape, kind};
use crate::app::App;

const PAGE: &str = include_str!("callback.html");
/// Words of the page, as they stand in it and in the message catalogue.
const WORDS: [&str; 10] =
    ["title", "trouble", "none", "wait", "start", "factor_title", "code", "go_on", "passkey", "needs_script"];

/// The page and its script.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/auth/callback", get(page))
        .route("/auth/callback.js", get(script))
        .layer(map_response(super::with_policy))
}

/// The page in the visitor's language. Nothing of the request is written into it, and reading it changes nothing.
async fn page(State(app): State<App>, Extension(locale): Extension<Locale>) -> impl IntoResponse {
    let mut page = PAGE.replace("{lang}", locale.tag());
    for name in WORDS {
        let word = app.messages.text(locale, &format!("callback-{}", name.replace('_', "-")), &[]);
        page = page.replace(&format!("{{{name}}}"), &escape(&word));
    }
    Html(page)
}

async fn script() -> impl IntoResponse {
    (kind("text/javascript; charset=utf-8"), include_str!("callback.js"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_word_of_the_page_is_filled_in() {
        let messages = crate::app::messages().expect("texts");
        let mut page = PAGE.replace("{lang}", "en");
        for name in WORDS {
            assert!(page.contains(&format!("{{{name}}}")), "{name}");
            assert!(messages.has(Locale::En, &format!("callback-{}", name.replace('_', "-"))), "{name}");
            page = page.replace(&format!("{{{name}}}"), "");
        }
        assert!(!page.contains('{'), "{page}");
    }
}
