//! `/dev/mailbox`: the mails of a demo that has no mail server, to be read in a browser on the machine itself.
//!
//! Mails open accounts. So the page is there in a demo that keeps its mails and nowhere else, and for whoever asks from the machine it
//! runs on by one of its own names: not through a proxy, and not for a foreign site whose name was made to lead here.

use std::fmt::Write;
use std::net::IpAddr;

use axum::extract::State;
use axum::http::uri::Authority;
use axum::http::{HeaderMap, HeaderValue, StatusCode, Uri, header};
use axum::response::{Html, IntoResponse, Response};
use axum::routing::get;
use axum::{Extension, Router};
use platform::config::Mode;
use platform::http::Problem;
use platform::http::client_address::ClientAddress;
use platform::messages::Locale;

use super::letter::escape;
use super::open::{Opened, open};
use super::store;
use crate::app::App;

const SHOWN: i64 = 50;
/// No script, no style, no picture: a mail is text here.
const POLICY: HeaderValue = HeaderValue::from_static(
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
);

/// The page.
pub(crate) fn page() -> Router<App> {
    Router::new().route("/dev/mailbox", get(mailbox))
}

async fn mailbox(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    Extension(locale): Extension<Locale>,
    headers: HeaderMap,
) -> Result<Response, Problem> {
    let keeps_mails = app.config.mode == Mode::Demo && !app.mailer.is_configured();
    // A proxy that says nothing of itself is known by the address it makes public.
    let is_for_here = host_is_here(&app.config.http.public_url);
    if !keeps_mails || !is_for_here || !is_here(address.0, &headers) {
        return Ok(StatusCode::NOT_FOUND.into_response());
    }
    let rows = store::list(&app.db.read().await?, None, None, SHOWN).await?;
    let mut mails = String::new();
    for row in &rows {
        if let Opened::Says(to, written) = open(&app, &row.mail).await? {
            let files: String = written.attachments.iter().map(|file| format!(" [{}]", file.name)).collect();
            let head = format!("{} → {to}{files}", row.created_at);
            let (subject, text) = (escape(&written.subject), linked(&written.text));
            // Writing into a text cannot fail.
            let _ = writeln!(
                mails,
                "<article><h2>{subject}</h2><p><small>{}</small></p><pre>{text}</pre></article>",
                escape(&head)
            );
        }
    }
    let words = |id| escape(&app.messages.text(locale, id, &[]));
    let (title, empty) = (words("mailbox-title"), words("mailbox-empty"));
    let body = if mails.is_empty() { format!("<p>{empty}</p>") } else { mails };
    let page = format!(
        "<!doctype html>\n<html lang=\"{}\"><head><meta charset=\"utf-8\"><title>{title}</title></head>\n<body><h1>{title}</h1>\n{body}</body></html>\n",
        locale.tag()
    );
    let kept = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::CACHE_CONTROL, HeaderValue::from_static("no-store")),
    ];
    Ok((kept, Html(page)).into_response())
}

/// Whether somebody on this machine asks, with no proxy between, and by a name of this machine.
fn is_here(address: IpAddr, headers: &HeaderMap) -> bool {
    let of_a_proxy =
        ["forwarded", "via", "x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "x-real-ip"];
    let forwarded = of_a_proxy.iter().any(|name| headers.contains_key(*name));
    let named = headers.get(header::HOST).and_then(|host| host.to_str().ok()?.parse::<Authority>().ok());
    address.is_loopback() && !forwarded && named.is_some_and(|named| is_own(named.host()))
}

/// Whether the address of the service is one of this machine alone.
fn host_is_here(public_url: &str) -> bool {
    let uri = public_url.parse::<Uri>();
    uri.is_ok_and(|uri| uri.host().is_some_and(is_own))
}

/// A name of this machine that no other machine has for it.
fn is_own(host: &str) -> bool {
    host.eq_ignore_ascii_case("localhost")
        || host.trim_matches(['[', ']']).parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
}

/// The text with its links to follow.
fn linked(text: &str) -> String {
    let line = |line: &str| match line {
        link if ["http://", "https://"].iter().any(|scheme| link.starts_with(scheme)) => {
            format!("<a href=\"{0}\">{0}</a>", escape(link))
        }
        other => escape(other),
    };
    text.lines().map(line).collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_this_machine_by_its_own_name_is_here() {
        let headers = |pairs: &[(&'static str, &'static str)]| -> HeaderMap {
            pairs
                .iter()
                .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
                .collect()
        };
        let (here, there) = ("127.0.0.1".parse().expect("one"), "192.0.2.7".parse().expect("one"));
        for host in ["localhost:8080", "127.0.0.1", "[::1]:8080", "LOCALHOST"] {
            assert!(is_here(here, &headers(&[("host", host)])), "{host}");
            assert!(!is_here(there, &headers(&[("host", host)])), "{host}");
            assert!(!is_here(here, &headers(&[("host", host), ("x-forwarded-for", "192.0.2.7")])), "{host}");
            assert!(!is_here(here, &headers(&[("host", host), ("forwarded", "for=192.0.2.7")])), "{host}");
            assert!(!is_here(here, &headers(&[("host", host), ("x-real-ip", "192.0.2.7")])), "{host}");
        }
        for host in ["attacker.example", "localhost.attacker.example", "127.0.0.1.attacker.example", ""] {
            assert!(!is_here(here, &headers(&[("host", host)])), "{host}");
        }
        assert!(!is_here(here, &headers(&[])));
        assert!(host_is_here("http://127.0.0.1:8080") && host_is_here("http://localhost:8080/"));
        assert!(!host_is_here("https://demo.example") && !host_is_here("demo"));
    }

    #[test]
    fn a_text_becomes_no_markup() {
        let text = "<b>\nhttps://x.example/\"><script>\njavascript:alert(1)";
        assert_eq!(
            linked(text),
            "&lt;b&gt;\n<a href=\"https://x.example/&quot;&gt;&lt;script&gt;\">https://x.example/&quot;&gt;&lt;script&gt;</a>\njavascript:alert(1)"
        );
    }
}
