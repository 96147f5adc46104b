//! E-ticket numbers: thirteen digits, of which the first three name the airline in its accounts and the other ten
//! name the document (four digits of form, six of serial).

use std::fmt;
use std::str::FromStr;

/// How many document numbers an airline has: ten digits.
const DOCUMENTS: u64 = 10_000_000_000;
/// How many accounting codes there are: three digits.
const ACCOUNTING_CODES: u16 = 1000;
const CODE_DIGITS: usize = 3;
const DOCUMENT_DIGITS: usize = 10;

/// The number of an electronic ticket.
///
/// It prints as `999-0000000001`, accounting code and document apart, which is how people read it and write it;
/// [`TicketNumber::digits`] is the thirteen digits that files and tables hold. It parses from either form, and from
/// one with a space in place of the hyphen. Its order is that of the digits.
///
/// The check digit is not part of the number. Sources disagree on who prints it and where, so a foreign number is
/// never refused for want of one: [`TicketNumber::check_digit`] is there to be shown beside it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct TicketNumber {
    accounting_code: u16,
    document: u64,
}

impl TicketNumber {
    /// The number of an airline's document: three digits of accounting code, ten of document.
    pub const fn new(accounting_code: u16, document: u64) -> Result<Self, TicketError> {
        if accounting_code >= ACCOUNTING_CODES {
            return Err(TicketError::AccountingCode);
        }
        if document >= DOCUMENTS {
            return Err(TicketError::Document);
        }
        Ok(Self { accounting_code, document })
    }

    /// The airline, as its accounts name it: 0 to 999.
    pub const fn accounting_code(self) -> u16 {
        self.accounting_code
    }

    /// The airline's own number for the document: ten digits at most.
    pub const fn document(self) -> u64 {
        self.document
    }

    /// The digit that may stand behind the thirteen: they, read as one number, modulo 7.
    ///
    /// It catches every single wrong digit but a 0 for a 7, a 1 for an 8 or a 2 for a 9 (and the reverse), and every
    /// swap of neighbours but of those same pairs.
    pub const fn check_digit(self) -> u8 {
        let number = self.accounting_code as u64 * DOCUMENTS + self.document;
        (number % 7) as u8
    }

    /// The thirteen digits without a hyphen.
    pub fn digits(self) -> String {
        format!("{:0CODE_DIGITS$}{:0DOCUMENT_DIGITS$}", self.accounting_code, self.document)
    }
}

impl fmt::Display for TicketNumber {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:0CODE_DIGITS$}-{:0DOCUMENT_DIGITS$}", self.accounting_code, self.document)
    }
}

impl FromStr for TicketNumber {
    type Err = TicketError;

    fn from_str(text: &str) -> Result<Self, TicketError> {
        let (code, rest) = text.split_at_checked(CODE_DIGITS).ok_or(TicketError::Form)?;
        let document = rest.strip_prefix(['-', ' ']).unwrap_or(rest);
        let all_digits = code.bytes().chain(document.bytes()).all(|byte| byte.is_ascii_digit());
        if document.len() != DOCUMENT_DIGITS || !all_digits {
            return Err(TicketError::Form);
        }
        let accounting_code = code.parse().map_err(|_| TicketError::Form)?;
        let document = document.parse().map_err(|_| TicketError::Form)?;
        Ok(Self { accounting_code, document })
    }
}

