//! Support tickets: what somebody needs help with, and whose turn it is.

use jiff::{SignedDuration, Timestamp};

/// What a ticket is about.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Category {
    /// A booking, a change of it, a name.
    Booking,
    /// A charge.
    Payment,
    /// Money that should come back.
    Refund,
    /// A flight that is late, cancelled or retimed.
    Disruption,
    /// Bags, lost or damaged.
    Baggage,
    /// Check-in and boarding passes.
    CheckIn,
    /// Wheelchairs, medical needs, children alone.
    Assistance,
    /// The account and its data.
    Account,
    /// Anything else.
    Other,
}

impl Category {
    /// All of them.
    pub const ALL: [Self; 9] = [
        Self::Booking,
        Self::Payment,
        Self::Refund,
        Self::Disruption,
        Self::Baggage,
        Self::CheckIn,
        Self::Assistance,
        Self::Account,
        Self::Other,
    ];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Booking => "booking",
            Self::Payment => "payment",
            Self::Refund => "refund",
            Self::Disruption => "disruption",
            Self::Baggage => "baggage",
            Self::CheckIn => "check_in",
            Self::Assistance => "assistance",
            Self::Account => "account",
            Self::Other => "other",
        }
    }

    /// The category of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|category| category.as_str() == word)
    }

    /// Whether whoever asks may be at an airport: staff are to answer sooner.
    pub const fn is_urgent(self) -> bool {
        matches!(self, Self::Disruption | Self::CheckIn | Self::Assistance)
    }
}

/// Whose turn it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// Nobody of the staff has answered.
    Open,
    /// Staff answered, and wait for whoever asked.
    WaitingCustomer,
    /// Whoever asked said more, and waits for staff.
    WaitingStaff,
    /// It is dealt with; whoever asked can still say that it is not.
    Resolved,
    /// It is over.
    Closed,
}

/// What happens to a ticket.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Step {
    /// Whoever asked says more.
    CustomerWrites,
    /// Staff answer.
    StaffAnswer,
    /// Staff answer, and that is all; or whoever asked is content.
    Resolve,
    /// Nobody said that it is not dealt with.
    Close,
}

impl Status {
    /// All of them.
    pub const ALL: [Self; 5] =
        [Self::Open, Self::WaitingCustomer, Self::WaitingStaff, Self::Resolved, Self::Closed];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::WaitingCustomer => "waiting_customer",
            Self::WaitingStaff => "waiting_staff",
            Self::Resolved => "resolved",
            Self::Closed => "closed",
        }
    }

    /// The state of a word.
    pub fn parse(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether staff are to say something.
    pub const fn waits_for_staff(self) -> bool {
        matches!(self, Self::Open | Self::WaitingStaff)
    }

    /// What it is after a step; `None` if there is no such step. What was resolved is opened again by whoever asked, who has the
    /// last word; what is closed stays so.
    pub const fn after(self, step: Step) -> Option<Self> {
        match (self, step) {
            // What nobody has answered yet stays so however much more is asked.
            (Self::Open, Step::CustomerWrites) => Some(Self::Open),
            (Self::WaitingCustomer | Self::WaitingStaff | Self::Resolved, Step::CustomerWrites) => {
                Some(Self::WaitingStaff)
            }
            (Self::Open | Self::WaitingCustomer | Self::WaitingStaff | Self::Resolved, Step::StaffAnswer) => {
                Some(Self::WaitingCustomer)
            }
            (Self::Open | Self::WaitingCustomer | Self::WaitingStaff | Self::Resolved, Step::Resolve) => {
                Some(Self::Resolved)
            }
            (Self::Resolved, Step::Close) => Some(Self::Closed),
            _ => None,
        }
    }
}

/// How long staff have to answer, in hours: for what is urgent, and for the rest.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct AnswerTimes {
    /// See [`Category::is_urgent`].
    pub urgent_hours: u32,
    /// Otherwise.
    pub hours: u32,
}

impl AnswerTimes {
    /// When staff should have answered what was asked at an instant.
    pub fn due(&self, category: Category, asked_at: Timestamp) -> Timestamp {
        let hours = if category.is_urgent() { self.urgent_hours } else { self.hours };
        asked_at + SignedDuration::from_hours(i64::from(hours))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STEPS: [Step; 4] = [Step::CustomerWrites, Step::StaffAnswer, Step::Resolve, Step::Close];

    #[test]
    fn words_are_read_again() {
        for status in Status::ALL {
            assert_eq!(Status::parse(status.as_str()), Some(status));
        }
        for category in Category::ALL {
            assert_eq!(Category::parse(category.as_str()), Some(category));
        }
    }

    #[test]
    fn what_is_closed_stays_so_and_only_what_is_resolved_is_closed() {
        for status in Status::ALL {
            for step in STEPS {
                assert!(status != Status::Closed || status.after(step).is_none(), "{step:?}");
            }
            assert_eq!(status.after(Step::Close).is_some(), status == Status::Resolved, "{status:?}");
        }
    }

    #[test]
    fn staff_are_waited_for_from_a_question_to_the_answer() {
        assert!(Status::Open.waits_for_staff());
        for status in Status::ALL {
            assert!(status.after(Step::CustomerWrites).is_none_or(Status::waits_for_staff), "{status:?}");
            assert!(status.after(Step::StaffAnswer).is_none_or(|next| !next.waits_for_staff()), "{status:?}");
            assert!(status.after(Step::Resolve).is_none_or(|next| !next.waits_for_staff()), "{status:?}");
        }
    }

    #[test]
    fn whoever_may_be_at_an_airport_is_answered_sooner() {
        let times = AnswerTimes { urgent_hours: 4, hours: 24 };
        let asked: Timestamp = "2026-06-10T12:00:00Z".parse().expect("an instant");
        assert_eq!(times.due(Category::Disruption, asked), asked + SignedDuration::from_hours(4));
        assert_eq!(times.due(Category::Refund, asked), asked + SignedDuration::from_hours(24));
    }
}
