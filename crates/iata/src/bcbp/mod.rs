//! The bar code of a boarding pass: IATA Resolution 792, "BCBP", format M.
//!
//! A pass is text of fixed columns: 23 characters about the passenger, then for each of one to four flights 37 characters
//! that must be there and a field whose length, two hexadecimal digits, ends them. The field of the first flight begins with
//! `>` and the version, and has what is said once; what is said for each flight and the airline's own text follow. Last may
//! come a security field: `^`, its type, its length, its data. Sources: reference/standards.md, section 2.1.
//!
//! A bar code names a journey and proves nothing: what is in it can be read, and copied, by whoever sees it. Nothing that
//! would be a secret belongs into it. The security field says who wrote the text, not who shows it.
//!
//! [`BoardingPass::print`] writes one way only, and [`BoardingPass::parse`] takes exactly what can be printed, apart from blanks
//! that stand at the end of a part: what was read is what would be written.

mod fields;
mod name;
#[cfg(test)]
mod tests;

use std::fmt;

use fields::{Reader, Writer};

pub use name::{NAME_WIDTH, name_of};

/// How many flights one pass can be for.
pub const LEGS_MAX: usize = 4;
/// Characters of a pass for one flight that has no more than what must be there.
pub const MANDATORY: usize = 60;
/// The version we write: that of the guide's eighth edition (in force from 1 June 2020).
pub const VERSION: char = '8';

/// A boarding pass. Texts are without the blanks around them; an empty one is a field left blank.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BoardingPass {
    /// `SURNAME/GIVEN`: capital letters A to Z, blanks and one stroke, twenty characters ([`name_of`] makes one).
    pub name: String,
    /// Whether it is for an electronic ticket.
    pub electronic: bool,
    /// One to four flights, in the order they are flown.
    pub legs: Vec<Leg>,
    /// What is said once, beside the name. Without it no flight may say more than it must.
    pub once: Option<Once>,
    /// A signature, or whatever else says who wrote the pass.
    pub security: Option<Security>,
}

/// One flight of a pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Leg {
    /// The operating airline's record locator, up to seven letters and digits.
    pub locator: String,
    /// Airport of departure, three letters.
    pub from: String,
    /// Airport of arrival, three letters.
    pub to: String,
    /// The operating airline, two or three letters and digits.
    pub carrier: String,
    /// Flight number, 1 to 9999.
    pub flight: u16,
    /// The letter behind the flight number.
    pub suffix: Option<char>,
    /// The day of the year of departure, 1 to 366; [`date_of`] finds the year.
    pub day: u16,
    /// The cabin's letter.
    pub cabin: char,
    /// Where the passenger sits.
    pub seat: Seat,
    /// Check-in sequence number, 1 to 9999; none before check-in.
    pub sequence: Option<u16>,
    /// What the passenger has done so far.
    pub status: Status,
    /// What may be said of each flight; only beside [`BoardingPass::once`].
    pub each: Each,
    /// The airline's own text: printable ASCII without `^`, as that begins the security field.
    pub own: String,
}

/// The seat on a pass.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Seat {
    /// Row 1 to 999, and letter.
    At(u16, char),
    /// An infant on a lap.
    Infant,
    /// None is printed: a passenger on standby, or a flight without seat numbers.
    None,
}

/// The passenger status.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Status {
    /// The ticket was issued and nobody checked in.
    NotCheckedIn,
    /// Checked in.
    CheckedIn,
    /// The bag is, the passenger is not.
    BagCheckedNotIn,
    /// Both are.
    BagCheckedIn,
    /// Past security.
    PassedSecurity,
    /// Past the gate: the coupon is used.
    PassedGate,
    /// In transit.
    Transit,
    /// Waits for a seat.
    Standby,
    /// The boarding data was looked at again.
    Revalidated,
    /// The line of the ticket's issue.
    Original,
    /// Must move to another cabin at close-out.
    Moved,
}

