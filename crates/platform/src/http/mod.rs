//! The HTTP kit: problem answers, extractors that refuse in our words, and the layers every server wears.

pub mod client_address;
pub mod extract;
pub mod headers;
pub mod layers;
pub mod listener;
pub mod problem;
pub mod shape;
pub mod site;

pub use extract::{Json, Path, Query, Upload};
pub use problem::Problem;
pub use shape::JsonLimits;
