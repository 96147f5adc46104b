//! Telling: a row in the inbox, and in the same transaction the mails and pushes that follow from it.

use std::collections::{BTreeMap, BTreeSet};

use domain::notices::Topic;
use jiff::Timestamp;
use kernel::{BookingId, FlightId, NotificationId, UserId};
use platform::db::Tx;
use platform::http::Problem;
use serde_json::json;

use super::preferences::{is_mailed, is_pushed};
use super::store::Params;
use super::store::inbox::{self, NewNotification};
use super::store::preferences::{self, Wishes};
use crate::app::App;
use crate::booking::api::SealedContact;
use crate::identity::api::{Addressee, addressees};
use crate::mail::api::{NoticeMail, queue_copies, queue_notice};
use crate::push::api::{self as push, ToPush};
use crate::realtime::api::{self as realtime, NewMessage};

/// Something to tell somebody.
#[derive(Clone, Debug)]
pub(super) struct Telling {
    pub(super) user: UserId,
    pub(super) booking: Option<BookingId>,
    pub(super) flight: Option<FlightId>,
    pub(super) topic: Topic,
    pub(super) fact: String,
    pub(super) version: i32,
    pub(super) state: String,
    pub(super) params: Params,
    /// The contact of the booking it is about.
    pub(super) contact: Option<SealedContact>,
    /// Whether it is wanted by mail, as far as the account's preferences allow.
    pub(super) by_mail: bool,
    /// After this nobody wants it by mail any more.
    pub(super) worth_until: Timestamp,
}

impl Telling {
    /// Something that is about no booking.
    pub(super) fn of_nothing_booked(
        user: UserId,
        (topic, fact, version): (Topic, String, i32),
        params: Params,
        worth_until: Timestamp,
    ) -> Self {
        Self {
            user,
            booking: None,
            flight: None,
            topic,
            fact,
            version,
            state: topic.as_str().to_owned(),
            params,
            contact: None,
            by_mail: true,
            worth_until,
        }
    }
}

/// Tells whoever was not told that version yet; nobody who was erased. What was written down before is not mailed again, so that it does
/// not matter how often this is tried.
pub(super) async fn tell(app: &App, tx: &Tx, tellings: Vec<Telling>) -> Result<(), Problem> {
    if tellings.is_empty() {
        return Ok(());
    }
    let users: BTreeSet<UserId> = tellings.iter().map(|telling| telling.user).collect();
    let users: Vec<UserId> = users.into_iter().collect();
    let (people, wishes) = (addressees(app, tx, &users).await?, preferences::of(tx, &users).await?);
    let tellings: Vec<Telling> =
        tellings.into_iter().filter(|telling| people.contains_key(&telling.user)).collect();
    // What is told in one millisecond is listed in the order in which it is told.
    let mut ids: Vec<NotificationId> = tellings.iter().map(|_| app.new_id(NotificationId::new)).collect();
    ids.sort_unstable();
    let new: Vec<(NotificationId, Telling)> = ids.into_iter().zip(tellings).collect();
    let rows: Vec<NewNotification> = new.iter().map(|(id, telling)| row(*id, telling)).collect();
    let written = inbox::insert(tx, &rows, app.now()).await?;
    let (new, known): (Vec<_>, Vec<_>) = new.into_iter().partition(|(id, _)| written.contains(id));
    let messages: Vec<NewMessage> = new.iter().map(|(id, telling)| message(app, *id, telling)).collect();
    realtime::tell(tx, &messages).await?;
    push::queue(app, tx, &pushed(&new, (&people, &wishes))).await?;
    let is_mailed =
        |telling: &Telling| telling.by_mail && is_mailed(&wishes, telling.user, telling.topic.kind());
    let mut copies = Vec::new();
    for (id, telling) in &new {
        if is_mailed(telling) {
            let mail = mail(*id, telling, &people[&telling.user]);
            queue_notice(app, tx, &mail).await?;
            copies.extend(contact(app, telling, &mail).map(|contact| (contact, mail)));
        }
        metrics::counter!("notifications_total", "kind" => telling.topic.kind().as_str()).increment(1);
    }
    // An account is told once of what concerns several of its bookings, and each of their contacts as well.
    for (id, telling) in of_others(tx, &known).await? {
        let mail = mail(id, telling, &people[&telling.user]);
        copies.extend(
            contact(app, telling, &mail).filter(|_| is_mailed(telling)).map(|contact| (contact, mail)),
        );
    }
    let copies: Vec<NoticeMail<'_>> =
        copies.iter().map(|(address, mail)| NoticeMail { address, is_copy: true, ..*mail }).collect();
    queue_copies(app, tx, &copies).await
}

