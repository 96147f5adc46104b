//! Pages for people: the list of test numbers, and the challenge a step-up sends the traveller to.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::Gateway;
use crate::cards::TEST_CARDS;
use crate::intent::{Intent, State as IntentState};

/// The pages load nothing and may not be framed.
const HEADERS: [(HeaderName, &str); 3] = [
    (
        header::CONTENT_SECURITY_POLICY,
        "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'",
    ),
    (header::REFERRER_POLICY, "no-referrer"),
    (header::CACHE_CONTROL, "no-store"),
];

const STYLE: &str = "
:root { color-scheme: light dark }
body { font: 1rem/1.5 system-ui, sans-serif; max-width: 44rem; margin: 2rem auto; padding: 0 1rem }
button { font: inherit; min-height: 2.75rem; padding: 0 1.5rem; margin: 0 1rem 1rem 0 }
:focus-visible { outline: 3px solid Highlight; outline-offset: 2px }
table { border-collapse: collapse } th, td { text-align: start; padding: .25rem 1rem .25rem 0; vertical-align: top }
form { display: inline }";

pub(crate) async fn index() -> Response {
    let row = |card: &crate::cards::TestCard| {
        let (number, token, what) = (card.number, card.token, card.what);
        format!("<tr><td><code>{number}</code><td><code>pm_card_{token}</code><td>{what}\n")
    };
    let rows: String = TEST_CARDS.iter().map(row).collect();
    let body = format!(
        "<p>This service moves no money. It answers like Stripe's PaymentIntents API. Use any expiry date to come \
         and any security code; every other number with a right check digit succeeds.</p>\n\
         <table><caption>Test cards</caption>\n<thead><tr><th scope=col>Number<th scope=col>Token\
         <th scope=col>What happens\n<tbody>{rows}</table>"
    );
    page(StatusCode::OK, "Test payment gateway", &body)
}

pub(crate) async fn challenge(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    match gateway.book().intent(&id) {
        Ok(intent) if matches!(intent.state, IntentState::RequiresAction { .. }) => question(intent),
        Ok(intent) => nothing_to_answer(intent),
        Err(_) => page(StatusCode::NOT_FOUND, "No such payment", "<p>This payment is not known here.</p>"),
    }
}

pub(crate) async fn answer(
    State(gateway): State<Arc<Gateway>>,
    Path((id, verdict)): Path<(String, String)>,
) -> Response {
    let approved = match verdict.as_str() {
        "approve" => true,
        "refuse" => false,
        _ => return page(StatusCode::NOT_FOUND, "No such answer", "<p>Approve or refuse.</p>"),
    };
    let mut book = gateway.book();
    match book.answer_challenge(&id, approved) {
        Ok((intent, true)) => answered(intent, approved),
        Ok((intent, false)) => nothing_to_answer(intent),
        Err(_) => page(StatusCode::NOT_FOUND, "No such payment", "<p>This payment is not known here.</p>"),
    }
}

fn question(intent: &Intent) -> Response {
    let (id, amount) = (escape(&intent.id), intent.order.amount);
    let what = intent.order.description.as_deref().map(|text| format!(" for {}", escape(text)));
    let what = what.unwrap_or_default();
    let button = |verdict, label| {
        format!("<form method=post action=\"{id}/{verdict}\"><button>{label}</button></form>\n")
    };
    let (approve, refuse) = (button("approve", "Approve"), button("refuse", "Refuse"));
    let body = format!(
        "<p>Your bank asks: is it you who pays <strong>{amount}</strong>{what}?</p>\n{approve}{refuse}\
         <p><small>This is a test. No money moves. Payment {id}</small></p>"
    );
    page(StatusCode::OK, "Approve this payment?", &body)
}

/// Back to the shop, told the result as Stripe tells it; without an address to go to, a page says so.
fn answered(intent: &Intent, approved: bool) -> Response {
    let result = if approved { "succeeded" } else { "failed" };
    if let Some(url) = &intent.order.return_url {
        let (url, fragment) =
            url.split_once('#').map_or((url.as_str(), None), |(url, rest)| (url, Some(rest)));
        let joint = if url.contains('?') { '&' } else { '?' };
        let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
        let target = format!("{url}{joint}payment_intent={}&redirect_status={result}{fragment}", intent.id);
        return Redirect::to(&target).into_response();
    }
    let title = if approved { "Payment approved" } else { "Payment refused" };
    page(StatusCode::OK, title, "<p>You can close this page.</p>")
}

fn nothing_to_answer(intent: &Intent) -> Response {
    let status = intent.status();
    let body = format!("<p>This payment asks nothing of you: its status is <code>{status}</code>.</p>");
    page(StatusCode::CONFLICT, "Nothing to approve", &body)
}

fn page(status: StatusCode, title: &str, body: &str) -> Response {
    let html = format!(
        "<!doctype html>\n<html lang=en>\n<meta charset=utf-8>\n\
         <meta name=viewport content=\"width=device-width, initial-scale=1\">\n<title>{title}</title>\n\
         <style>{STYLE}</style>\n<main>\n<h1>{title}</h1>\n{body}\n</main>\n</html>\n"
    );
    (status, HEADERS, Html(html)).into_response()
}

fn escape(text: &str) -> String {
    text.replace('&', "&amp;").replace('<', "&lt;").replace('>', "&gt;").replace('"', "&quot;")
}
