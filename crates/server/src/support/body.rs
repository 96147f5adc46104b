//! What people write, as it comes in.

use domain::support::Category;
use kernel::{AttachmentId, BookingId};
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

const SUBJECT_MAX: usize = 150;
const TEXT_MAX: usize = 5_000;
/// Files of one message.
const FILES_MAX: usize = 5;

/// Something somebody needs help with.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"category": "baggage", "subject": "My bag did not arrive", "text": "It is blue, with a white ribbon.",
    "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "attachments": []}))]
pub(super) struct NewTicket {
    /// `booking`, `payment`, `refund`, `disruption`, `baggage`, `check_in`, `assistance`, `account` or `other`.
    pub(super) category: String,
    /// One line, 1 to 150 characters.
    pub(super) subject: String,
    /// 1 to 5,000 characters.
    pub(super) text: String,
    /// A booking of mine that it is about.
    #[schema(value_type = Option<String>)]
    pub(super) booking_id: Option<BookingId>,
    /// Up to five files that were sent with `POST /support/attachments`.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub(super) attachments: Vec<AttachmentId>,
}

/// More on a ticket.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"text": "It arrived this morning, thank you.", "attachments": []}))]
pub(super) struct NewMessage {
    /// 1 to 5,000 characters.
    pub(super) text: String,
    /// Up to five files that were sent with `POST /support/attachments`.
    #[serde(default)]
    #[schema(value_type = Vec<String>, required = false)]
    pub(super) attachments: Vec<AttachmentId>,
}

pub(super) fn category(word: &str) -> Result<Category, Problem> {
    Category::parse(word).ok_or_else(|| {
        let words: Vec<&str> = Category::ALL.iter().map(|category| category.as_str()).collect();
        Problem::invalid("category", format!("it must be one of {}", words.join(", ")))
    })
}

/// One line.
pub(super) fn subject(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    let fits = (1..=SUBJECT_MAX).contains(&text.chars().count()) && !text.chars().any(char::is_control);
    let reason = || format!("it must be one line of 1 to {SUBJECT_MAX} characters");
    if fits { Ok(text) } else { Err(Problem::invalid("subject", reason())) }
}

/// Some lines.
pub(super) fn text(text: &str) -> Result<&str, Problem> {
    let text = text.trim();
    let odd = |c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t');
    let fits = (1..=TEXT_MAX).contains(&text.chars().count()) && !text.chars().any(odd);
    let reason = || format!("it must be 1 to {TEXT_MAX} characters, without control characters");
    if fits { Ok(text) } else { Err(Problem::invalid("text", reason())) }
}

/// Files of a message, each once.
pub(super) fn files(ids: &[AttachmentId]) -> Result<(), Problem> {
    let mut sorted = ids.to_vec();
    sorted.sort_unstable();
    sorted.dedup();
    let fits = sorted.len() == ids.len() && ids.len() <= FILES_MAX;
    let reason = || format!("it must be at most {FILES_MAX} files, each once");
    if fits { Ok(()) } else { Err(Problem::invalid("attachments", reason())) }
}
