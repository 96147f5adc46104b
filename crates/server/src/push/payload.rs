//! What a push says, and encrypting it for the browser (RFC 8291).

use domain::notices::Kind;
use kernel::{BookingId, NotificationId};
use platform::messages::Locale;
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use web_push_native::Auth;
use web_push_native::p256::PublicKey;

/// Longest texts, in characters: screens show less, and three bytes for each fit a push (RFC 8291 section 4: 3,993 bytes).
const TITLE_MAX: usize = 120;
const TEXT_MAX: usize = 600;
/// A browser's secret, in bytes (RFC 8291 section 3.2).
const SECRET_BYTES: usize = 16;

/// What a notification says in short.
#[derive(Clone, Debug)]
pub struct Push {
    /// What it is about.
    pub kind: Kind,
    /// One line.
    pub title: String,
    /// What there is to say.
    pub text: String,
    /// Of what fact it tells a version: a later one takes its place.
    pub fact: String,
    /// The booking, if it is of one.
    pub booking: Option<BookingId>,
    /// The support ticket, by its id on the wire.
    pub ticket: Option<String>,
    /// The price that is watched, by its id on the wire.
    pub watch: Option<String>,
}

/// What the app's service worker reads (web/public/push.js).
#[derive(Serialize)]
struct Payload<'a> {
    id: NotificationId,
    kind: &'static str,
    title: String,
    text: String,
    lang: &'static str,
    tag: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    booking_id: Option<BookingId>,
    #[serde(skip_serializing_if = "Option::is_none")]
    ticket_id: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    watch_id: Option<&'a str>,
}

/// A browser, as its subscription says. At rest it is sealed.
#[derive(Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Browser {
    /// Where pushes for it go.
    pub(super) endpoint: String,
    /// Its public key, base64url.
    pub(super) p256dh: String,
    /// Its secret, base64url.
    pub(super) auth: String,
    /// What its owner calls it.
    pub(super) device: String,
}

/// The keys of a browser, read.
pub(super) struct BrowserKeys {
    public: PublicKey,
    auth: Auth,
}

impl BrowserKeys {
    /// Reads them; the name of what is wrong otherwise.
    pub(super) fn read(browser: &Browser) -> Result<Self, &'static str> {
        let bytes = |text: &str| data_encoding::BASE64URL_NOPAD.decode(text.trim_end_matches('=').as_bytes());
        let public = bytes(&browser.p256dh).ok().and_then(|point| PublicKey::from_sec1_bytes(&point).ok());
        let auth = bytes(&browser.auth).ok().and_then(|secret| <[u8; SECRET_BYTES]>::try_from(secret).ok());
        Ok(Self { public: public.ok_or("keys.p256dh")?, auth: Auth::from(auth.ok_or("keys.auth")?) })
    }
}

/// The content of a push that only this browser can read.
pub(super) fn encrypted(
    push: &Push,
    (id, locale): (NotificationId, Locale),
    keys: &BrowserKeys,
) -> anyhow::Result<Vec<u8>> {
    let payload = Payload {
        id,
        kind: push.kind.as_str(),
        title: short(&push.title, TITLE_MAX),
        text: short(&push.text, TEXT_MAX),
        lang: locale.tag(),
        tag: topic(&Sha256::digest(&push.fact)),
        booking_id: push.booking,
        ticket_id: push.ticket.as_deref(),
        watch_id: push.watch.as_deref(),
    };
    let plain = serde_json::to_vec(&payload)?;
    web_push_native::encrypt(plain, &keys.public, &keys.auth).map_err(|error| anyhow::anyhow!("{error}"))
}

/// A hash as a service names what it keeps one push of, and a screen what it shows one of: 32 letters and digits (RFC 8030 section 5.4).
pub(super) fn topic(hash: &[u8]) -> String {
    data_encoding::BASE64URL_NOPAD.encode(hash.get(..24).unwrap_or(hash))
}

/// As many characters, and a mark where something is left out.
fn short(text: &str, most: usize) -> String {
    if text.chars().count() <= most {
        return text.to_owned();
    }
    text.chars().take(most - 1).chain(['…']).collect()
}

/// How soon a browser that sleeps is woken for it (RFC 8030 section 5.3).
pub(super) const fn urgency(kind: Kind) -> &'static str {
    match kind {
        Kind::ScheduleChange
        | Kind::Delay
        | Kind::Cancellation
        | Kind::Gate
        | Kind::CheckInOpen
        | Kind::CheckInReminder => "high",
        Kind::BookingConfirmed | Kind::Payment | Kind::Refund | Kind::SupportAnswer => "normal",
        Kind::PriceDrop | Kind::Announcement => "low",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The browser of RFC 8291, appendix A.
    fn browser(p256dh: &str, auth: &str) -> Browser {
        Browser {
            endpoint: "https://push.example/a".into(),
            p256dh: p256dh.into(),
            auth: auth.into(),
            device: String::new(),
        }
    }

    const P256DH: &str =
        "BCVxsr7N_eNgVRqvHtD0zTZsEc6-VV-JvLexhqUzORcxaOzi6-AYWXvTBHm4bjyPjs7Vd8pZGH6SRpkNtoIAiw4";
    const AUTH: &str = "BTBZMqHH6r4Tts7J_aSIgg";

    #[test]
    fn keys_that_are_none_are_named() {
        let wrong = |p256dh: &str, auth: &str| BrowserKeys::read(&browser(p256dh, auth)).err();
        assert_eq!(wrong(P256DH, AUTH), None);
        assert_eq!(wrong(&format!("{P256DH}="), &format!("{AUTH}==")), None, "some write the padding");
        assert_eq!(wrong("", AUTH), Some("keys.p256dh"));
        // Not on the curve: the last letter is another.
        assert_eq!(wrong(&P256DH.replace("Aiw4", "Aiw0"), AUTH), Some("keys.p256dh"));
        assert_eq!(wrong(P256DH, "BTBZMqHH6r4Tts7J_aSI"), Some("keys.auth"));
        assert_eq!(wrong(P256DH, "not base64"), Some("keys.auth"));
    }

    #[test]
    fn the_longest_text_in_the_longest_script_fits() {
        let push = Push {
            kind: Kind::Announcement,
            title: "क".repeat(500),
            text: "\u{1F6EB}".repeat(5_000),
            fact: "announcement".into(),
            booking: Some(BookingId::from_uuid(uuid::Uuid::max())),
            ticket: Some("t".repeat(40)),
            watch: Some("w".repeat(40)),
        };
        let keys = BrowserKeys::read(&browser(P256DH, AUTH)).expect("keys");
        let id = NotificationId::from_uuid(uuid::Uuid::max());
        let content = encrypted(&push, (id, Locale::Hi), &keys).expect("a content");
        assert!(content.len() <= 4_096, "{}", content.len());
        assert_eq!(short("क".repeat(500).as_str(), TITLE_MAX).chars().count(), TITLE_MAX);
        assert_eq!(short("as it is", TITLE_MAX), "as it is");
        assert_eq!(topic(&Sha256::digest("a")).len(), 32);
    }
}
