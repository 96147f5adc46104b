//! What staff announce: written, looked at with how many it is for, and sent then; taken back, if it was not so after all.
//!
//! To an account it is told in the transaction that sends it; to flights it is filed as news of each, and told page by page as other news
//! is. Whoever flies on several of them is told once: the announcement is the fact.

mod audience;
mod draft;
mod list;
mod said;
mod send;
mod view;

use jiff::SignedDuration;

pub(super) use audience::Audience;
pub(super) use draft::{__path_draft_announcement, draft_announcement};
pub(super) use list::{
    __path_get_announcement, __path_list_announcements, get_announcement, list_announcements,
};
pub(super) use said::{Said, announced_in, said_to};
pub(super) use send::{
    __path_send_announcement, __path_withdraw_announcement, send_announcement, withdraw_announcement,
};

/// A draft that was not sent for so long is deleted.
pub(super) const DRAFTS_KEPT: SignedDuration = SignedDuration::from_hours(24);
