//! Questions that are asked often, and their answers: files in Markdown, read once at start, searched in memory.
//!
//! Owns no table. Invariant: an article that cannot be read or is in no known section keeps the server from starting, so that nobody
//! finds a hole where an answer was.

pub mod api;
mod article;
mod index;
mod read;

use platform::limits::LimitClass;
use utoipa_axum::routes;

use crate::access::{Access, Routes};

pub(crate) fn routes() -> Routes {
    Routes::new().add(Access::Public, LimitClass::Other, routes!(read::list_articles)).add(
        Access::Public,
        LimitClass::Other,
        routes!(read::get_article),
    )
}