/// Those of which the account was told by another of its bookings, with the notification that did.
async fn of_others<'a>(
    tx: &Tx,
    known: &'a [(NotificationId, Telling)],
) -> Result<Vec<(NotificationId, &'a Telling)>, Problem> {
    let shared = known.iter().map(|(_, telling)| telling).filter(|telling| telling.topic == Topic::Announced);
    let mut all = Vec::new();
    for telling in shared {
        let id = inbox::id_of(tx, telling.user, (&telling.fact, telling.version)).await?;
        all.extend(id.map(|id| (id, telling)));
    }
    Ok(all)
}

/// Those that are wanted by push.
fn pushed(
    new: &[(NotificationId, Telling)],
    (people, wishes): (&BTreeMap<UserId, Addressee>, &Wishes),
) -> Vec<ToPush> {
    let wanted = new.iter().filter(|(_, telling)| is_pushed(wishes, telling.user, telling.topic.kind()));
    let to_push = |(id, telling): &(NotificationId, Telling)| ToPush {
        user: telling.user,
        notification: *id,
        locale: people[&telling.user].locale,
        is_bulk: telling.topic.is_bulk(),
        worth_until: telling.worth_until,
    };
    wanted.map(to_push).collect()
}

/// What the open pages of whoever is told hear of it: that there is something, to be asked for.
fn message(app: &App, id: NotificationId, telling: &Telling) -> NewMessage {
    let topic = telling.topic;
    NewMessage {
        topic: realtime::Topic::Inbox(telling.user),
        event: "notification".to_owned(),
        data: json!({"id": id, "kind": topic.kind().as_str(), "topic": topic.as_str(), "booking_id": telling.booking,
            "flight_id": telling.flight}),
        at: app.now(),
    }
}

fn row(id: NotificationId, telling: &Telling) -> NewNotification {
    NewNotification {
        user: telling.user,
        id,
        topic: telling.topic,
        fact: telling.fact.clone(),
        version: telling.version,
        state: telling.state.clone(),
        booking: telling.booking,
        flight: telling.flight,
        params: telling.params.clone(),
    }
}

/// To the account's address. What nobody showed to be theirs gets no names.
fn mail<'a>(notification: NotificationId, telling: &Telling, person: &'a Addressee) -> NoticeMail<'a> {
    NoticeMail {
        user: telling.user,
        key: &person.key,
        notification,
        address: &person.address,
        is_copy: !person.is_confirmed,
        is_bulk: telling.topic.is_bulk(),
        locale: person.locale,
        gives_up_at: telling.worth_until,
    }
}

/// The booking's contact, where it is another than the account's address. One that cannot be opened is none: the others of the flight are
/// told all the same.
fn contact(app: &App, telling: &Telling, own: &NoticeMail<'_>) -> Option<String> {
    match telling.contact.as_ref()?.address(app, own.key) {
        Ok(contact) => (contact.to_lowercase() != own.address.to_lowercase()).then_some(contact),
        Err(problem) => {
            platform::jobs::row_failed("tell_news", &telling.fact, &format!("{problem:?}"));
            None
        }
    }
}
