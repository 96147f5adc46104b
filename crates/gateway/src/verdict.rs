//! What a method's issuer says when it is asked: for a charge, or to be kept for later.

use serde_json::{Value, json};

use crate::cards::Scenario;
use crate::method::Method;

/// The issuer's word, as far as it goes without the traveller.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verdict {
    Yes,
    No {
        code: &'static str,
        decline_code: Option<&'static str>,
    },
    /// The traveller is asked, on a page of ours.
    Ask(Question),
    /// Known later; `None` where it will not be known at all.
    Later(Option<Later>),
}

/// How the traveller is asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Question {
    /// To approve the payment; having approved, it may be declined all the same.
    StepUp { then: Option<(&'static str, &'static str)> },
    /// To pay in a UPI app.
    Upi,
}

/// What becomes known later.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Later {
    pub(crate) failure: Option<&'static str>,
}

const AUTHENTICATION: Verdict =
    Verdict::No { code: "authentication_required", decline_code: Some("authentication_required") };

/// What the issuer says to a charge; `off_session` means the traveller is not there to be asked.
pub(crate) fn of_charge(method: &Method, off_session: bool) -> Verdict {
    let asks = |question| if off_session { AUTHENTICATION } else { Verdict::Ask(question) };
    match method.kind.scenario() {
        Scenario::Declines { code, decline_code } | Scenario::DeclinesWhenCharged { code, decline_code } => {
            Verdict::No { code, decline_code: Some(decline_code) }
        }
        Scenario::StepUpUnlessSetUp if method.set_up => Verdict::Yes,
        Scenario::StepUp | Scenario::StepUpUnlessSetUp => asks(Question::StepUp { then: None }),
        Scenario::StepUpThenDeclines { code, decline_code } => {
            asks(Question::StepUp { then: Some((code, decline_code)) })
        }
        Scenario::Redirects => asks(Question::Upi),
        Scenario::SettlesLater { failure } => Verdict::Later(Some(Later { failure })),
        Scenario::NeverSettles => Verdict::Later(None),
        Scenario::Succeeds
        | Scenario::RefundsLater { .. }
        | Scenario::RefundsBounce
        | Scenario::AnswerLost
        | Scenario::RequestLost
        | Scenario::ServerError => Verdict::Yes,
    }
}

/// What the issuer says to being kept for later.
pub(crate) fn of_setup(method: &Method) -> Verdict {
    match method.kind.scenario() {
        Scenario::Declines { code, decline_code } => Verdict::No { code, decline_code: Some(decline_code) },
        Scenario::StepUp | Scenario::StepUpUnlessSetUp | Scenario::StepUpThenDeclines { .. } => {
            Verdict::Ask(Question::StepUp { then: None })
        }
        Scenario::Redirects => Verdict::Ask(Question::Upi),
        _ => Verdict::Yes,
    }
}

/// Why the last attempt did not succeed.
#[derive(Clone, Debug)]
pub(crate) struct Failure {
    kind: &'static str,
    pub(crate) code: &'static str,
    decline_code: Option<&'static str>,
    message: &'static str,
    method: Method,
}

impl Failure {
    /// The issuer said no.
    pub(crate) fn declined(code: &'static str, decline_code: Option<&'static str>, method: Method) -> Self {
        let message = match decline_code.unwrap_or(code) {
            "insufficient_funds" => "Your card has insufficient funds.",
            "expired_card" => "Your card has expired.",
            "incorrect_cvc" => "Your card's security code is incorrect.",
            "processing_error" => "An error occurred while processing your card. Try again in a little bit.",
            "authentication_required" => "Your card was declined. This transaction requires authentication.",
            _ => "Your card was declined.",
        };
        Self { kind: "card_error", code, decline_code, message, method }
    }

    /// The bank sent the debit back.
    pub(crate) fn returned(code: &'static str, method: Method) -> Self {
        let message = "The bank returned the debit.";
        Self { kind: "invalid_request_error", code, decline_code: None, message, method }
    }

    /// The traveller did not approve a payment.
    pub(crate) fn not_authenticated(method: Method) -> Self {
        let message = "The provided PaymentMethod has failed authentication. You can provide \
                       payment_method_data or a new PaymentMethod to attempt to fulfill this PaymentIntent again.";
        let code = "payment_intent_authentication_failure";
        Self { kind: "invalid_request_error", code, decline_code: None, message, method }
    }

    /// The traveller did not approve a method's being kept.
    pub(crate) fn setup_not_authenticated(method: Method) -> Self {
        let message = "The provided PaymentMethod has failed authentication. You can provide payment_method_data or a \
                       new PaymentMethod to attempt to fulfill this SetupIntent again.";
        let code = "setup_intent_authentication_failure";
        Self { kind: "invalid_request_error", code, decline_code: None, message, method }
    }

    /// Stripe's `last_payment_error` object, which is also the `error` of a declined call.
    pub(crate) fn json(&self) -> Value {
        let mut error = json!({
            "type": self.kind, "code": self.code, "message": self.message, "payment_method": self.method.json(),
            "doc_url": format!("https://stripe.com/docs/error-codes/{}", self.code.replace('_', "-")),
        });
        if let Some(decline_code) = self.decline_code {
            error["decline_code"] = json!(decline_code);
        }
        error
    }
}

/// What the caller has to do next, for `next_action`: send the traveller to `{page}/{id}`.
pub(crate) fn next_action(question: Question, url: &str, return_url: Option<&str>, expires: i64) -> Value {
    match question {
        Question::StepUp { .. } => json!({
            "type": "redirect_to_url", "redirect_to_url": { "url": url, "return_url": return_url },
        }),
        Question::Upi => json!({
            "type": "upi_handle_redirect_or_display_qr_code",
            "upi_handle_redirect_or_display_qr_code": {
                "hosted_instructions_url": url,
                // Stripe also gives two images of the code; here the page is the way to pay.
                "qr_code": { "expires_at": expires },
            },
        }),
    }
}
