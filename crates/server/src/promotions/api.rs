//! The door of the promotions slice.

pub use super::redeem::{
    Facts, Reserved, WorkedOut, applied_to, gives_extra, redeem, refuse, release, reserve, retake, take_off,
    work_out,
};
pub use super::store::AppliedRow;
pub use super::view::AppliedView;
