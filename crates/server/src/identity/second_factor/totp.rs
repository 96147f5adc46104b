//! Codes of authenticator apps: TOTP (RFC 6238) with what every app can do: SHA-1, six digits, thirty seconds.
//!
//! Thirty lines of our own on `hmac` and `sha1`: the libraries say whether a code fits and not for which step, and without the step
//! a code could be used twice. SHA-1 is no weakness in HMAC, and some apps do nothing else.

use hmac::{Hmac, KeyInit, Mac};
use jiff::Timestamp;
use sha1::Sha1;
use subtle::ConstantTimeEq;
use url::form_urlencoded::byte_serialize;

/// Seconds that a code is shown for.
const STEP_SECONDS: i64 = 30;
/// How many steps a clock may be wrong by, either way (RFC 6238 section 5.2 advises one).
const DRIFT: i64 = 1;
const DIGITS: usize = 6;
/// RFC 4226 section 4, R6, recommends 160 bits.
pub(super) const SECRET_BYTES: usize = 20;

/// The step of time of an instant.
fn step_at(now: Timestamp) -> i64 {
    now.as_second().div_euclid(STEP_SECONDS)
}

/// The code of a step, all digits that RFC 4226 section 5.3 can give: the last ones are shown.
fn number(secret: &[u8], step: i64) -> u32 {
    #[expect(clippy::expect_used, reason = "HMAC takes keys of any length")]
    let mut mac = <Hmac<Sha1> as KeyInit>::new_from_slice(secret).expect("HMAC takes keys of any length");
    mac.update(&step.to_be_bytes());
    let sum = mac.finalize().into_bytes();
    let offset = usize::from(sum[19] & 0x0f);
    let four = [sum[offset] & 0x7f, sum[offset + 1], sum[offset + 2], sum[offset + 3]];
    u32::from_be_bytes(four)
}

fn code(secret: &[u8], step: i64) -> String {
    format!("{:0DIGITS$}", number(secret, step) % 1_000_000)
}

/// The step that the code is of, if it is one of those around now and later than the one a code was taken of before. Every step is
/// looked at, whichever fits.
pub(super) fn step_of(secret: &[u8], given: &str, now: Timestamp, taken: Option<i64>) -> Option<i64> {
    let given: String = given.chars().filter(|c| !c.is_whitespace()).collect();
    let mut found = None;
    for step in step_at(now) - DRIFT..=step_at(now) + DRIFT {
        let fits = bool::from(code(secret, step).as_bytes().ct_eq(given.as_bytes()));
        if fits && taken.is_none_or(|taken| step > taken) {
            found = Some(step);
        }
    }
    found
}

/// The secret as people and apps write it (RFC 4648 section 6, without padding).
pub(super) fn base32(bytes: &[u8]) -> String {
    const ALPHABET: &[u8; 32] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567";
    let bits = bytes.iter().flat_map(|byte| (0..8).rev().map(move |bit| byte >> bit & 1));
    let bits: Vec<u8> = bits.collect();
    let letter = |five: &[u8]| {
        let value = five.iter().fold(0, |value, bit| value << 1 | bit) << (5 - five.len());
        char::from(ALPHABET[usize::from(value)])
    };
    bits.chunks(5).map(letter).collect()
}

/// What an app reads from a picture: the `otpauth` address that all of them know.
pub(super) fn uri(issuer: &str, account: &str, secret: &[u8]) -> String {
    // A form writes a blank as a plus sign; these addresses want it as any other character.
    let text = |text: &str| byte_serialize(text.as_bytes()).collect::<String>().replace('+', "%20");
    let (issuer, account, secret) = (text(issuer), text(account), base32(secret));
    format!(
        "otpauth://totp/{issuer}:{account}?secret={secret}&issuer={issuer}&algorithm=SHA1&digits={DIGITS}&period={STEP_SECONDS}"
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    const SECRET: &[u8] = b"12345678901234567890";

    fn at(second: i64) -> Timestamp {
        Timestamp::from_second(second).expect("an instant")
    }

    /// RFC 6238 appendix B, the rows of SHA-1.
    #[test]
    fn the_vectors_of_the_standard() {
        for (second, eight_digits) in [
            (59, 94_287_082),
            (1_111_111_109, 7_081_804),
            (1_111_111_111, 14_050_471),
            (1_234_567_890, 89_005_924),
            (2_000_000_000, 69_279_037),
            (20_000_000_000, 65_353_130),
        ] {
            assert_eq!(number(SECRET, step_at(at(second))) % 100_000_000, eight_digits, "{second}");
        }
        assert_eq!(code(SECRET, step_at(at(1_111_111_109))), "081804", "zeros stand in front");
    }

    #[test]
    fn a_clock_may_be_wrong_by_one_step() {
        let shown = code(SECRET, step_at(at(1_000_000_020)));
        for (second, fits) in [
            (999_999_959, false),
            (999_999_990, true),
            (1_000_000_020, true),
            (1_000_000_079, true),
            (1_000_000_080, false),
        ] {
            assert_eq!(step_of(SECRET, &shown, at(second), None).is_some(), fits, "{second}");
        }
    }

    #[test]
    fn a_step_is_good_once_and_none_before_it() {
        let now = at(1_000_000_020);
        let step = step_at(now);
        for (taken, fits) in
            [(None, true), (Some(step - 1), true), (Some(step), false), (Some(step + 1), false)]
        {
            assert_eq!(step_of(SECRET, &code(SECRET, step), now, taken), fits.then_some(step), "{taken:?}");
        }
        assert_eq!(step_of(SECRET, "", now, None), None);
        let spaced = format!("{} {}", &code(SECRET, step)[..3], &code(SECRET, step)[3..]);
        assert_eq!(step_of(SECRET, &spaced, now, None), Some(step), "as apps show it");
    }

    #[test]
    fn secrets_are_written_as_the_standard_says() {
        // RFC 4648 section 10, without the padding.
        for (bytes, text) in [
            ("", ""),
            ("f", "MY"),
            ("fo", "MZXQ"), // typos:ignore
            ("foo", "MZXW6"),
            ("foob", "MZXW6YQ"),
            ("foobar", "MZXW6YTBOI"),
        ] {
            assert_eq!(base32(bytes.as_bytes()), text);
        }
        assert_eq!(
            uri("Udaan Air", "a@b.co", b"foobar"),
            "otpauth://totp/Udaan%20Air:a%40b.co?secret=MZXW6YTBOI&issuer=Udaan%20Air&algorithm=SHA1&digits=6&period=30"
        );
    }
}