impl Status {
    const ALL: [(Self, char); 11] = [
        (Self::NotCheckedIn, '0'),
        (Self::CheckedIn, '1'),
        (Self::BagCheckedNotIn, '2'),
        (Self::BagCheckedIn, '3'),
        (Self::PassedSecurity, '4'),
        (Self::PassedGate, '5'),
        (Self::Transit, '6'),
        (Self::Standby, '7'),
        (Self::Revalidated, '8'),
        (Self::Original, '9'),
        (Self::Moved, 'A'),
    ];

    /// The character in the pass.
    pub fn letter(self) -> char {
        Self::ALL.into_iter().find(|(status, _)| *status == self).map_or('0', |(_, letter)| letter)
    }

    fn of(letter: char) -> Option<Self> {
        Self::ALL.into_iter().find(|(_, other)| *other == letter).map(|(status, _)| status)
    }
}

/// What may be said once, for the whole pass.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Once {
    /// The version of the standard, a digit.
    pub version: char,
    /// Who the passenger is: 0 adult, 1 male, 2 female, 3 child, 4 infant and so on.
    pub description: Option<char>,
    /// Where check-in was: `W` web, `K` kiosk, `A` agent, `M` mobile and so on.
    pub checked_in_at: Option<char>,
    /// Where the pass was issued, in the same letters.
    pub issued_at: Option<char>,
    /// When it was issued: the last digit of the year, and the day of the year.
    pub issued_on: Option<(u8, u16)>,
    /// `B` for a boarding pass, `I` for an itinerary receipt.
    pub document: Option<char>,
    /// The airline that issued it.
    pub issuer: String,
    /// Licence plates of bags, thirteen digits each, three at most.
    pub bags: Vec<String>,
}

/// What may be said of each flight.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Each {
    /// The airline's number in accounts, the first three digits of the ticket.
    pub airline_number: String,
    /// The other ten.
    pub serial: String,
    /// Selected for another look: 0, 1 or 3.
    pub selectee: Option<char>,
    /// Whether documents were looked at: 0 not needed, 1 needed, 2 done.
    pub documents: Option<char>,
    /// The airline that sold the flight.
    pub marketing: String,
    /// The airline of the frequent flyer's programme.
    pub programme: String,
    /// Their number in it.
    pub frequent_flyer: String,
    /// A letter for discounts of staff and agents.
    pub discount: Option<char>,
    /// Free baggage: `2PC`, `20K`.
    pub baggage: String,
    /// Whether there is a faster queue: `Y` or `N`.
    pub fast_track: Option<char>,
}

/// The security field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Security {
    /// The type of what follows, a letter or digit.
    pub kind: char,
    /// Up to 255 printable characters of ASCII.
    pub data: String,
}

