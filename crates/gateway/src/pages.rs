//! Pages for people: the list of test numbers, and the challenge a step-up sends the traveller to.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::http::{HeaderName, StatusCode, header};
use axum::response::{Html, IntoResponse, Redirect, Response};

use crate::Gateway;
use crate::bank::TEST_ACCOUNTS;
use crate::cards::{TEST_CARDS, TEST_WALLETS};
use crate::intent::{Intent, State as IntentState};
use crate::setup::{Setup, SetupState};
use crate::verdict::Question;

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
    let row = |number: &str, token: &str, what: &str| {
        format!("<tr><td><code>{number}</code><td><code>{token}</code><td>{what}\n")
    };
    let table = |caption: &str, rows: String| {
        format!(
            "<table><caption>{caption}</caption>\n<thead><tr><th scope=col>Number<th scope=col>Token\
             <th scope=col>What happens\n<tbody>{rows}</table>\n"
        )
    };
    let cards = TEST_CARDS.iter().map(|card| row(card.number, &format!("pm_card_{}", card.token), card.what));
    let wallets = TEST_WALLETS.iter().map(|(token, wallet, number)| {
        let what = TEST_CARDS.iter().find(|card| card.number == *number).map_or("", |card| card.what);
        row(wallet, &format!("pm_card_{token}"), what)
    });
    let accounts = TEST_ACCOUNTS
        .iter()
        .map(|account| row(account.number, &format!("pm_usBankAccount_{}", account.token), account.what));
    let body = format!(
        "<p>This service moves no money. It answers like Stripe's PaymentIntents API. Use any expiry date to come \
         and any security code; every other number with a right check digit succeeds. The routing number of a test \
         account is 110000000.</p>\n{}{}{}{}",
        table("Test cards", cards.collect()),
        table("Test wallets", wallets.collect()),
        table("Test bank accounts (us_bank_account)", accounts.collect()),
        table("UPI", row("upi", "pm_upi", "the page of the payment asks: approve or refuse")),
    );
    page(StatusCode::OK, "Test payment gateway", &body)
}

/// What a page asks about: a payment, or a method to be kept.
struct Asked {
    id: String,
    question: Option<Question>,
    status: &'static str,
    amount: Option<String>,
    description: Option<String>,
    return_url: Option<String>,
}

impl Asked {
    fn of_intent(intent: &Intent) -> Self {
        let question = match intent.state {
            IntentState::RequiresAction { question, .. } => Some(question),
            _ => None,
        };
        Self {
            id: intent.id.clone(),
            question,
            status: intent.status(),
            amount: Some(intent.order.amount.to_string()),
            description: intent.order.description.clone(),
            return_url: intent.order.return_url.clone(),
        }
    }

    fn of_setup(setup: &Setup) -> Self {
        let question = match setup.state {
            SetupState::RequiresAction { question, .. } => Some(question),
            _ => None,
        };
        Self {
            id: setup.id.clone(),
            question,
            status: setup.status(),
            amount: None,
            description: setup.description.clone(),
            return_url: setup.return_url.clone(),
        }
    }
}

fn is_setup(id: &str) -> bool {
    id.starts_with("seti_")
}

pub(crate) async fn challenge(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    let book = gateway.book();
    let asked = if is_setup(&id) {
        book.setup(&id).map(Asked::of_setup)
    } else {
        book.intent(&id).map(Asked::of_intent)
    };
    match asked {
        Ok(asked) => match asked.question {
            Some(question) => ask(&asked, question),
            None => nothing_to_answer(&asked),
        },
        Err(_) => unknown(),
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
    let answered = if is_setup(&id) {
        book.answer_setup(&id, approved).map(|(setup, answered)| (Asked::of_setup(setup), answered))
    } else {
        book.answer_challenge(&id, approved).map(|(intent, answered)| (Asked::of_intent(intent), answered))
    };
    match answered {
        Ok((asked, true)) => after(&asked),
        Ok((asked, false)) => nothing_to_answer(&asked),
        Err(_) => unknown(),
    }
}

fn unknown() -> Response {
    page(StatusCode::NOT_FOUND, "No such payment", "<p>This payment is not known here.</p>")
}

fn ask(asked: &Asked, question: Question) -> Response {
    let id = escape(&asked.id);
    let what = asked.description.as_deref().map(|text| format!(" for {}", escape(text)));
    let what = what.unwrap_or_default();
    let button = |verdict, label| {
        format!("<form method=post action=\"{id}/{verdict}\"><button>{label}</button></form>\n")
    };
    let (approve, refuse) = (button("approve", "Approve"), button("refuse", "Refuse"));
    let (title, asks) = match (question, &asked.amount) {
        (Question::Upi, Some(amount)) => {
            ("Pay by UPI?", format!("Your UPI app asks: pay <strong>{amount}</strong>{what}?"))
        }
        (_, Some(amount)) => (
            "Approve this payment?",
            format!("Your bank asks: is it you who pays <strong>{amount}</strong>{what}?"),
        ),
        (_, None) => (
            "Keep this for later payments?",
            format!("Your bank asks: may this be kept for later payments{what}?"),
        ),
    };
    let body = format!(
        "<p>{asks}</p>\n{approve}{refuse}<p><small>This is a test. No money moves. Payment {id}</small></p>"
    );
    page(StatusCode::OK, title, &body)
}

/// Back to the shop, told the result as Stripe tells it; without an address to go to, a page says so.
fn after(asked: &Asked) -> Response {
    let succeeded = asked.status == "succeeded";
    let result = if succeeded { "succeeded" } else { "failed" };
    if let Some(url) = &asked.return_url {
        let (url, fragment) =
            url.split_once('#').map_or((url.as_str(), None), |(url, rest)| (url, Some(rest)));
        let joint = if url.contains('?') { '&' } else { '?' };
        let fragment = fragment.map(|fragment| format!("#{fragment}")).unwrap_or_default();
        let name = if is_setup(&asked.id) { "setup_intent" } else { "payment_intent" };
        let target = format!("{url}{joint}{name}={}&redirect_status={result}{fragment}", asked.id);
        return Redirect::to(&target).into_response();
    }
    let title = if succeeded { "Payment approved" } else { "Payment refused" };
    page(StatusCode::OK, title, "<p>You can close this page.</p>")
}

fn nothing_to_answer(asked: &Asked) -> Response {
    let status = asked.status;
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
