//! The life of a booking, and who may travel in it.

use jiff::civil::Date;

use crate::pricing::PassengerType;

/// The state of a booking (design: held, confirmed, completed; or expired, cancelled).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum BookingStatus {
    /// Seats are kept until a deadline.
    Held,
    /// Paid and ticketed.
    Confirmed,
    /// Flown.
    Completed,
    /// The deadline passed unpaid; the seats went back. Money that was under way and comes late may still confirm it, if its
    /// seats can be taken again.
    Expired,
    /// Given up by the traveller; the seats went back and the money, if any.
    Cancelled,
}

impl BookingStatus {
    /// All states.
    pub const ALL: [Self; 5] = [Self::Held, Self::Confirmed, Self::Completed, Self::Expired, Self::Cancelled];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Held => "held",
            Self::Confirmed => "confirmed",
            Self::Completed => "completed",
            Self::Expired => "expired",
            Self::Cancelled => "cancelled",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the edge exists. What moves a booking asks here first; its statement names the state it comes from, so
    /// the database decides between two that want to move it at once.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Held, Self::Confirmed | Self::Expired | Self::Cancelled)
                | (Self::Confirmed, Self::Completed | Self::Cancelled)
                | (Self::Expired, Self::Confirmed)
        )
    }

    /// What the traveller can do now.
    pub const fn available_actions(self) -> &'static [&'static str] {
        match self {
            Self::Held => &["pay", "extend", "cancel"],
            Self::Confirmed => &["change", "cancel"],
            Self::Completed | Self::Expired | Self::Cancelled => &[],
        }
    }
}

/// A passenger's age does not fit the type on the day of a flight.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum AgeError {
    /// Born after the flight.
    #[error("born after the day of the flight")]
    NotBorn,
    /// An adult is twelve or older.
    #[error("an adult is twelve years or older on the day of the flight")]
    TooYoungForAdult,
    /// A child is two to eleven.
    #[error("a child is two to eleven years old on the day of every flight")]
    NotAChild,
    /// An infant is under two.
    #[error("an infant is under two years old on the day of every flight")]
    NotAnInfant,
}

/// Full years lived on a date. Somebody born on 29 February has their birthday on 1 March in common years.
pub fn age_on(born: Date, date: Date) -> Option<i16> {
    let years = date.year() - born.year();
    let had_birthday = (date.month(), date.day()) >= (born.month(), born.day());
    let age = if had_birthday { years } else { years - 1 };
    (born <= date).then_some(age)
}

/// Checks a passenger against the local dates of the flights.
pub fn check_age(kind: PassengerType, born: Date, flight_dates: &[Date]) -> Result<(), AgeError> {
    for date in flight_dates {
        let age = age_on(born, *date).ok_or(AgeError::NotBorn)?;
        match kind {
            PassengerType::Adult if age < 12 => return Err(AgeError::TooYoungForAdult),
            PassengerType::Child if !(2..12).contains(&age) => return Err(AgeError::NotAChild),
            PassengerType::Infant if age >= 2 => return Err(AgeError::NotAnInfant),
            _ => {}
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use jiff::civil::date;

    use super::*;

    #[test]
    fn final_states_stay() {
        for from in BookingStatus::ALL {
            let next: Vec<_> = BookingStatus::ALL.into_iter().filter(|next| from.may_become(*next)).collect();
            let is_final = matches!(from, BookingStatus::Completed | BookingStatus::Cancelled);
            assert_eq!(next.is_empty(), is_final, "{from:?}");
            assert_eq!(BookingStatus::from_word(from.as_str()), Some(from));
        }
    }

    #[test]
    fn ages_at_the_edges() {
        let flight = date(2026, 12, 1);
        let turns = |years: i16| date(2026 - years, 12, 1);
        let day_later = |years: i16| date(2026 - years, 12, 2);
        for (kind, born, expected) in [
            (PassengerType::Adult, turns(12), Ok(())),
            (PassengerType::Adult, day_later(12), Err(AgeError::TooYoungForAdult)),
            (PassengerType::Child, turns(12), Err(AgeError::NotAChild)),
            (PassengerType::Child, day_later(12), Ok(())),
            (PassengerType::Child, turns(2), Ok(())),
            (PassengerType::Child, day_later(2), Err(AgeError::NotAChild)),
            (PassengerType::Infant, day_later(2), Ok(())),
            (PassengerType::Infant, turns(2), Err(AgeError::NotAnInfant)),
            (PassengerType::Infant, date(2026, 12, 2), Err(AgeError::NotBorn)),
        ] {
            assert_eq!(check_age(kind, born, &[flight]), expected, "{kind:?} born {born}");
        }
    }

    #[test]
    fn an_infant_that_turns_two_on_the_way_needs_a_seat() {
        let dates = [date(2026, 12, 1), date(2026, 12, 9)];
        assert_eq!(check_age(PassengerType::Infant, date(2024, 12, 9), &dates), Err(AgeError::NotAnInfant));
    }

    #[test]
    fn leap_day_birthdays() {
        assert_eq!(age_on(date(2024, 2, 29), date(2026, 2, 28)), Some(1));
        assert_eq!(age_on(date(2024, 2, 29), date(2026, 3, 1)), Some(2));
    }
}
