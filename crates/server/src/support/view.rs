//! Tickets on the wire.

use std::collections::BTreeMap;

use jiff::Timestamp;
use kernel::{AttachmentId, BookingId, TicketId, UserId};
use platform::http::Problem;
use platform::seal::{Place, UserKey};
use serde::Serialize;
use utoipa::ToSchema;

use super::store::TicketRow;
use super::store::files::FileRow;
use super::store::messages::MessageRow;
use crate::app::App;

/// Where the subject of a ticket is sealed.
pub(super) fn subject_place(ticket: TicketId) -> Place {
    Place::new("support_tickets.subject_sealed", ticket.uuid())
}

/// Where what was said is sealed. A ticket has fewer messages than the number of its place can count.
pub(super) fn text_place(ticket: TicketId, number: i32) -> Place {
    let number = i16::try_from(number).unwrap_or(i16::MAX);
    Place::new("support_messages.text_sealed", ticket.uuid()).part(number)
}

/// Where the name of a file is sealed.
pub(super) fn name_place(file: AttachmentId) -> Place {
    Place::new("support_attachments.name_sealed", file.uuid())
}

/// Where what is in a file is sealed.
pub(super) fn content_place(file: AttachmentId) -> Place {
    Place::new("support_attachments.content_sealed", file.uuid())
}

/// A sealed text.
pub(super) fn open(app: &App, key: &UserKey, place: Place, sealed: &[u8]) -> Result<String, Problem> {
    String::from_utf8(app.sealer.open(key, place, sealed)?).map_err(Problem::internal)
}

/// A file.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "att_0193f2a1c5d07bb2a4d1c0ffee00000f", "name": "bag.jpg", "media_type": "image/jpeg", "bytes": 183_204}))]
pub(super) struct Attachment {
    #[schema(value_type = String)]
    pub(super) id: AttachmentId,
    /// What it was called; its ending is that of its type.
    pub(super) name: String,
    /// By what is in it, whatever it was called.
    media_type: String,
    bytes: i32,
}

impl Attachment {
    pub(super) fn of(app: &App, key: &UserKey, row: &FileRow) -> Result<Self, Problem> {
        let name = open(app, key, name_place(row.id), &row.name_sealed)?;
        Ok(Self { id: row.id, name, media_type: row.media_type.clone(), bytes: row.bytes })
    }
}

/// Something somebody needs help with.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"id": "sup_0193f2a1c5d07bb2a4d1c0ffee000010", "category": "baggage", "subject": "My bag did not arrive",
    "status": "open", "booking_id": "bkg_0193f2a1c5d07bb2a4d1c0ffee000002", "messages": 1, "created_at": "2026-12-01T18:00:00Z",
    "changed_at": "2026-12-01T18:00:00Z", "answer_expected_by": "2026-12-02T18:00:00Z", "available_actions": ["message", "resolve"]}))]
pub(super) struct Ticket {
    #[schema(value_type = String)]
    id: TicketId,
    category: &'static str,
    subject: String,
    /// `open`: nobody has answered; `waiting_customer`: staff answered; `waiting_staff`: I said more; `resolved`, `closed`.
    status: &'static str,
    #[schema(value_type = Option<String>)]
    booking_id: Option<BookingId>,
    /// How many it has.
    messages: i32,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    #[schema(value_type = String, format = DateTime)]
    changed_at: Timestamp,
    /// By when staff should answer; null while they wait for me.
    #[schema(value_type = Option<String>, format = DateTime)]
    answer_expected_by: Option<Timestamp>,
    /// What I can do: `message`, `resolve`.
    available_actions: Vec<&'static str>,
}

