//! Passports: what stands in their machine-readable zone, and whether one is good for a flight.
//!
//! The two lines of 44 characters are those of a passport booklet (ICAO 9303 part 4, "TD3"), their check digits those of part 3,
//! section 4.9: weights 7, 3, 1 repeating, letters from A = 10, the filler 0, modulo 10.

use jiff::Span;
use jiff::civil::Date;

/// Characters of a line.
const WIDTH: usize = 44;
const WEIGHTS: [u32; 3] = [7, 3, 1];

/// A passport, as far as an airline must know it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Passport {
    /// Its number: one to nine letters and digits.
    pub number: String,
    /// Who issued it: three letters, ISO 3166-1 alpha-3 or a code of ICAO 9303 part 3, section 5.
    pub issuer: String,
    /// Whose citizen its holder is, in the same codes.
    pub nationality: String,
    /// The holder's date of birth.
    pub born_on: Date,
    /// The last day it is valid.
    pub expires_on: Date,
}

/// Why two lines are not those of a passport.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum MrzError {
    /// Not two lines of 44 characters A to Z, 0 to 9 and `<`, the first beginning with P.
    #[error(
        "it must be the two lines of 44 characters at the foot of the passport's page, the first of which begins with P"
    )]
    Form,
    /// A check digit does not fit what it is of.
    #[error("the check digit of {0} does not fit: compare each character with the passport")]
    CheckDigit(&'static str),
    /// A date that there is not.
    #[error("{0} is not a date")]
    Date(&'static str),
}

/// Why a passport is not good for a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unfit {
    /// It has expired, or will have when the flight arrives.
    Expired,
    /// It is not valid for so long after arrival as the route needs.
    ExpiresSoon,
    /// It is somebody else's, by the date of birth.
    OtherPerson,
}

impl Unfit {
    /// The word on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Expired => "expired",
            Self::ExpiresSoon => "expires_soon",
            Self::OtherPerson => "born_on_differs",
        }
    }
}

impl Passport {
    /// Whether the parts can be those of a passport: a number of one to nine letters and digits, codes of one to three letters.
    pub fn is_sound(&self) -> bool {
        let plain = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit();
        let country =
            |code: &str| (1..=3).contains(&code.len()) && code.bytes().all(|byte| byte.is_ascii_uppercase());
        (1..=9).contains(&self.number.len())
            && self.number.bytes().all(plain)
            && country(&self.issuer)
            && country(&self.nationality)
    }

    /// Reads the two lines. A year of birth of two digits is the last one that `today` has seen; a year of expiry is in this
    /// century.
    pub fn from_lines(first: &str, second: &str, today: Date) -> Result<Self, MrzError> {
        let allowed = |byte: u8| byte.is_ascii_uppercase() || byte.is_ascii_digit() || byte == b'<';
        let is_line = |line: &str| line.len() == WIDTH && line.bytes().all(allowed);
        if !is_line(first) || !is_line(second) || !first.starts_with('P') {
            return Err(MrzError::Form);
        }
        let part = |from: usize, to: usize| second.get(from..to).unwrap_or_default();
        let composite = [part(0, 10), part(13, 20), part(21, 43)].concat();
        for (what, text, digit) in [
            ("the passport number", part(0, 9), part(9, 10)),
            ("the date of birth", part(13, 19), part(19, 20)),
            ("the date of expiry", part(21, 27), part(27, 28)),
            ("the personal number", part(28, 42), part(42, 43)),
            ("the whole line", &composite, part(43, 44)),
        ] {
            // A personal number that is not there may have a filler for its digit.
            let blank = text.bytes().all(|byte| byte == b'<') && digit == "<";
            if !blank && digit != check_digit(text).to_string() {
                return Err(MrzError::CheckDigit(what));
            }
        }
        let code = |text: &str| text.trim_end_matches('<').to_owned();
        let passport = Self {
            number: code(part(0, 9)).replace('<', ""),
            issuer: code(first.get(2..5).unwrap_or_default()),
            nationality: code(part(10, 13)),
            born_on: date(part(13, 19), Some(today)).ok_or(MrzError::Date("the date of birth"))?,
            expires_on: date(part(21, 27), None).ok_or(MrzError::Date("the date of expiry"))?,
        };
        if passport.is_sound() { Ok(passport) } else { Err(MrzError::Form) }
    }

    /// Whether it is good for a passenger born on that day, on a flight that arrives on a day, where it must be valid for so many
    /// months more.
    pub fn check(&self, born_on: Date, arrives_on: Date, months: u8) -> Result<(), Unfit> {
        if self.born_on != born_on {
            return Err(Unfit::OtherPerson);
        }
        if self.expires_on < arrives_on {
            return Err(Unfit::Expired);
        }
        // A month is counted to the same day, or to the last where there is none such.
        let needed = arrives_on.saturating_add(Span::new().months(i32::from(months)));
        if self.expires_on < needed { Err(Unfit::ExpiresSoon) } else { Ok(()) }
    }
}

/// The check digit of a text of A to Z, 0 to 9 and `<`.
pub fn check_digit(text: &str) -> u32 {
    let value = |byte: u8| match byte {
        b'0'..=b'9' => u32::from(byte - b'0'),
        b'A'..=b'Z' => u32::from(byte - b'A') + 10,
        _ => 0,
    };
    text.bytes().zip(WEIGHTS.iter().cycle()).map(|(byte, weight)| value(byte) * weight).sum::<u32>() % 10
}

