//! The door of the fuzz target `gateway`: what the gateway answers and sends, as text. Nothing but the target and a test goes through it.

use serde_json::Value;

use super::{Outcome, read, refunds, setups};
use crate::payments::signature;

/// Reads an answer to every question there is. Returns whether what was heard is no more than what was said: a charge that was declined is one
/// that the gateway refused in so many words, and money is taken for moved by a payment that has an id alone.
pub fn read_answer(status: u16, body: &[u8]) -> bool {
    let Ok(body) = serde_json::from_slice::<Value>(body) else { return true };
    refunds::read(&body);
    setups::read(&body);
    let answer = || Some((status, body.clone()));
    let charged = read::charge(answer()).outcome;
    let refused = matches!(status, 400..=404);
    let fits = |outcome: &Outcome, may_decline: bool| match outcome {
        Outcome::Succeeded { .. } | Outcome::Processing { .. } | Outcome::RequiresAction { .. } => {
            status == 200
        }
        Outcome::Declined { intent, .. } => may_decline || (status == 200 && intent.is_some()),
        Outcome::NotFound => matches!(status, 200 | 404),
        Outcome::Unknown => true,
    };
    let looked = [read::look(answer()).outcome, read::search(answer()).outcome];
    fits(&charged, refused)
        && charged != Outcome::NotFound
        && looked.iter().all(|outcome| fits(outcome, false))
}

/// Whether a webhook is taken for one that somebody signed who knows `secret`.
pub fn is_signed(header: &str, body: &[u8], secret: &str, now: jiff::Timestamp) -> bool {
    signature::is_valid(header, body, &[secret.to_owned()], now)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_sent_is_read() {
        assert!(read_answer(200, br#"{"id": "pi_1", "status": "succeeded"}"#));
        assert!(read_answer(402, br#"{"error": {"code": "card_declined"}}"#));
        assert!(read_answer(500, b"<html>"));
        let now = jiff::Timestamp::UNIX_EPOCH;
        assert!(!is_signed("t=0,v1=00", b"{}", "whsec", now));
    }
}