impl Ticket {
    pub(super) fn of(app: &App, key: &UserKey, row: &TicketRow) -> Result<Self, Problem> {
        let mut actions = Vec::new();
        if super::talk::may_write(app, row) {
            actions.push("message");
            if row.resolved_at.is_none() {
                actions.push("resolve");
            }
        }
        Ok(Self {
            id: row.id,
            category: row.category.as_str(),
            subject: open(app, key, subject_place(row.id), &row.subject_sealed)?,
            status: row.status.as_str(),
            booking_id: row.booking,
            messages: row.messages,
            created_at: row.created_at,
            changed_at: row.changed_at,
            answer_expected_by: row.answer_due_at,
            available_actions: actions,
        })
    }
}

/// Something that was said.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = SupportMessage, example = json!({"number": 1, "from": "customer", "text": "It is blue, with a white ribbon.",
    "created_at": "2026-12-01T18:00:00Z", "attachments": []}))]
pub(super) struct Message {
    number: i32,
    /// `customer` or `staff`.
    from: &'static str,
    text: String,
    #[schema(value_type = String, format = DateTime)]
    created_at: Timestamp,
    attachments: Vec<Attachment>,
}

/// How a ticket stands after something was written. The answer to a keyed request is kept for a while, under the key of whoever asked:
/// so it has nothing that was written.
#[derive(Clone, Serialize, ToSchema)]
#[schema(as = SupportWritten, example = json!({"id": "sup_0193f2a1c5d07bb2a4d1c0ffee000010", "number": 2, "status": "waiting_customer"}))]
pub(super) struct Written {
    #[schema(value_type = String)]
    id: TicketId,
    /// The number of what was written.
    number: i32,
    status: &'static str,
}

impl Written {
    pub(super) const fn of(row: &TicketRow) -> Self {
        Self { id: row.id, number: row.messages, status: row.status.as_str() }
    }
}

/// A ticket with all that was said.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"ticket": {"id": "sup_0193f2a1c5d07bb2a4d1c0ffee000010", "category": "baggage", "subject": "My bag did not arrive",
    "status": "open", "booking_id": null, "messages": 1, "created_at": "2026-12-01T18:00:00Z", "changed_at": "2026-12-01T18:00:00Z",
    "answer_expected_by": "2026-12-02T18:00:00Z", "available_actions": ["message", "resolve"]}, "thread": [{"number": 1, "from": "customer", "text": "It is blue, with a white ribbon.",
    "created_at": "2026-12-01T18:00:00Z", "attachments": []}]}))]
pub(super) struct TicketThread {
    ticket: Ticket,
    /// In order. Numbers that are missing are what staff said among themselves.
    thread: Vec<Message>,
}

/// The same for staff.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"message": {"number": 2, "from": "staff", "text": "It is on the next flight.", "created_at": "2026-12-01T19:00:00Z",
    "attachments": []}, "staff_id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "internal": false}))]
pub(super) struct StaffMessage {
    message: Message,
    /// Who of the staff said it.
    #[schema(value_type = Option<String>)]
    staff_id: Option<UserId>,
    /// Among staff.
    internal: bool,
}

/// A ticket as staff see it.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"ticket": {"id": "sup_0193f2a1c5d07bb2a4d1c0ffee000010", "category": "baggage", "subject": "My bag did not arrive",
    "status": "open", "booking_id": null, "messages": 1, "created_at": "2026-12-01T18:00:00Z", "changed_at": "2026-12-01T18:00:00Z",
    "answer_expected_by": "2026-12-02T18:00:00Z", "available_actions": ["message", "resolve"]}, "user_id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001",
    "language": "en", "assigned_to": null, "overdue": false, "first_answer_due_at": "2026-12-02T18:00:00Z", "first_answered_at": null}))]
pub(super) struct StaffTicket {
    ticket: Ticket,
    /// Who asks.
    #[schema(value_type = String)]
    user_id: UserId,
    /// The language they read our pages in.
    language: String,
    #[schema(value_type = Option<String>)]
    assigned_to: Option<UserId>,
    /// Staff should have answered by now.
    overdue: bool,
    #[schema(value_type = String, format = DateTime)]
    first_answer_due_at: Timestamp,
    #[schema(value_type = Option<String>, format = DateTime)]
    first_answered_at: Option<Timestamp>,
}

