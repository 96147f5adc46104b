//! The page that links to boarding passes open.

use axum::extract::State;
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse};
use axum::routing::get;
use axum::{Extension, Router};
use platform::messages::Locale;

use super::authorize::kind;
use crate::app::App;

const PAGE: &str = include_str!("pass.html");
/// Words of the page, as they stand in it and in the message catalogue.
const WORDS: [&str; 16] = [
    "title",
    "trouble",
    "none",
    "offline",
    "cancelled",
    "name",
    "flight",
    "boarding",
    "departs",
    "gate",
    "seat",
    "apple",
    "google",
    "apple_self_test",
    "google_self_test",
    "needs_script",
];

/// Where the page says that no telephone takes what is made for Apple's wallet.
const APPLE_NOTE: &str = r#"<p id="apple-self-test" hidden>"#;

/// The page and its script.
pub(super) fn routes() -> Router<App> {
    Router::new()
        .route("/pass", get(page))
        .route("/pass.js", get(script))
        .layer(map_response(super::with_policy))
}

/// The page in the visitor's language. Nothing of the request is written into it.
async fn page(State(app): State<App>, Extension(locale): Extension<Locale>) -> impl IntoResponse {
    let page = super::filled(PAGE, "pass-page", &WORDS, &app.messages, locale);
    // Each wallet is configured by itself. How a link of Google's is signed comes with the pass.
    let shown = APPLE_NOTE.replace(" hidden", "");
    Html(if app.wallets.apple_is_self_test() { page.replacen(APPLE_NOTE, &shown, 1) } else { page })
}

async fn script() -> impl IntoResponse {
    (kind("text/javascript; charset=utf-8"), include_str!("pass.js"))
}

#[cfg(test)]
mod tests {
    use super::{APPLE_NOTE, PAGE, WORDS};

    #[test]
    fn each_word_of_the_page_is_filled_in() {
        crate::pages::tests::assert_filled_in(PAGE, "pass-page", &WORDS);
        assert_eq!(PAGE.matches(APPLE_NOTE).count(), 1);
    }
}
