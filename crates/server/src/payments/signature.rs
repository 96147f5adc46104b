//! The signature of a webhook: who knows the secret has sent these bytes, lately.
//!
//! `Stripe-Signature: t=1492774577,v1=5257a8…,v1=…`: HMAC-SHA256, in hexadecimal, over the time, a dot and the raw body
//! (<https://docs.stripe.com/webhooks#verify-manually>).

use hmac::{Hmac, KeyInit as _, Mac as _};
use jiff::Timestamp;
use sha2::Sha256;
use subtle::{Choice, ConstantTimeEq as _};

/// How far the time in a signature may be from ours, in seconds, either way: what Stripe recommends.
const TOLERANCE_SECONDS: i64 = 300;
/// While a secret is being replaced there are two signatures; no sender needs more than a few.
const SIGNATURES_MAX: usize = 8;
const HEADER_MAX: usize = 2_048;
const DIGEST_BYTES: usize = 32;

/// Whether `header` signs `body` under one of `secrets`, at a time near `now`. Every secret is tried with every signature, so
/// the time this takes says nothing about which of them fits.
pub(super) fn is_valid(header: &str, body: &[u8], secrets: &[String], now: Timestamp) -> bool {
    let Some((time, signatures)) = read(header) else { return false };
    let is_fresh = time.parse().is_ok_and(|time: i64| {
        now.as_second()
            .checked_sub(time)
            .is_some_and(|age| (-TOLERANCE_SECONDS..=TOLERANCE_SECONDS).contains(&age))
    });
    let mut fits = Choice::from(0);
    for secret in secrets.iter().filter(|secret| !secret.is_empty()) {
        let expected = sign(secret, time, body);
        for signature in &signatures {
            fits |= expected.ct_eq(signature);
        }
    }
    bool::from(fits) && is_fresh
}

fn sign(secret: &str, time: &str, body: &[u8]) -> [u8; DIGEST_BYTES] {
    // HMAC takes keys of any length, so there is always one.
    let Ok(mut mac) = Hmac::<Sha256>::new_from_slice(secret.as_bytes()) else { return [0; DIGEST_BYTES] };
    mac.update(time.as_bytes());
    mac.update(b".");
    mac.update(body);
    mac.finalize().into_bytes().into()
}

/// The time, as it was written, and the signatures of the one scheme there is; other schemes are passed over.
fn read(header: &str) -> Option<(&str, Vec<[u8; DIGEST_BYTES]>)> {
    if header.len() > HEADER_MAX {
        return None;
    }
    let mut time = None;
    let mut signatures = Vec::new();
    for part in header.split(',') {
        match part.split_once('=')? {
            // Two times are nobody's signature.
            ("t", _) if time.is_some() => return None,
            ("t", value) => time = Some(value),
            ("v1", value) => signatures.push(digest(value)?),
            _ => {}
        }
    }
    (!signatures.is_empty() && signatures.len() <= SIGNATURES_MAX).then_some((time?, signatures))
}

fn digest(hex: &str) -> Option<[u8; DIGEST_BYTES]> {
    let mut digest = [0; DIGEST_BYTES];
    if hex.len() != 2 * DIGEST_BYTES || !hex.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, pair) in digest.iter_mut().zip(hex.as_bytes().chunks_exact(2)) {
        *byte = u8::from_str_radix(str::from_utf8(pair).ok()?, 16).ok()?;
    }
    Some(digest)
}

#[cfg(test)]
mod tests {
    use super::*;

    const BODY: &[u8] = br#"{"id": 1}"#;
    /// `printf '12345.{"id": 1}' | openssl dgst -sha256 -hmac whsec_test`
    const SIGNED: &str = "t=12345,v1=3ba5d6c5ec693d2c12a5e68afd0f96d6445a33ce770a8bd570185136fa091da8";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    fn is_taken(header: &str, secrets: &[&str], second: i64) -> bool {
        let secrets: Vec<String> = secrets.iter().map(|secret| (*secret).to_owned()).collect();
        is_valid(header, BODY, &secrets, at(second))
    }

    #[test]
    fn five_minutes_either_way_and_no_more() {
        for (second, taken) in
            [(12_345, true), (12_645, true), (12_646, false), (12_045, true), (12_044, false)]
        {
            assert_eq!(is_taken(SIGNED, &["whsec_test"], second), taken, "{second}");
        }
        assert!(!is_taken(&SIGNED.replace("12345", "9223372036854775807"), &["whsec_test"], -9_000));
    }

    #[test]
    fn either_secret_signs_while_one_is_replaced() {
        assert!(is_taken(SIGNED, &["whsec_new", "whsec_test"], 12_345));
        assert!(is_taken(SIGNED, &["whsec_test", "whsec_new"], 12_345));
        let both = SIGNED.replace(",v1", &format!(",v0=x,v1={},v1", "0".repeat(64)));
        assert!(is_taken(&both, &["whsec_test"], 12_345), "another scheme and another secret's signature");
        for secrets in [&["whsec_new"][..], &[""], &[]] {
            assert!(!is_taken(SIGNED, secrets, 12_345), "{secrets:?}");
        }
    }

    #[test]
    fn what_is_no_signature_is_refused() {
        let v1 = SIGNED.split_once(',').expect("two parts").1;
        let many = format!("t=12345{}", format!(",{v1}").repeat(9));
        for header in [
            "",
            "t=12345",
            v1,
            "t=12345,v1=",
            "t=12345,v1=zz",
            &format!("t=,{v1}"),
            &format!("t=12345,t=12345,{v1}"),
            &format!("t= 12345,{v1}"),
            &format!("t=012345,{v1}"),
            &SIGNED[..SIGNED.len() - 1],
            &format!("{SIGNED}0"),
            &format!("{SIGNED},"),
            &many,
            &format!("{SIGNED},v0={}", "x".repeat(3_000)),
        ] {
            assert!(!is_taken(header, &["whsec_test"], 12_345), "{header}");
        }
    }
}