/// Why a ticket number could not be formed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TicketError {
    /// More than three digits of accounting code.
    #[error("an airline accounting code is three digits")]
    AccountingCode,
    /// More than ten digits of document number: the airline has run out of numbers.
    #[error("a document number is ten digits")]
    Document,
    /// Not thirteen digits, nor three and ten with a hyphen between.
    #[error("a ticket number is thirteen digits, as in 999-0000000001")]
    Form,
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const DIGITS: usize = CODE_DIGITS + DOCUMENT_DIGITS;

    fn number(text: &str) -> TicketNumber {
        text.parse().expect("a ticket number")
    }

    #[test]
    fn check_digits_are_those_of_the_sources() {
        // Coupon digit, number, check digit (reference/standards.md 2.3). The coupon digit of a paper ticket stands in
        // front of the thirteen, where it is worth 10^13 = 3 modulo 7.
        for (coupon, text, check) in [
            (0, "012-1373147367", 3),
            (1, "013-3334178901", 3),
            (1, "132-7343888253", 1),
            (0, "001-2234732287", 1),
            (0, "078-6234277044", 6),
        ] {
            assert_eq!((number(text).check_digit() + 3 * coupon) % 7, check, "{text}");
        }
    }

    #[test]
    fn both_forms_are_one_number() {
        let first = TicketNumber::new(999, 1).expect("a ticket number");
        for text in ["999-0000000001", "9990000000001", "999 0000000001"] {
            assert_eq!(text.parse(), Ok(first), "{text}");
        }
        assert_eq!(first.to_string(), "999-0000000001");
        assert_eq!(first.digits(), "9990000000001");
        assert_eq!(TicketNumber::new(6, 0).expect("a ticket number").to_string(), "006-0000000000");
    }

    #[test]
    fn other_texts_are_not_numbers() {
        for text in [
            "",
            "999",
            "999000000001",
            "99900000000011",
            "9990-000000001",
            "999--0000000001",
            "999-000000000 ",
            "99-90000000001",
            " 9990000000001",
            "999_0000000001",
            "999-000000000x",
            "+990000000001",
            "९९९-0000000001",
        ] {
            assert_eq!(text.parse::<TicketNumber>(), Err(TicketError::Form), "{text:?}");
        }
        assert_eq!(TicketNumber::new(1000, 1), Err(TicketError::AccountingCode));
        assert_eq!(TicketNumber::new(999, DOCUMENTS), Err(TicketError::Document));
    }

    fn any_number() -> impl Strategy<Value = TicketNumber> {
        (0..ACCOUNTING_CODES, 0..DOCUMENTS)
            .prop_map(|(code, document)| TicketNumber::new(code, document).expect("both are in range"))
    }

    proptest! {
        #[test]
        fn what_is_printed_parses(number in any_number()) {
            prop_assert_eq!(number.to_string().parse(), Ok(number));
            prop_assert_eq!(number.digits().parse(), Ok(number));
            prop_assert_eq!(number.digits().len(), DIGITS);
        }

        #[test]
        fn parts_make_the_whole(number in any_number()) {
            prop_assert_eq!(TicketNumber::new(number.accounting_code(), number.document()), Ok(number));
        }

        #[test]
        fn order_is_that_of_the_digits(a in any_number(), b in any_number()) {
            prop_assert_eq!(a.cmp(&b), a.digits().cmp(&b.digits()));
        }

        #[test]
        fn a_wrong_digit_shows_unless_seven_apart(number in any_number(), place in 0..DIGITS, digit in b'0'..=b'9') {
            let mut digits = number.digits().into_bytes();
            let apart = digits[place].abs_diff(digit);
            digits[place] = digit;
            let other: TicketNumber = String::from_utf8(digits).expect("digits").parse().expect("a ticket number");
            prop_assert_eq!(other.check_digit() == number.check_digit(), apart % 7 == 0);
        }

        #[test]
        fn neighbours_swapped_show_unless_seven_apart(number in any_number(), place in 0..DIGITS - 1) {
            let mut digits = number.digits().into_bytes();
            let apart = digits[place].abs_diff(digits[place + 1]);
            digits.swap(place, place + 1);
            let other: TicketNumber = String::from_utf8(digits).expect("digits").parse().expect("a ticket number");
            prop_assert_eq!(other.check_digit() == number.check_digit(), apart % 7 == 0);
        }

        #[test]
        fn no_text_panics(text in "\\PC{0,20}") {
            let _ = text.parse::<TicketNumber>();
        }
    }
}