/// Why a text is no boarding pass, or a pass cannot be printed.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BcbpError {
    /// It is not format M.
    #[error("it does not begin with M and one to four flights")]
    Format,
    /// It ends too early.
    #[error("it ends within {0}")]
    Short(&'static str),
    /// A field has what does not belong there.
    #[error("{0} is not written as the standard has it")]
    Field(&'static str),
    /// There is more than it says.
    #[error("there is more behind its end")]
    Long,
}

impl BoardingPass {
    /// The text of the bar code, with the security field if there is one.
    pub fn print(&self) -> Result<String, BcbpError> {
        let mut text = self.unsigned()?;
        if let Some(Security { kind, data }) = &self.security {
            fields::check_char("the security type", *kind, char::is_alphanumeric)?;
            fields::check_own("the security data", data, 0xFF)?;
            text.push('^');
            text.push(*kind);
            fields::push_length(&mut text, data.len(), "the security data")?;
            text.push_str(data);
        }
        Ok(text)
    }

    /// The text before the security field: what a signature is of.
    pub fn unsigned(&self) -> Result<String, BcbpError> {
        if !(1..=LEGS_MAX).contains(&self.legs.len()) {
            return Err(BcbpError::Format);
        }
        let mut out = Writer::default();
        out.push('M');
        out.number("the number of flights", self.legs.len(), 1)?;
        fields::check_name(&self.name)?;
        out.text("the name", &self.name, NAME_WIDTH)?;
        out.push(if self.electronic { 'E' } else { ' ' });
        for (index, leg) in self.legs.iter().enumerate() {
            leg.print(&mut out)?;
            let once = self.once.as_ref();
            if once.is_none() && !(leg.each == Each::default() && leg.own.is_empty()) {
                return Err(BcbpError::Field("what is said of a flight"));
            }
            let more = match once {
                None => String::new(),
                Some(once) => leg.more((index == 0).then_some(once))?,
            };
            fields::push_length(out.as_mut(), more.len(), "what is said beyond what must be")?;
            out.as_mut().push_str(&more);
        }
        Ok(out.finish())
    }

    /// Reads a bar code.
    pub fn parse(text: &str) -> Result<Self, BcbpError> {
        let mut input = Reader::new(text)?;
        let format = input.take("the format", 2)?;
        let count = format.strip_prefix('M').and_then(|count| count.parse::<usize>().ok());
        let count = count.filter(|count| (1..=LEGS_MAX).contains(count)).ok_or(BcbpError::Format)?;
        let name = input.text("the name", NAME_WIDTH)?;
        fields::check_name(&name)?;
        let electronic = match input.take("the electronic ticket", 1)? {
            "E" => true,
            " " => false,
            _ => return Err(BcbpError::Field("the electronic ticket")),
        };
        let (mut legs, mut once) = (Vec::with_capacity(count), None);
        for index in 0..count {
            let mut leg = Leg::parse(&mut input)?;
            let length = input.length("the length of a flight's part")?;
            let mut more = input.part("a flight's part", length)?;
            if index == 0 && !more.is_empty() {
                once = Some(Once::parse(&mut more)?);
            }
            if !more.is_empty() {
                if once.is_none() {
                    return Err(BcbpError::Field("what is said of a flight"));
                }
                leg.each = Each::parse(&mut more)?;
                more.rest().trim_end_matches(' ').clone_into(&mut leg.own);
            }
            legs.push(leg);
        }
        let security = if input.is_empty() { None } else { Some(Security::parse(&mut input)?) };
        if !input.is_empty() {
            return Err(BcbpError::Long);
        }
        Ok(Self { name, electronic, legs, once, security })
    }
}

impl Leg {
    fn print(&self, out: &mut Writer) -> Result<(), BcbpError> {
        for (what, text, width) in [
            ("the locator", &self.locator, 7),
            ("the airport of departure", &self.from, 3),
            ("the airport of arrival", &self.to, 3),
            ("the airline", &self.carrier, 3),
        ] {
            fields::check_code(what, text)?;
            out.text(what, text, width)?;
        }
        fields::check_range("the flight number", self.flight, 9999)?;
        out.number("the flight number", self.flight.into(), 4)?;
        out.letter("the letter of the flight number", self.suffix)?;
        fields::check_range("the day of the year", self.day, 366)?;
        out.number("the day of the year", self.day.into(), 3)?;
        fields::check_char("the cabin", self.cabin, |c| c.is_ascii_uppercase())?;
        out.push(self.cabin);
        match self.seat {
            Seat::At(row, letter) => {
                fields::check_range("the seat's row", row, 999)?;
                out.number("the seat's row", row.into(), 3)?;
                out.letter("the seat's letter", Some(letter))?;
            }
            Seat::Infant => out.text("the seat", "INF", 4)?,
            Seat::None => out.text("the seat", "", 4)?,
        }
        match self.sequence {
            Some(number) => {
                fields::check_range("the sequence number", number, 9999)?;
                out.number("the sequence number", number.into(), 4)?;
                out.push(' ');
            }
            None => out.text("the sequence number", "", 5)?,
        }
        out.push(self.status.letter());
        Ok(())
    }

    fn parse(input: &mut Reader<'_>) -> Result<Self, BcbpError> {
        Ok(Self {
            locator: input.code("the locator", 7)?,
            from: input.code("the airport of departure", 3)?,
            to: input.code("the airport of arrival", 3)?,
            carrier: input.code("the airline", 3)?,
            flight: input.number("the flight number", 4, 9999)?,
            suffix: input.letter("the letter of the flight number")?,
            day: input.number("the day of the year", 3, 366)?,
            cabin: input.one("the cabin", |c| c.is_ascii_uppercase())?,
            seat: Seat::parse(input)?,
            sequence: match input.take("the sequence number", 5)? {
                "     " => None,
                text => Some(fields::number("the sequence number", text.trim_end_matches(' '), 4, 9999)?),
            },
            status: Status::of(input.one("the passenger's status", |_| true)?)
                .ok_or(BcbpError::Field("the passenger's status"))?,
            each: Each::default(),
            own: String::new(),
        })
    }

    /// What stands behind the part that must be there; of the first flight with what is said once.
    fn more(&self, once: Option<&Once>) -> Result<String, BcbpError> {
        let mut more = String::new();
        if let Some(once) = once {
            fields::check_char("the version", once.version, |c| c.is_ascii_digit())?;
            more.push('>');
            more.push(once.version);
            let unique = once.print()?;
            fields::push_length(&mut more, unique.len(), "what is said once")?;
            more.push_str(&unique);
        }
        let each = self.each.print()?;
        // A later flight with nothing to say has no part at all.
        if once.is_some() || !each.is_empty() || !self.own.is_empty() {
            fields::push_length(&mut more, each.len(), "what is said of a flight")?;
            more.push_str(&each);
        }
        fields::check_own("the airline's own text", &self.own, 0xFF)?;
        more.push_str(&self.own);
        Ok(more)
    }
}

impl Seat {
    fn parse(input: &mut Reader<'_>) -> Result<Self, BcbpError> {
        match input.take("the seat", 4)? {
            "INF " => Ok(Self::Infant),
            "    " => Ok(Self::None),
            text => {
                let (row, letter) = text.split_at(3);
                let letter = letter.chars().next().filter(char::is_ascii_uppercase);
                let letter = letter.ok_or(BcbpError::Field("the seat's letter"))?;
                Ok(Self::At(fields::number("the seat's row", row, 3, 999)?, letter))
            }
        }
    }
}

impl Security {
    fn parse(input: &mut Reader<'_>) -> Result<Self, BcbpError> {
        if input.take("the security field", 1)? != "^" {
            return Err(BcbpError::Long);
        }
        let kind = input.one("the security type", |c| c.is_ascii_alphanumeric())?;
        let length = input.length("the length of the security data")?;
        let data = input.part("the security data", length)?.rest().to_owned();
        fields::check_own("the security data", &data, 0xFF)?;
        Ok(Self { kind, data })
    }
}

impl fmt::Display for Seat {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::At(row, letter) => write!(f, "{row}{letter}"),
            Self::Infant => f.write_str("INF"),
            Self::None => Ok(()),
        }
    }
}

