//! Columns of a boarding pass, written and read.

use super::{BcbpError, Each, Once};

/// Most bags that have a licence plate on a pass.
const BAGS_MAX: usize = 3;
const BAG_DIGITS: usize = 13;

/// What may be said once and of each flight comes in a fixed order, and the blank items at its end are left away.
#[derive(Default)]
pub(super) struct Writer {
    text: String,
    /// Where the last item ends that is not blank.
    said: usize,
}

impl AsMut<String> for Writer {
    fn as_mut(&mut self) -> &mut String {
        &mut self.text
    }
}

impl Writer {
    pub(super) fn push(&mut self, c: char) {
        self.text.push(c);
    }

    /// A text, left in its field.
    pub(super) fn text(&mut self, what: &'static str, text: &str, width: usize) -> Result<(), BcbpError> {
        if text.len() > width {
            return Err(BcbpError::Field(what));
        }
        self.text.push_str(&format!("{text:width$}"));
        if !text.is_empty() {
            self.said = self.text.len();
        }
        Ok(())
    }

    /// A number with zeros before it.
    pub(super) fn number(
        &mut self,
        what: &'static str,
        number: usize,
        width: usize,
    ) -> Result<(), BcbpError> {
        let digits = format!("{number:0width$}");
        if digits.len() > width {
            return Err(BcbpError::Field(what));
        }
        self.text.push_str(&digits);
        self.said = self.text.len();
        Ok(())
    }

    /// A capital letter, or a blank.
    pub(super) fn letter(&mut self, what: &'static str, letter: Option<char>) -> Result<(), BcbpError> {
        if let Some(letter) = letter {
            check_char(what, letter, |c| c.is_ascii_uppercase())?;
        }
        self.text.push(letter.unwrap_or(' '));
        Ok(())
    }

    /// A letter or digit, or a blank.
    fn mark(&mut self, what: &'static str, mark: Option<char>) -> Result<(), BcbpError> {
        if let Some(mark) = mark {
            check_char(what, mark, |c| c.is_ascii_alphanumeric())?;
        }
        self.text.push(mark.unwrap_or(' '));
        if mark.is_some() {
            self.said = self.text.len();
        }
        Ok(())
    }

    pub(super) fn finish(self) -> String {
        self.text
    }

    fn trimmed(self) -> String {
        let mut text = self.text;
        text.truncate(self.said);
        text
    }
}

/// A length in two hexadecimal digits.
pub(super) fn push_length(text: &mut String, length: usize, what: &'static str) -> Result<(), BcbpError> {
    if length > 0xFF {
        return Err(BcbpError::Field(what));
    }
    text.push_str(&format!("{length:02X}"));
    Ok(())
}

pub(super) fn check_char(what: &'static str, c: char, fits: fn(char) -> bool) -> Result<(), BcbpError> {
    if c.is_ascii() && fits(c) { Ok(()) } else { Err(BcbpError::Field(what)) }
}

pub(super) fn check_range(what: &'static str, number: u16, most: u16) -> Result<(), BcbpError> {
    if (1..=most).contains(&number) { Ok(()) } else { Err(BcbpError::Field(what)) }
}

/// Letters and digits, one at least.
pub(super) fn check_code(what: &'static str, text: &str) -> Result<(), BcbpError> {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit();
    if !text.is_empty() && text.chars().all(fits) { Ok(()) } else { Err(BcbpError::Field(what)) }
}

/// A text that would come back as it is: letters and digits, and blanks between them.
fn check_plain(what: &'static str, text: &str) -> Result<(), BcbpError> {
    let fits = |c: char| c.is_ascii_uppercase() || c.is_ascii_digit() || c == ' ';
    if text.chars().all(fits) && text.trim() == text { Ok(()) } else { Err(BcbpError::Field(what)) }
}

/// `SURNAME/GIVEN`.
pub(super) fn check_name(name: &str) -> Result<(), BcbpError> {
    let fits = |c: char| c.is_ascii_uppercase() || c == ' ' || c == '/';
    let strokes = name.chars().filter(|c| *c == '/').count();
    let surname = name.split('/').next().unwrap_or_default();
    let fine = name.chars().all(fits) && strokes <= 1 && name.trim() == name && !surname.is_empty();
    if fine { Ok(()) } else { Err(BcbpError::Field("the name")) }
}