impl StaffTicket {
    pub(super) fn of(app: &App, key: &UserKey, row: &TicketRow) -> Result<Self, Problem> {
        Ok(Self {
            ticket: Ticket::of(app, key, row)?,
            user_id: row.user,
            language: row.language.clone(),
            assigned_to: row.assigned_to,
            overdue: row.answer_due_at.is_some_and(|due| due < app.now()),
            first_answer_due_at: row.first_due_at,
            first_answered_at: row.first_answered_at,
        })
    }
}

/// A ticket with all that was said, for staff.
#[derive(Clone, Serialize, ToSchema)]
#[schema(example = json!({"ticket": {"ticket": {"id": "sup_0193f2a1c5d07bb2a4d1c0ffee000010", "category": "baggage", "subject": "My bag did not arrive",
    "status": "open", "booking_id": null, "messages": 1, "created_at": "2026-12-01T18:00:00Z", "changed_at": "2026-12-01T18:00:00Z",
    "answer_expected_by": "2026-12-02T18:00:00Z", "available_actions": ["message", "resolve"]}, "user_id": "usr_0193f2a1c5d07bb2a4d1c0ffee000001", "language": "en",
    "assigned_to": null, "overdue": false, "first_answer_due_at": "2026-12-02T18:00:00Z", "first_answered_at": null},
    "thread": [{"message": {"number": 1, "from": "customer", "text": "It is blue, with a white ribbon.",
    "created_at": "2026-12-01T18:00:00Z", "attachments": []}, "staff_id": null, "internal": false}]}))]
pub(super) struct StaffThread {
    ticket: StaffTicket,
    /// In order.
    thread: Vec<StaffMessage>,
}

/// What a ticket's views are made of.
pub(super) struct Parts {
    pub(super) ticket: TicketRow,
    pub(super) messages: Vec<MessageRow>,
    pub(super) files: Vec<FileRow>,
}

impl Parts {
    /// For whoever asked.
    pub(super) fn thread(&self, app: &App, key: &UserKey) -> Result<TicketThread, Problem> {
        let mut files = self.files_by_message(app, key)?;
        let seen = self.messages.iter().filter(|row| !row.internal);
        let thread = seen.map(|row| message(app, key, row, &mut files)).collect::<Result<_, _>>()?;
        Ok(TicketThread { ticket: Ticket::of(app, key, &self.ticket)?, thread })
    }

    /// For staff.
    pub(super) fn for_staff(&self, app: &App, key: &UserKey) -> Result<StaffThread, Problem> {
        let mut files = self.files_by_message(app, key)?;
        let staff = |row: &MessageRow| {
            let message = message(app, key, row, &mut files)?;
            Ok(StaffMessage { message, staff_id: row.staff, internal: row.internal })
        };
        let thread = self.messages.iter().map(staff).collect::<Result<_, Problem>>()?;
        Ok(StaffThread { ticket: StaffTicket::of(app, key, &self.ticket)?, thread })
    }

    fn files_by_message(&self, app: &App, key: &UserKey) -> Result<BTreeMap<i32, Vec<Attachment>>, Problem> {
        let mut files: BTreeMap<i32, Vec<Attachment>> = BTreeMap::new();
        for row in &self.files {
            if let Some(message) = row.message {
                files.entry(message).or_default().push(Attachment::of(app, key, row)?);
            }
        }
        Ok(files)
    }
}

fn message(
    app: &App,
    key: &UserKey,
    row: &MessageRow,
    files: &mut BTreeMap<i32, Vec<Attachment>>,
) -> Result<Message, Problem> {
    Ok(Message {
        number: row.number,
        from: if row.staff.is_some() { "staff" } else { "customer" },
        text: open(app, key, text_place(row.ticket, row.number), &row.text_sealed)?,
        created_at: row.created_at,
        attachments: files.remove(&row.number).unwrap_or_default(),
    })
}
