//! What the gateway's answers about payments mean.

use serde_json::Value;

use super::{Answer, Outcome};
use crate::payments::method::MethodView;

/// An answer to a look. Only the charge itself can be refused: a look that is refused (a key revoked, a right missing) says
/// nothing about the money.
pub(super) fn look(answer: Option<(u16, Value)>) -> Answer {
    match answer {
        Some((200, body)) => intent(&body),
        Some((404, _)) => only(Outcome::NotFound),
        _ => only(Outcome::Unknown),
    }
}

/// An answer to a search for a payment of ours.
pub(super) fn search(answer: Option<(u16, Value)>) -> Answer {
    match answer {
        Some((200, body)) => match body["data"].as_array().map(Vec::as_slice) {
            Some([]) => only(Outcome::NotFound),
            Some([found, ..]) => intent(found),
            None => only(Outcome::Unknown),
        },
        _ => only(Outcome::Unknown),
    }
}

/// An answer to a charge.
pub(super) fn charge(answer: Option<(u16, Value)>) -> Answer {
    let Some((status, body)) = answer else { return only(Outcome::Unknown) };
    match status {
        200 => intent(&body),
        // The card was refused; the error carries the intent.
        402 => {
            let error = &body["error"];
            let intent = error["payment_intent"]["id"].as_str().map(str::to_owned);
            let outcome = Outcome::Declined { intent, code: code_of(error, "declined") };
            Answer { outcome, method: MethodView::read(&error["payment_method"]) }
        }
        // A token nobody knows: nothing was charged.
        404 if body["error"]["code"] == "resource_missing" => {
            only(Outcome::Declined { intent: None, code: "unknown_method".into() })
        }
        // The request itself was refused: nothing was charged.
        400 | 401 | 403 => {
            let code = code_of(&body["error"], "request_refused");
            tracing::error!(status, code, "the gateway refused a request of ours");
            only(Outcome::Declined { intent: None, code })
        }
        _ => only(Outcome::Unknown),
    }
}

fn only(outcome: Outcome) -> Answer {
    Answer { outcome, method: None }
}

/// Why something was refused, as precisely as it was said.
pub(super) fn code_of(error: &Value, otherwise: &str) -> String {
    error["decline_code"].as_str().or(error["code"].as_str()).unwrap_or(otherwise).to_owned()
}

/// Where the traveller has to go, by an intent's `next_action`.
pub(super) fn action_url(action: &Value) -> Option<String> {
    let redirect = action["redirect_to_url"]["url"].as_str();
    let upi = || action["upi_handle_redirect_or_display_qr_code"]["hosted_instructions_url"].as_str();
    redirect.or_else(upi).map(str::to_owned)
}

fn intent(body: &Value) -> Answer {
    let failed = &body["last_payment_error"];
    let method = MethodView::read(&body["payment_method"]);
    let method = method.or_else(|| MethodView::read(&failed["payment_method"]));
    let Some(intent) = body["id"].as_str().map(str::to_owned) else { return only(Outcome::Unknown) };
    let outcome = match body["status"].as_str() {
        Some("succeeded") => Outcome::Succeeded { intent },
        Some("processing") => Outcome::Processing { intent },
        Some("canceled") => Outcome::Declined { intent: Some(intent), code: "abandoned".into() },
        Some("requires_payment_method") => {
            Outcome::Declined { intent: Some(intent), code: code_of(failed, "declined") }
        }
        Some("requires_action") => match action_url(&body["next_action"]) {
            Some(url) => Outcome::RequiresAction { intent, url },
            None => Outcome::Unknown,
        },
        _ => Outcome::Unknown,
    };
    Answer { outcome, method }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn doubt_is_unknown_and_never_declined() {
        for answer in [
            None,
            Some((500, json!({}))),
            Some((429, json!({}))),
            Some((409, json!({}))),
            Some((200, json!({"status": "succeeded"}))),
            Some((200, json!([]))),
            Some((
                200,
                json!({"id": "pi_1", "status": "requires_action", "next_action": {"type": "use_stripe_sdk"}}),
            )),
        ] {
            assert_eq!(charge(answer.clone()).outcome, Outcome::Unknown, "{answer:?}");
        }
    }

    #[test]
    fn a_refused_look_says_nothing_about_the_money() {
        for status in [400, 401, 402, 403, 409, 429, 500] {
            let answer = Some((status, json!({"error": {"code": "api_key_expired"}})));
            assert_eq!(look(answer.clone()).outcome, Outcome::Unknown, "{status}");
            assert_eq!(search(answer).outcome, Outcome::Unknown, "{status}");
        }
        assert_eq!(look(Some((404, json!({})))).outcome, Outcome::NotFound);
        assert_eq!(search(Some((200, json!({"data": []})))).outcome, Outcome::NotFound);
    }

    #[test]
    fn definite_answers() {
        let intent = "pi_1".to_owned();
        let card = json!({"type": "card", "card": {"brand": "visa", "last4": "9995", "wallet": null}});
        let declined = json!({"error": {"code": "card_declined", "decline_code": "insufficient_funds",
            "payment_intent": {"id": "pi_1"}, "payment_method": card}});
        let code = "insufficient_funds".to_owned();
        let answer = charge(Some((402, declined)));
        assert_eq!(answer.outcome, Outcome::Declined { intent: Some(intent.clone()), code });
        assert_eq!(answer.method.and_then(|method| method.last4).as_deref(), Some("9995"));
        let paid = json!({"id": "pi_1", "status": "succeeded", "payment_method": "pm_1"});
        assert_eq!(charge(Some((200, paid))).outcome, Outcome::Succeeded { intent: intent.clone() });
        let upi =
            json!({"upi_handle_redirect_or_display_qr_code": {"hosted_instructions_url": "https://pay"}});
        let asked = json!({"id": "pi_1", "status": "requires_action", "next_action": upi});
        let url = "https://pay".to_owned();
        assert_eq!(look(Some((200, asked))).outcome, Outcome::RequiresAction { intent, url });
    }
}
