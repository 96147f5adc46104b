//! A boarding pass for Google Wallet: a link that has flight and pass in it as a signed token (JWT, RFC 7519), which Google reads when
//! somebody follows it (developers.google.com/wallet/tickets/boarding-passes). Google is told nothing before.

use anyhow::Context;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use jiff::Timestamp;
use platform::config::Wallet;
use serde::Deserialize;
use serde_json::{Value, json};
use uuid::Uuid;

use super::key::SigningKey;
use super::{SELF_TEST_KEY, read};
use crate::boarding::list::PassView;
use crate::boarding::paper::Words;

const SAVE: &str = "https://pay.google.com/gp/v/save/";

/// Signs tokens.
pub(super) struct GoogleWallet {
    key: SigningKey,
    account: String,
    issuer: String,
    /// Signed by a key that Google does not know.
    pub(super) self_test: bool,
}

/// The key of a service account, as Google hands it out.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key: String,
}

impl GoogleWallet {
    /// With the configured account; where none is, with one for trying things out.
    pub(super) fn new(settings: &Wallet) -> anyhow::Result<Self> {
        let (issuer, file) = (&settings.google_issuer_id, &settings.google_key_file);
        anyhow::ensure!(
            issuer.is_empty() == file.is_empty(),
            "google_issuer_id and google_key_file belong together"
        );
        if file.is_empty() {
            return Ok(Self {
                key: SigningKey::from_pem(SELF_TEST_KEY)?,
                account: "self-test@udaan.invalid".to_owned(),
                issuer: "0".to_owned(),
                self_test: true,
            });
        }
        anyhow::ensure!(
            issuer.bytes().all(|byte| byte.is_ascii_digit()),
            "google_issuer_id: digits and nothing else"
        );
        let named = || "google_key_file";
        let text = read(file).with_context(named)?;
        let file: KeyFile =
            serde_json::from_slice(&text).context("no service account key").with_context(named)?;
        let key = SigningKey::from_pem(file.private_key.as_bytes()).with_context(named)?;
        Ok(Self { key, account: file.client_email, issuer: issuer.clone(), self_test: false })
    }

    /// Where somebody saves the pass. What the bar code says and nobody has to read is left out: a token is safe in every browser's address
    /// up to 1,800 characters, says Google.
    pub(super) fn link(&self, pass: &PassView, words: &Words<'_>, now: Timestamp) -> anyhow::Result<String> {
        let head = json!({"alg": "RS256", "typ": "JWT"});
        let claims = json!({
            "iss": self.account,
            "aud": "google",
            "typ": "savetowallet",
            "iat": now.as_second(),
            "payload": {"flightClasses": [self.flight(pass, words)], "flightObjects": [self.object(pass)]},
        });
        let part = |value: &Value| URL_SAFE_NO_PAD.encode(value.to_string());
        let signed = format!("{}.{}", part(&head), part(&claims));
        let signature = URL_SAFE_NO_PAD.encode(self.key.sign(signed.as_bytes())?);
        Ok(format!("{SAVE}{signed}.{signature}"))
    }

    fn class_id(&self, pass: &PassView) -> String {
        format!("{}.{}", self.issuer, short(pass.flight_id.uuid()))
    }

    /// The flight. Its times are the clock's at either end, without an offset: one with an offset is refused.
    fn flight(&self, pass: &PassView, words: &Words<'_>) -> Value {
        let mut flight = json!({
            "id": self.class_id(pass),
            "issuerName": words.app.config.booking.airline_name,
            "reviewStatus": "UNDER_REVIEW",
            "flightHeader": {"carrier": {"carrierIataCode": pass.flight_number.airline},
                "flightNumber": pass.flight_number.number.to_string()},
            "origin": {"airportIataCode": pass.origin},
            "destination": {"airportIataCode": pass.destination},
            "localScheduledDepartureDateTime": local(&pass.scheduled.0),
            "localBoardingDateTime": local(&pass.boarding_at),
        });
        if pass.departs_at != pass.scheduled.0 {
            flight["localEstimatedOrActualDepartureDateTime"] = json!(local(&pass.departs_at));
        }
        if let Some(gate) = &pass.gate {
            flight["origin"]["gate"] = json!(gate);
        }
        flight
    }

    fn object(&self, pass: &PassView) -> Value {
        let mut object = json!({
            "id": format!("{}.{}-{}-{}", self.issuer, short(pass.booking_id.uuid()), pass.segment, pass.passenger),
            "classId": self.class_id(pass),
            "state": "ACTIVE",
            "passengerName": pass.name(),
            "reservationInfo": {"confirmationCode": pass.locator},
            "barcode": {"type": "AZTEC", "value": pass.bar_code},
        });
        if let Some(seat) = &pass.seat {
            object["boardingAndSeatingInfo"] = json!({"seatNumber": seat});
        }
        object
    }
}

/// An id in the letters that Google takes, as few as hold it.
fn short(id: Uuid) -> String {
    URL_SAFE_NO_PAD.encode(id.as_bytes())
}

/// A time without its offset.
fn local(at: &str) -> &str {
    at.get(..19).unwrap_or(at)
}
