//! The life of a payment: which states there are, which may follow which, and what becomes of one when the gateway says
//! something, or nothing.

/// The state of a payment (design: created, processing, requires action, unknown; succeeded or declined).
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PaymentState {
    /// Written down, not yet sent.
    Created,
    /// Sent, or in the gateway's hands.
    Processing,
    /// The traveller must approve it.
    RequiresAction,
    /// The answer was lost: it may or may not have happened.
    Unknown,
    /// The money is ours.
    Succeeded,
    /// It did not happen and will not.
    Declined,
}

/// What was heard of a payment.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Heard {
    /// Charged.
    Succeeded,
    /// Refused, or given up.
    Declined,
    /// Waiting for the traveller.
    RequiresAction,
    /// The gateway is still at it.
    Processing,
    /// The gateway does not know it, so soon that the request may still be under way.
    NotThereYet,
    /// The gateway does not know it, and by now never will.
    NeverArrived,
    /// No answer that says anything.
    Nothing,
}

/// Every edge that exists.
const EDGES: &[(PaymentState, PaymentState)] = {
    use PaymentState::{Created, Declined, Processing, RequiresAction, Succeeded, Unknown};
    &[
        (Created, Processing),
        (Created, RequiresAction),
        (Created, Unknown),
        (Created, Succeeded),
        (Created, Declined),
        (Processing, RequiresAction),
        (Processing, Unknown),
        (Processing, Succeeded),
        (Processing, Declined),
        (RequiresAction, Processing),
        (RequiresAction, Succeeded),
        (RequiresAction, Declined),
        // What was lost is found again, in whatever state it is.
        (Unknown, Processing),
        (Unknown, RequiresAction),
        (Unknown, Succeeded),
        (Unknown, Declined),
    ]
};

impl PaymentState {
    /// All states.
    pub const ALL: [Self; 6] = [
        Self::Created,
        Self::Processing,
        Self::RequiresAction,
        Self::Unknown,
        Self::Succeeded,
        Self::Declined,
    ];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Created => "created",
            Self::Processing => "processing",
            Self::RequiresAction => "requires_action",
            Self::Unknown => "unknown",
            Self::Succeeded => "succeeded",
            Self::Declined => "declined",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|state| state.as_str() == word)
    }

    /// Whether it can no longer change.
    pub const fn is_settled(self) -> bool {
        matches!(self, Self::Succeeded | Self::Declined)
    }

    /// Whether the edge exists; staying is no edge.
    pub fn may_become(self, next: Self) -> bool {
        EDGES.contains(&(self, next))
    }

    /// The states from which a statement may move a payment to this one, or find it there already and open: what an UPDATE
    /// names in its condition.
    pub fn from_states(self) -> Vec<&'static str> {
        let stays = |state: Self| state == self && !state.is_settled();
        let sources = Self::ALL.into_iter().filter(|state| state.may_become(self) || stays(*state));
        sources.map(Self::as_str).collect()
    }

    /// What becomes of a payment when something is heard of it. `in_their_hands`: the gateway has said before that it has it.
    ///
    /// Silence about a payment that the gateway has told us of changes nothing; silence about one that was only sent makes it
    /// unknown. Silence never declines.
    pub fn after(self, heard: Heard, in_their_hands: bool) -> Self {
        let next = match heard {
            Heard::Succeeded => Self::Succeeded,
            Heard::Declined => Self::Declined,
            Heard::RequiresAction => Self::RequiresAction,
            Heard::Processing => Self::Processing,
            Heard::NeverArrived if !in_their_hands => Self::Declined,
            Heard::NotThereYet | Heard::NeverArrived | Heard::Nothing if in_their_hands => self,
            Heard::NotThereYet | Heard::NeverArrived | Heard::Nothing => Self::Unknown,
        };
        if self.may_become(next) { next } else { self }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    const HEARD: [Heard; 7] = [
        Heard::Succeeded,
        Heard::Declined,
        Heard::RequiresAction,
        Heard::Processing,
        Heard::NotThereYet,
        Heard::NeverArrived,
        Heard::Nothing,
    ];

    #[test]
    fn words_are_read_back_and_ends_are_ends() {
        for state in PaymentState::ALL {
            assert_eq!(PaymentState::from_word(state.as_str()), Some(state));
            assert!(!state.may_become(state));
            let leaves = PaymentState::ALL.into_iter().any(|next| state.may_become(next));
            assert_eq!(leaves, !state.is_settled(), "{state:?}");
            assert_eq!(state.from_states().contains(&state.as_str()), !state.is_settled());
            assert_ne!(state.from_states(), Vec::<&str>::new());
        }
        assert_eq!(PaymentState::from_word("paid"), None);
    }

    #[test]
    fn silence_is_never_a_decline() {
        use PaymentState::{Declined, Processing, RequiresAction, Succeeded, Unknown};
        for (state, heard, known, next) in [
            (Processing, Heard::Nothing, false, Unknown),
            (Processing, Heard::NotThereYet, false, Unknown),
            (Processing, Heard::Nothing, true, Processing),
            (RequiresAction, Heard::Nothing, true, RequiresAction),
            (RequiresAction, Heard::NeverArrived, true, RequiresAction),
            (Unknown, Heard::NeverArrived, false, Declined),
            (Unknown, Heard::RequiresAction, false, RequiresAction),
            (Succeeded, Heard::Declined, true, Succeeded),
            (Declined, Heard::Succeeded, true, Declined),
        ] {
            assert_eq!(state.after(heard, known), next, "{state:?} {heard:?} {known}");
        }
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]

        /// Whatever is heard, in whatever order and however often: edges only, ends stay, and the first definite word is
        /// the last.
        #[test]
        fn a_payment_moves_along_edges_and_ends_once(heard in prop::collection::vec((0..HEARD.len(), any::<bool>()), 0..40)) {
            let mut state = PaymentState::Created;
            let mut ended = None;
            for (index, known) in heard {
                let next = state.after(HEARD[index], known);
                prop_assert!(next == state || state.may_become(next), "{state:?} to {next:?}");
                if let Some(end) = ended {
                    prop_assert_eq!(next, end);
                }
                if next == PaymentState::Declined && state != next {
                    let said = matches!(HEARD[index], Heard::Declined | Heard::NeverArrived);
                    prop_assert!(said, "{:?} declined", HEARD[index]);
                }
                state = next;
                ended = ended.or(state.is_settled().then_some(state));
            }
        }
    }
}
