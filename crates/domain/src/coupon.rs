//! The life of a coupon: one passenger's right to one flight (design 4.2).

/// The state of a coupon.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum CouponStatus {
    /// Nobody has checked in.
    Open,
    /// Its passenger has.
    CheckedIn,
    /// Its passenger is on board.
    Boarded,
    /// It was flown.
    Flown,
    /// It was given back.
    Refunded,
    /// Another took its place.
    Exchanged,
    /// It was issued by mistake.
    Void,
    /// Its flight left without its passenger.
    NoShow,
}

impl CouponStatus {
    /// All states.
    pub const ALL: [Self; 8] = [
        Self::Open,
        Self::CheckedIn,
        Self::Boarded,
        Self::Flown,
        Self::Refunded,
        Self::Exchanged,
        Self::Void,
        Self::NoShow,
    ];

    /// The word in the database and on the wire.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::CheckedIn => "checked_in",
            Self::Boarded => "boarded",
            Self::Flown => "flown",
            Self::Refunded => "refunded",
            Self::Exchanged => "exchanged",
            Self::Void => "void",
            Self::NoShow => "no_show",
        }
    }

    /// The state of that word.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.as_str() == word)
    }

    /// Whether the edge exists. Who was checked in and did not board is put off the flight first, and so is open again. A
    /// flight that turns back before it has left puts people off who were on board.
    pub const fn may_become(self, next: Self) -> bool {
        matches!(
            (self, next),
            (Self::Open, Self::CheckedIn | Self::NoShow | Self::Refunded | Self::Exchanged | Self::Void)
                | (Self::CheckedIn, Self::Open | Self::Boarded | Self::Refunded | Self::Void)
                | (Self::Boarded, Self::CheckedIn | Self::Flown)
                // Nobody has missed a flight that was cancelled after its gate had closed. Taxes of a no-show come back.
                | (Self::NoShow, Self::Open | Self::Refunded | Self::Exchanged)
        )
    }

    /// Whether its passenger is on board, or was.
    pub const fn is_used(self) -> bool {
        matches!(self, Self::Boarded | Self::Flown)
    }

    /// Whether its passenger can still fly on it and has not boarded.
    pub const fn is_live(self) -> bool {
        matches!(self, Self::Open | Self::CheckedIn)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn final_states_stay_and_words_are_read_again() {
        for status in CouponStatus::ALL {
            let ends = CouponStatus::ALL.into_iter().all(|next| !status.may_become(next));
            let is_final = matches!(
                status,
                CouponStatus::Flown | CouponStatus::Refunded | CouponStatus::Exchanged | CouponStatus::Void
            );
            assert_eq!(ends, is_final, "{status:?}");
            assert!(!status.may_become(status), "{status:?}");
            assert_eq!(CouponStatus::from_word(status.as_str()), Some(status));
        }
    }

    #[test]
    fn nobody_flies_who_did_not_board_nor_boards_who_did_not_check_in() {
        for status in CouponStatus::ALL {
            assert_eq!(status.may_become(CouponStatus::Flown), status == CouponStatus::Boarded);
            assert_eq!(status.may_become(CouponStatus::Boarded), status == CouponStatus::CheckedIn);
        }
    }
}
