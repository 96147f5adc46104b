//! The door of the faq slice.

pub use super::article::Faq;
