//! What a new password may be (NIST SP 800-63B-4, section 3.1.1): long enough, and nothing that is tried first. No rules about
//! kinds of characters, and no end of its life.

use std::collections::HashSet;
use std::io::Read;
use std::sync::LazyLock;

use flate2::read::GzDecoder;
use kernel::Category;
use platform::http::Problem;
use unicode_normalization::UnicodeNormalization;

/// Shortest password where it alone opens the account.
const ALONE_MIN: usize = 15;
/// Shortest one where a second factor is asked for too.
const WITH_FACTOR_MIN: usize = 8;
/// Longest: far beyond any passphrase, and short enough to hash.
const MAX: usize = 256;
/// Shorter words are in too many phrases by chance.
const WORD_MIN: usize = 4;

/// Breached and common passwords, lower case; data/README.md says from where.
static COMMON: LazyLock<HashSet<Box<str>>> = LazyLock::new(|| {
    let mut text = String::new();
    let bytes: &[u8] = include_bytes!("../../../../data/common-passwords.txt.gz");
    match GzDecoder::new(bytes).read_to_string(&mut text) {
        Ok(_) => text.lines().map(Into::into).collect(),
        // It is built in and read by a test. Without it passwords are still long.
        Err(error) => {
            tracing::error!(%error, "the list of common passwords cannot be read");
            HashSet::new()
        }
    }
});

/// What else is known of whose password it is.
pub(super) struct About<'a> {
    /// What the airline calls itself.
    pub(super) airline: &'a str,
    /// The person's name.
    pub(super) name: &'a str,
    /// Their address.
    pub(super) email: &'a str,
    /// Whether the account has a second factor.
    pub(super) second_factor: bool,
}

/// A password in the one form it is hashed in, however it was typed.
pub(super) fn normal(password: &str) -> String {
    password.nfc().collect()
}

/// Whether it may be set. Refusals: `invalid_field`, `common_password`, `personal_password`.
pub(super) fn check(password: &str, about: &About<'_>) -> Result<(), Problem> {
    check_length(password, about.second_factor)?;
    let lower = normal(password).to_lowercase();
    if is_common(&lower) {
        return Err(Problem::new(Category::Unprocessable, "common_password").field("password"));
    }
    if words(about).any(|word| lower.contains(&word)) {
        return Err(Problem::new(Category::Unprocessable, "personal_password").field("password"));
    }
    Ok(())
}

/// Whether it is long enough, and not longer than is worth hashing.
pub(super) fn check_length(password: &str, second_factor: bool) -> Result<(), Problem> {
    let (normal, least) = (normal(password), if second_factor { WITH_FACTOR_MIN } else { ALONE_MIN });
    if !(least..=MAX).contains(&normal.chars().count()) || normal.contains('\0') {
        return Err(Problem::invalid("password", format!("it must have {least} to {MAX} characters")));
    }
    Ok(())
}

/// On the list; or on it once digits and marks around it are taken away; or one piece over and over; or a run of neighbours.
fn is_common(lower: &str) -> bool {
    let letters = lower.trim_matches(|c: char| !c.is_alphabetic());
    COMMON.contains(lower) || COMMON.contains(letters) || is_repeated(lower) || is_run(lower)
}

fn is_repeated(text: &str) -> bool {
    let chars: Vec<char> = text.chars().collect();
    let repeats = |unit: usize| chars.iter().zip(chars.iter().skip(unit)).all(|(one, next)| one == next);
    (1..=chars.len() / 2).any(repeats)
}

fn is_run(text: &str) -> bool {
    let codes: Vec<i64> = text.chars().map(|c| i64::from(u32::from(c))).collect();
    // After 9 comes 0, and before 0 comes 9.
    let step = |pair: &[i64]| match (pair[0], pair[1]) {
        (0x39, 0x30) => 1,
        (0x30, 0x39) => -1,
        (one, next) => next - one,
    };
    let mut steps = codes.windows(2).map(step);
    let first = steps.next();
    first.is_some_and(|first| first.abs() <= 1 && steps.all(|step| step == first))
}

/// What somebody who knows the account would try: the airline, the person's names, their address.
fn words<'a>(about: &'a About<'_>) -> impl Iterator<Item = String> + 'a {
    let local = about.email.rsplit_once('@').map_or(about.email, |(local, _)| local);
    let parts = [about.airline, about.name, local];
    parts
        .into_iter()
        .flat_map(|part| part.split(|c: char| !c.is_alphanumeric()))
        .map(str::to_lowercase)
        .filter(|word| word.chars().count() >= WORD_MIN)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verdict(password: &str, second_factor: bool) -> &'static str {
        let about =
            About { airline: "Udaan", name: "Meera Iyer", email: "m.krishnan@example.com", second_factor };
        check(password, &about).map_or_else(|problem| problem.code, |()| "good")
    }

    #[test]
    fn the_list_is_there() {
        assert_eq!(COMMON.len(), 55_520);
        assert!(COMMON.contains("password") && COMMON.iter().all(|word| word.to_lowercase() == **word));
    }

    #[test]
    fn length_is_by_characters_and_a_second_factor_makes_it_shorter() {
        for (password, alone, with_factor) in [
            ("sieben Worte und", "good", "good"),
            ("sieben Worte un", "good", "good"),
            ("sieben Worte u", "invalid_field", "good"),
            ("sieben W", "invalid_field", "good"),
            ("sieben ", "invalid_field", "invalid_field"),
            ("मानसून में मलाबार", "good", "good"),
            ("", "invalid_field", "invalid_field"),
        ] {
            assert_eq!(
                (verdict(password, false), verdict(password, true)),
                (alone, with_factor),
                "{password}"
            );
        }
        let longest: String = "monsoon over malabar ".chars().cycle().take(255).chain(['!']).collect();
        assert_eq!(verdict(&longest, false), "good");
        assert_eq!(verdict(&format!("{longest}x"), false), "invalid_field");
        assert_eq!(verdict("a nul is no \0 letter", false), "invalid_field");
    }

    #[test]
    fn what_is_tried_first_is_refused() {
        for common in [
            "123456789012345678",
            "1234567890qwertyuiop",
            "Password1234567!",
            "111111111111111111",
            "qwertyuiop1234567890",
            "passwordpassword",
            "abcabcabcabcabcabc",
            "abcdefghijklmnopqrst",
            "zyxwvutsrqponmlkjih",
            "098765432109876543",
            "!!!!!!sunshine!!!!!!",
        ] {
            assert_eq!(verdict(common, false), "common_password", "{common}");
        }
        assert_eq!(
            (verdict("football", true), verdict("trustno1", true)),
            ("common_password", "common_password")
        );
        assert_eq!(verdict("monsoon over malabar", false), "good");
        assert_eq!(verdict("correct horse battery staple", false), "good");
    }

    #[test]
    fn what_names_the_owner_or_the_airline_is_refused() {
        for personal in ["I fly with UDAAN today", "meera likes mangoes", "the krishnan family 7"] {
            assert_eq!(verdict(personal, false), "personal_password", "{personal}");
        }
    }

    #[test]
    fn typed_apart_or_together_it_is_the_same() {
        assert_eq!(normal("cafe\u{301} au lait au matin"), normal("caf\u{e9} au lait au matin"));
    }

    proptest::proptest! {
        /// What comes from a generator of random passwords is never taken for a common one.
        #[test]
        fn random_passwords_are_good(password in "[bcdfghjkmnpqrstvwxz2-9]{20}") {
            proptest::prop_assume!(!password.contains("udaan"));
            proptest::prop_assert_eq!(verdict(&password, false), "good");
        }
    }
}
