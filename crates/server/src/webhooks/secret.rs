//! The secrets that sign deliveries: made here, shown once, sealed at rest.

use hmac::Mac;
use jiff::Timestamp;
use kernel::WebhookId;
use platform::random::Random;
use platform::seal::{Place, SealError, Sealer};

/// A secret as its owner knows it: `whsec_` and 48 hexadecimal digits.
#[derive(Clone, PartialEq, Eq)]
pub(super) struct Secret(String);

impl std::fmt::Debug for Secret {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Secret(…)")
    }
}

impl Secret {
    pub(super) fn generate(random: Random) -> Self {
        let bytes: [u8; 24] = random.bytes();
        Self(format!("whsec_{}", hex(&bytes)))
    }

    /// For the one answer that shows it.
    pub(super) fn expose(&self) -> &str {
        &self.0
    }

    pub(super) fn seal(&self, sealer: &Sealer, webhook: WebhookId) -> Result<Vec<u8>, SealError> {
        sealer.seal_system(place(webhook), self.0.as_bytes())
    }

    pub(super) fn open(sealer: &Sealer, webhook: WebhookId, sealed: &[u8]) -> Result<Self, SealError> {
        let place = place(webhook);
        let bytes = sealer.open_system(place, sealed)?;
        Ok(Self(String::from_utf8(bytes).map_err(|_| SealError { place: place.column })?))
    }

    /// HMAC-SHA256 of `t.body` under the text of the secret.
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    fn sign(&self, at: i64, body: &str) -> String {
        let mut mac = <hmac::Hmac<sha2::Sha256> as hmac::KeyInit>::new_from_slice(self.0.as_bytes())
            .expect("HMAC takes keys of any length");
        mac.update(format!("{at}.{body}").as_bytes());
        hex(&mac.finalize().into_bytes())
    }
}

/// Both columns that hold a secret: the current one moves to the other in a rotation.
pub(super) fn place(webhook: WebhookId) -> Place {
    Place::new("webhook_endpoints.secret_sealed", webhook.uuid())
}

/// The value of `Udaan-Signature`: the time, and a signature with each secret that is valid.
pub(super) fn signature(secrets: &[Secret], now: Timestamp, body: &str) -> String {
    let at = now.as_second();
    let signed = secrets.iter().map(|secret| format!(",v1={}", secret.sign(at, body)));
    format!("t={at}{}", signed.collect::<String>())
}

fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

/// The beginning of an answer as text for the log, without what must not stand there: a receiver may send back what it got.
pub(super) fn redact(answer: &[u8], secrets: &[Secret], signature: &str) -> String {
    const SHOWN: usize = 1_024;
    let mut text = String::from_utf8_lossy(answer).replace('\0', "\u{fffd}");
    let signatures = signature.split(",v1=").skip(1);
    for hidden in secrets.iter().map(Secret::expose).chain(signatures) {
        text = text.replace(hidden, "[redacted]");
    }
    text.chars().take(SHOWN).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn secrets() -> [Secret; 2] {
        [Secret("whsec_new".into()), Secret("whsec_old".into())]
    }

    /// The values are `hmac.new(secret, b"1780315200.{}", "sha256").hexdigest()` of Python's standard library.
    #[test]
    fn a_delivery_is_signed_with_each_secret() {
        let now: Timestamp = "2026-06-01T12:00:00Z".parse().expect("an instant");
        let expected = "t=1780315200,v1=b58276a9d80e718d4a9f4085b009fd2ae9a5221fac01fe940c46f992d6ac699e,\
                        v1=08046ae9185fbde6f5f95d04c914722bacdfa8f6038377b3de295674719bf75d";
        assert_eq!(signature(&secrets(), now, "{}"), expected);
    }

    #[test]
    fn what_is_shown_of_an_answer_has_no_secrets_and_an_end() {
        let signed = signature(&secrets(), Timestamp::UNIX_EPOCH, "{}");
        let echo = format!("\0{signed} whsec_old whsec_new {}", "é".repeat(2_000));
        let shown = redact(echo.as_bytes(), &secrets(), &signed);
        assert!(
            shown.starts_with("\u{fffd}t=0,v1=[redacted],v1=[redacted] [redacted] [redacted] é"),
            "{shown}"
        );
        assert_eq!(shown.chars().count(), 1_024);
        // Cut after what is hidden is gone, so that no half of it stays at the end.
        let edge = format!("{}whsec_old", "x".repeat(1_020));
        assert!(redact(edge.as_bytes(), &secrets(), &signed).ends_with("xx[red"));
    }
}
