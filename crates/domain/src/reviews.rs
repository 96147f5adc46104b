//! What travellers think of a flight: what a review may say, who may write one and until when, and the sum of all of a flight
//! number.

use crate::coupon::CouponStatus;

/// One star is bad, five are very good.
pub const STARS: std::ops::RangeInclusive<i16> = 1..=5;
/// Longest comment, characters.
pub const COMMENT_MAX: usize = 2_000;

/// The stars that somebody gave: to the flight, and to what they cared to rate apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rating {
    /// The flight as a whole, 1 to 5.
    pub stars: i16,
    /// Those on board who looked after them.
    pub crew: Option<i16>,
    /// Seat, cabin and what was served.
    pub comfort: Option<i16>,
    /// Whether it was on time.
    pub punctuality: Option<i16>,
}

impl Rating {
    /// The parts that may be rated apart, in the order in which [`Rating::aspects`] gives them.
    pub const ASPECTS: [&'static str; 3] = ["crew", "comfort", "punctuality"];

    /// Stars of each part.
    pub const fn aspects(&self) -> [Option<i16>; 3] {
        [self.crew, self.comfort, self.punctuality]
    }

    /// The first member that is not a number of stars.
    pub fn odd_member(&self) -> Option<&'static str> {
        let odd = |stars: i16| !STARS.contains(&stars);
        let aspects = Self::ASPECTS.into_iter().zip(self.aspects());
        let mut members = std::iter::once(("stars", Some(self.stars))).chain(aspects);
        members.find(|(_, stars)| stars.is_some_and(odd)).map(|(name, _)| name)
    }
}

/// A comment as it is kept: without blanks around it, line ends in one way, and not more than one line empty between two. `None` if
/// nothing is left. The error says what a comment must be.
pub fn comment(text: &str) -> Result<Option<String>, &'static str> {
    let mut kept: Vec<&str> = Vec::new();
    for line in text.lines().map(str::trim_end) {
        if !(line.is_empty() && kept.last().is_none_or(|last| last.is_empty())) {
            kept.push(line);
        }
    }
    let comment = kept.join("\n").trim().to_owned();
    if comment.chars().any(|c| c.is_control() && c != '\n') {
        return Err("it must not contain control characters");
    }
    if comment.chars().count() > COMMENT_MAX {
        return Err("it must have at most 2000 characters");
    }
    Ok(Some(comment).filter(|comment| !comment.is_empty()))
}

/// Who may review a flight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Require {
    /// Who was on board (product decision: the default).
    #[default]
    Flown,
    /// Who had a ticket for it that was not given back.
    Booked,
}

impl Require {
    /// Whether a coupon in that state lets its booking's owner review the flight, once it has left.
    pub const fn allows(self, coupon: CouponStatus) -> bool {
        match self {
            Self::Flown => matches!(coupon, CouponStatus::Flown),
            Self::Booked => !matches!(
                coupon,
                CouponStatus::Refunded | CouponStatus::Exchanged | CouponStatus::Void | CouponStatus::NoShow
            ),
        }
    }
}

/// What all reviews of a flight number come to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Tally {
    /// How many gave one star, two, three, four, five.
    pub stars: [i64; 5],
    /// Sum and number of the stars of each part, as [`Rating::ASPECTS`] names them.
    pub aspects: [(i64, i64); 3],
}

impl Tally {
    /// How many reviews.
    pub fn count(&self) -> i64 {
        self.stars.iter().sum()
    }

    /// The mean in tenths of a star, half a tenth up; `None` if there are none.
    pub fn average_tenths(&self) -> Option<i64> {
        let sum = (1..).zip(self.stars).map(|(stars, count)| stars * count).sum();
        mean_tenths(sum, self.count())
    }

    /// The mean of each part in tenths of a star.
    pub fn aspect_tenths(&self) -> [Option<i64>; 3] {
        self.aspects.map(|(sum, count)| mean_tenths(sum, count))
    }

    /// With one review more, or less.
    pub fn add(&mut self, rating: &Rating, times: i64) {
        for (stars, count) in (1..).zip(&mut self.stars) {
            *count += if stars == rating.stars { times } else { 0 };
        }
        for ((sum, count), stars) in self.aspects.iter_mut().zip(rating.aspects()) {
            if let Some(stars) = stars {
                *sum += times * i64::from(stars);
                *count += times;
            }
        }
    }
}

const fn mean_tenths(sum: i64, count: i64) -> Option<i64> {
    if count > 0 { Some((20 * sum + count) / (2 * count)) } else { None }
}

#[cfg(test)]
mod tests {
    use super::*;

    const GOOD: Rating = Rating { stars: 4, crew: Some(5), comfort: None, punctuality: Some(3) };

    #[test]
    fn stars_outside_the_scale_are_named() {
        assert_eq!(GOOD.odd_member(), None);
        assert_eq!(Rating { stars: 0, ..GOOD }.odd_member(), Some("stars"));
        assert_eq!(Rating { stars: 6, ..GOOD }.odd_member(), Some("stars"));
        assert_eq!(Rating { crew: Some(0), ..GOOD }.odd_member(), Some("crew"));
        assert_eq!(Rating { punctuality: Some(-1), ..GOOD }.odd_member(), Some("punctuality"));
    }

    #[test]
    fn comments_are_tidied_and_never_cut() {
        assert_eq!(comment(" \r\n\n good \r\n\n\n\n crew \n"), Ok(Some("good\n\n crew".to_owned())));
        assert_eq!(comment("  \n "), Ok(None));
        assert_eq!(comment("a\u{7}b"), Err("it must not contain control characters"));
        assert_eq!(comment(&"अ".repeat(COMMENT_MAX)).map(|text| text.is_some()), Ok(true));
        assert!(comment(&"अ".repeat(COMMENT_MAX + 1)).is_err());
    }

    #[test]
    fn who_was_not_on_board_reviews_only_where_the_airline_lets_ticket_holders() {
        for status in CouponStatus::ALL {
            assert_eq!(Require::Flown.allows(status), status == CouponStatus::Flown, "{status:?}");
        }
        assert!(Require::Booked.allows(CouponStatus::Open));
        assert!(!Require::Booked.allows(CouponStatus::Refunded));
        assert!(!Require::Booked.allows(CouponStatus::NoShow));
    }

    #[test]
    fn a_tally_is_the_mean_of_its_reviews() {
        let mut tally = Tally::default();
        assert_eq!(tally.average_tenths(), None);
        for stars in [5, 4, 4] {
            tally.add(&Rating { stars, ..GOOD }, 1);
        }
        // 13 / 3 = 4.33
        assert_eq!((tally.count(), tally.average_tenths()), (3, Some(43)));
        assert_eq!(tally.aspect_tenths(), [Some(50), None, Some(30)]);
        tally.add(&Rating { stars: 5, ..GOOD }, -1);
        assert_eq!((tally.stars, tally.average_tenths()), ([0, 0, 0, 2, 0], Some(40)));
        // Half a tenth goes up: 4.25 and 3.75.
        let half = |stars| Tally { stars, aspects: [(0, 0); 3] }.average_tenths();
        assert_eq!(half([0, 0, 0, 3, 1]), Some(43));
        assert_eq!(half([0, 0, 1, 3, 0]), Some(38));
    }
}