/// YYMMDD. A birthday is not after `today`; any other date is in this century.
fn date(text: &str, today: Option<Date>) -> Option<Date> {
    let number = |from: usize, to: usize| {
        text.get(from..to)
            .filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()))?
            .parse::<i8>()
            .ok()
    };
    let (year, month, day) = (number(0, 2)?, number(2, 4)?, number(4, 6)?);
    let in_century = |century: i16| Date::new(century + i16::from(year), month, day).ok();
    match today {
        None => in_century(2000),
        Some(today) => in_century(2000).filter(|date| *date <= today).or_else(|| in_century(1900)),
    }
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;
    use proptest::prelude::*;

    use super::*;

    const TODAY: Date = date(2026, 11, 23);
    /// The specimen of ICAO 9303 part 4, appendix B.
    const FIRST: &str = "P<UTOERIKSSON<<ANNA<MARIA<<<<<<<<<<<<<<<<<<<";
    const SECOND: &str = "L898902C36UTO7408122F1204159ZE184226B<<<<<10";

    #[test]
    fn the_specimen_of_the_standard() {
        assert_eq!(check_digit("520727"), 3, "the example of part 3, section 4.9");
        assert_eq!(check_digit("AB2134<<<"), 5, "the example of part 3, section 4.9");
        let expected = Passport {
            number: "L898902C3".to_owned(),
            issuer: "UTO".to_owned(),
            nationality: "UTO".to_owned(),
            born_on: date(1974, 8, 12),
            expires_on: date(2012, 4, 15),
        };
        assert_eq!(Passport::from_lines(FIRST, SECOND, TODAY), Ok(expected));
    }

    #[test]
    fn other_lines_are_refused() {
        let changed = |from: &str, to: &str| SECOND.replacen(from, to, 1);
        for (first, second, error) in [
            ("", SECOND.to_owned(), MrzError::Form),
            (&FIRST.replacen('P', "I", 1), SECOND.to_owned(), MrzError::Form),
            (FIRST, SECOND.to_lowercase(), MrzError::Form),
            (FIRST, format!("{SECOND}<"), MrzError::Form),
            (FIRST, changed("L898902C3", "L898903C3"), MrzError::CheckDigit("the passport number")),
            (FIRST, changed("7408122", "7408132"), MrzError::CheckDigit("the date of birth")),
            (FIRST, changed("1204159", "1204169"), MrzError::CheckDigit("the date of expiry")),
            (FIRST, changed("ZE184226B", "ZE184226C"), MrzError::CheckDigit("the personal number")),
            (FIRST, SECOND.replacen("<<<<<10", "<<<<<11", 1), MrzError::CheckDigit("the whole line")),
        ] {
            assert_eq!(Passport::from_lines(first, &second, TODAY), Err(error), "{second}");
        }
    }

    #[test]
    fn years_of_two_digits() {
        assert_eq!(super::date("261123", Some(TODAY)), Some(TODAY));
        assert_eq!(super::date("261124", Some(TODAY)), Some(date(1926, 11, 24)));
        assert_eq!(super::date("260230", Some(TODAY)), None);
        assert_eq!(super::date("990101", None), Some(date(2099, 1, 1)));
    }

    #[test]
    fn good_for_a_flight_to_the_day() {
        let born = date(1990, 5, 17);
        let passport = |expires_on| Passport {
            number: "X1".to_owned(),
            issuer: "IND".to_owned(),
            nationality: "IND".to_owned(),
            born_on: born,
            expires_on,
        };
        let arrives = date(2026, 8, 31);
        for (expires, months, expected) in [
            (date(2026, 8, 31), 0, Ok(())),
            (date(2026, 8, 30), 0, Err(Unfit::Expired)),
            (date(2027, 2, 28), 6, Ok(())),
            (date(2027, 2, 27), 6, Err(Unfit::ExpiresSoon)),
            (date(2026, 8, 30), 6, Err(Unfit::Expired)),
        ] {
            assert_eq!(passport(expires).check(born, arrives, months), expected, "{expires} {months}");
        }
        assert_eq!(passport(date(2030, 1, 1)).check(date(1990, 5, 18), arrives, 0), Err(Unfit::OtherPerson));
    }

    proptest! {
        #[test]
        fn a_wrong_character_shows(place in 0_usize..WIDTH, c in "[A-Z0-9<]") {
            let mut line = SECOND.to_owned();
            line.replace_range(place..=place, &c);
            // Three places have no check digit of their own: nationality and sex are read by people.
            let unchecked = (10..13).contains(&place) || place == 20;
            prop_assume!(line != SECOND && !unchecked);
            let value = |byte: u8| check_digit(char::from(byte).to_string().as_str());
            // Two characters whose values are ten apart are the same to any check digit of this kind.
            let alike = value(SECOND.as_bytes()[place]) == value(c.as_bytes()[0]);
            prop_assert_eq!(Passport::from_lines(FIRST, &line, TODAY).is_err() || alike, true);
        }

        #[test]
        fn no_lines_panic(first in "\\PC{0,50}", second in "\\PC{0,50}") {
            let _ = Passport::from_lines(&first, &second, TODAY);
        }
    }
}
