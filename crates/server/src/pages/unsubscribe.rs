//! The page behind "no more such mails": opened it asks, and a POST to its address ends them, which mail programs send by themselves
//! (RFC 8058). It has no script, reads no cookie, and takes nothing from the body.

use axum::extract::{Query, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::middleware::map_response;
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use domain::notices::Kind;
use platform::http::Problem;
use platform::messages::{Locale, Messages};
use serde::Deserialize;

use super::authorize::escape;
use crate::app::App;
use crate::notify::api::{end_mails, ends_mails_of};

const PAGE: &str = include_str!("unsubscribe.html");
const POLICY: &str =
    "default-src 'none'; style-src 'self'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'";

/// What the page says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Says {
    /// Whether mails of the kind are to end.
    Ask(Kind),
    /// They have ended.
    Done(Kind),
    /// The link is none of ours, or its account is gone.
    Unknown,
}

#[derive(Deserialize)]
struct Asked {
    #[serde(default)]
    token: String,
}

/// The page.
pub(super) fn routes() -> Router<App> {
    Router::new().route("/unsubscribe", get(ask).post(end)).layer(map_response(with_policy))
}

async fn ask(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    Query(Asked { token }): Query<Asked>,
) -> Response {
    let says = ends_mails_of(&app, &token).map_or(Says::Unknown, Says::Ask);
    answer(says, &app.messages, locale)
}

async fn end(
    State(app): State<App>,
    Extension(locale): Extension<Locale>,
    Query(Asked { token }): Query<Asked>,
) -> Result<Response, Problem> {
    let says = end_mails(&app, &token).await?.map_or(Says::Unknown, Says::Done);
    Ok(answer(says, &app.messages, locale))
}

fn answer(says: Says, messages: &Messages, locale: Locale) -> Response {
    let status = if says == Says::Unknown { StatusCode::NOT_FOUND } else { StatusCode::OK };
    (status, Html(page(says, messages, locale))).into_response()
}

/// Nothing of the request is written into it.
fn page(says: Says, messages: &Messages, locale: Locale) -> String {
    let of = |id: &str, kind: Option<Kind>| {
        let kind = kind.map(|kind| messages.text(locale, &kind_key(kind), &[]));
        let args: Vec<_> = kind.into_iter().map(|kind| ("kind", kind)).collect();
        escape(&messages.text(locale, id, &args))
    };
    let (text, form) = match says {
        Says::Ask(kind) => (of("unsubscribe-ask", Some(kind)), form(&of("unsubscribe-end", None))),
        Says::Done(kind) => (of("unsubscribe-done", Some(kind)), String::new()),
        Says::Unknown => (of("unsubscribe-unknown", None), String::new()),
    };
    PAGE.replace("{lang}", locale.tag())
        .replace("{title}", &of("unsubscribe-title", None))
        .replace("{text}", &text)
        .replace("{form}", &form)
}

/// It is sent to the address it stands at, token included.
fn form(button: &str) -> String {
    format!(
        "  <form method=\"post\"><input type=\"hidden\" name=\"List-Unsubscribe\" value=\"One-Click\"><button>{button}</button></form>\n"
    )
}

/// The words for a kind in the catalogue.
fn kind_key(kind: Kind) -> String {
    format!("unsubscribe-kind-{}", kind.as_str().replace('_', "-"))
}

async fn with_policy(mut response: Response) -> Response {
    let headers = response.headers_mut();
    headers.insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
    headers.insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_kind_that_can_end_has_its_words_in_every_language() {
        let messages = crate::app::messages().expect("texts");
        for (kind, locale) in Kind::ALL.into_iter().flat_map(|kind| Locale::ALL.map(|locale| (kind, locale)))
        {
            assert_eq!(messages.has(locale, &kind_key(kind)), !kind.is_owed(), "{kind:?}");
            for says in [Says::Ask(kind), Says::Done(kind), Says::Unknown] {
                let page = page(says, &messages, locale);
                assert!(!page.contains(['{', '}']), "{page}");
                assert_eq!(page.contains("<form"), matches!(says, Says::Ask(_)), "{page}");
            }
        }
    }
}