/// The date of a day of the year of which only the last digit of the year is known: the one closest to `near`.
pub fn date_of_digit(digit: u8, day: u16, near: jiff::civil::Date) -> Option<jiff::civil::Date> {
    let years = near.year().saturating_sub(5)..=near.year().saturating_add(5);
    let dates =
        years.filter(|year| year.rem_euclid(10) == i16::from(digit)).filter_map(|year| in_year(day, year));
    dates.min_by_key(|date| near.duration_until(*date).abs())
}

/// A day of a year, if the year has it.
fn in_year(day: u16, year: i16) -> Option<jiff::civil::Date> {
    let day = i16::try_from(day).ok().filter(|day| *day > 0)?;
    let first = jiff::civil::Date::new(year, 1, 1).ok()?;
    let date = first.checked_add(jiff::Span::new().days(day - 1)).ok()?;
    (date.year() == year).then_some(date)
}

/// The date of a day of the year that has no year: the one closest to `near`, the earlier of two equally close. A 366th day is
/// in a leap year; `None` if there is none within five years.
pub fn date_of(day: u16, near: jiff::civil::Date) -> Option<jiff::civil::Date> {
    let years = near.year().saturating_sub(5)..=near.year().saturating_add(5);
    years.filter_map(|year| in_year(day, year)).min_by_key(|date| near.duration_until(*date).abs())
}