/// Printable ASCII without the mark that begins the security field, and without blanks at its end.
pub(super) fn check_own(what: &'static str, text: &str, most: usize) -> Result<(), BcbpError> {
    let fits = |c: char| (' '..='~').contains(&c) && c != '^';
    let fine = text.chars().all(fits) && text.len() <= most && text.trim_end_matches(' ') == text;
    if fine { Ok(()) } else { Err(BcbpError::Field(what)) }
}

/// Digits, all of them, from 1 to `most`.
pub(super) fn number(what: &'static str, text: &str, width: usize, most: u16) -> Result<u16, BcbpError> {
    let digits = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = text.parse().ok().filter(|number| digits && (1..=most).contains(number));
    number.ok_or(BcbpError::Field(what))
}

/// Reads column after column.
pub(super) struct Reader<'a>(&'a str);

impl<'a> Reader<'a> {
    /// Only ASCII has one column to a byte.
    pub(super) fn new(text: &'a str) -> Result<Self, BcbpError> {
        if text.bytes().all(|byte| (b' '..=b'~').contains(&byte)) {
            Ok(Self(text))
        } else {
            Err(BcbpError::Field("a character"))
        }
    }

    pub(super) const fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn rest(&mut self) -> &'a str {
        std::mem::take(&mut self.0)
    }

    pub(super) fn take(&mut self, what: &'static str, width: usize) -> Result<&'a str, BcbpError> {
        let (taken, rest) = self.0.split_at_checked(width).ok_or(BcbpError::Short(what))?;
        self.0 = rest;
        Ok(taken)
    }

    pub(super) fn part(&mut self, what: &'static str, width: usize) -> Result<Self, BcbpError> {
        Ok(Self(self.take(what, width)?))
    }

    pub(super) fn length(&mut self, what: &'static str) -> Result<usize, BcbpError> {
        let text = self.take(what, 2)?;
        let fits = |byte: u8| byte.is_ascii_digit() || (b'A'..=b'F').contains(&byte);
        let length = usize::from_str_radix(text, 16).ok().filter(|_| text.bytes().all(fits));
        length.ok_or(BcbpError::Field(what))
    }

    pub(super) fn text(&mut self, what: &'static str, width: usize) -> Result<String, BcbpError> {
        Ok(self.take(what, width)?.trim_end_matches(' ').to_owned())
    }

    pub(super) fn code(&mut self, what: &'static str, width: usize) -> Result<String, BcbpError> {
        let text = self.text(what, width)?;
        check_code(what, &text)?;
        Ok(text)
    }

    pub(super) fn number(&mut self, what: &'static str, width: usize, most: u16) -> Result<u16, BcbpError> {
        number(what, self.take(what, width)?, width, most)
    }

    pub(super) fn one(&mut self, what: &'static str, fits: fn(char) -> bool) -> Result<char, BcbpError> {
        self.take(what, 1)?.chars().next().filter(|c| fits(*c)).ok_or(BcbpError::Field(what))
    }

    pub(super) fn letter(&mut self, what: &'static str) -> Result<Option<char>, BcbpError> {
        let letter = self.one(what, |c| c == ' ' || c.is_ascii_uppercase())?;
        Ok((letter != ' ').then_some(letter))
    }

    /// An item that may be left away at the end of its part.
    fn item(&mut self, what: &'static str, width: usize) -> Result<&'a str, BcbpError> {
        if self.is_empty() { Ok("") } else { self.take(what, width) }
    }

    fn mark(&mut self, what: &'static str) -> Result<Option<char>, BcbpError> {
        let mark = self.item(what, 1)?.chars().next().filter(|c| *c != ' ');
        mark.map(|mark| check_char(what, mark, |c| c.is_ascii_alphanumeric()).map(|()| mark)).transpose()
    }

    fn plain(&mut self, what: &'static str, width: usize) -> Result<String, BcbpError> {
        let text = self.item(what, width)?.trim_end_matches(' ').to_owned();
        check_plain(what, &text)?;
        Ok(text)
    }
}

/// The digits of an item that is nothing but digits.
fn check_digits(what: &'static str, text: &str, width: usize) -> Result<(), BcbpError> {
    let digits = text.len() == width && text.bytes().all(|byte| byte.is_ascii_digit());
    if text.is_empty() || digits { Ok(()) } else { Err(BcbpError::Field(what)) }
}

impl Once {
    /// The items, without the blank ones at their end.
    pub(super) fn print(&self) -> Result<String, BcbpError> {
        let mut out = Writer::default();
        out.mark("the passenger's description", self.description)?;
        out.mark("where check-in was", self.checked_in_at)?;
        out.mark("where the pass was issued", self.issued_at)?;
        match self.issued_on {
            Some((year, day)) => {
                check_range("the day of issue", day, 366)?;
                out.number("the year of issue", year.into(), 1)?;
                out.number("the day of issue", day.into(), 3)?;
            }
            None => out.text("the day of issue", "", 4)?,
        }
        out.mark("the document type", self.document)?;
        check_plain("the issuing airline", &self.issuer)?;
        out.text("the issuing airline", &self.issuer, 3)?;
        if self.bags.len() > BAGS_MAX || self.bags.iter().any(String::is_empty) {
            return Err(BcbpError::Field("the bags"));
        }
        for bag in &self.bags {
            check_digits("the bags", bag, BAG_DIGITS)?;
            out.text("the bags", bag, BAG_DIGITS)?;
        }
        Ok(out.trimmed())
    }

    /// Reads `>`, the version, and the items of the part.
    pub(super) fn parse(more: &mut Reader<'_>) -> Result<Self, BcbpError> {
        if more.take("the version", 1)? != ">" {
            return Err(BcbpError::Field("the version"));
        }
        let version = more.one("the version", |c| c.is_ascii_digit())?;
        let length = more.length("the length of what is said once")?;
        let mut part = more.part("what is said once", length)?;
        let (description, checked_in_at) =
            (part.mark("the passenger's description")?, part.mark("where check-in was")?);
        let issued_at = part.mark("where the pass was issued")?;
        let issued_on = match part.item("the day of issue", 4)? {
            "" | "    " => None,
            text => {
                let (year, day) = text.split_at(1);
                let year = year.parse().map_err(|_| BcbpError::Field("the year of issue"))?;
                Some((year, number("the day of issue", day, 3, 366)?))
            }
        };
        let (document, issuer) = (part.mark("the document type")?, part.plain("the issuing airline", 3)?);
        let mut bags = Vec::new();
        while !part.is_empty() {
            let bag = part.plain("the bags", BAG_DIGITS)?;
            check_digits("the bags", &bag, BAG_DIGITS)?;
            // A blank licence plate is no bag.
            if !bag.is_empty() {
                bags.push(bag);
            }
        }
        if bags.len() > BAGS_MAX {
            return Err(BcbpError::Field("the bags"));
        }
        Ok(Self { version, description, checked_in_at, issued_at, issued_on, document, issuer, bags })
    }
}

impl Each {
    /// The items, without the blank ones at their end.
    pub(super) fn print(&self) -> Result<String, BcbpError> {
        let mut out = Writer::default();
        check_digits("the airline's number", &self.airline_number, 3)?;
        out.text("the airline's number", &self.airline_number, 3)?;
        check_plain("the document's serial", &self.serial)?;
        out.text("the document's serial", &self.serial, 10)?;
        out.mark("the selectee", self.selectee)?;
        out.mark("the look at documents", self.documents)?;
        for (what, text, width) in [
            ("the marketing airline", &self.marketing, 3),
            ("the frequent flyer's airline", &self.programme, 3),
            ("the frequent flyer's number", &self.frequent_flyer, 16),
        ] {
            check_plain(what, text)?;
            out.text(what, text, width)?;
        }
        out.mark("the discount", self.discount)?;
        check_plain("the free baggage", &self.baggage)?;
        out.text("the free baggage", &self.baggage, 3)?;
        out.mark("the fast track", self.fast_track)?;
        Ok(out.trimmed())
    }

    /// Reads the length and the items.
    pub(super) fn parse(more: &mut Reader<'_>) -> Result<Self, BcbpError> {
        let length = more.length("the length of what is said of a flight")?;
        let mut part = more.part("what is said of a flight", length)?;
        let airline_number = part.plain("the airline's number", 3)?;
        check_digits("the airline's number", &airline_number, 3)?;
        let each = Self {
            airline_number,
            serial: part.plain("the document's serial", 10)?,
            selectee: part.mark("the selectee")?,
            documents: part.mark("the look at documents")?,
            marketing: part.plain("the marketing airline", 3)?,
            programme: part.plain("the frequent flyer's airline", 3)?,
            frequent_flyer: part.plain("the frequent flyer's number", 16)?,
            discount: part.mark("the discount")?,
            baggage: part.plain("the free baggage", 3)?,
            fast_track: part.mark("the fast track")?,
        };
        if part.is_empty() { Ok(each) } else { Err(BcbpError::Field("what is said of a flight")) }
    }
}
