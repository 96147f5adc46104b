//! The door of the records slice.

pub use super::jobs::jobs;
pub use super::pass::signer;
pub(crate) use super::pass::{caller, is_pass};
