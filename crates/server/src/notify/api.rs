//! The door of the notify slice.

use jiff::SignedDuration;
use jiff::civil::Date;
use kernel::{AirportCode, FlightNumber, Money, UserId};
use platform::db::{DbError, Sql, Tx};
use platform::http::Problem;
use platform::messages::Locale;
use serde_json::{Value, json};

use super::announcements::{announced_in, said_to};
use super::store::{self, Params, Watched};
use super::tell::{Telling, tell};
use crate::app::App;
use domain::notices::Topic;

pub use super::consumer::News;
pub use super::jobs::jobs;
pub use super::notice::{in_short, notice};
pub use super::unsubscribe::{end as end_mails, ends as ends_mails_of, signer as unsubscribe_signer};

/// More than anybody is told while it is kept.
const MOST_LISTED: i64 = 10_000;

/// How long a mail is worth sending that says that somebody answered, and one that says that a price fell.
const ANSWER_WORTH: SignedDuration = SignedDuration::from_hours(72);
const PRICE_WORTH: SignedDuration = SignedDuration::from_hours(6);

/// Tells an account that the airline answered its support ticket, in the transaction that keeps the answer. `answer` counts the ticket's
/// answers from 1: of each the account is told once, however often this is tried. It says that there is one, and nothing of it.
pub async fn support_answered(
    app: &App,
    tx: &Tx,
    user: UserId,
    (ticket, answer): (&str, i32),
) -> Result<(), Problem> {
    let params = Params { ticket: Some(ticket.to_owned()), ..Params::default() };
    let told = (Topic::SupportAnswered, format!("{ticket}/answer"), answer);
    tell(app, tx, vec![Telling::of_nothing_booked(user, told, params, app.now() + ANSWER_WORTH)]).await
}

/// A price that fell, for somebody who watches it.
#[derive(Clone, Debug)]
pub struct PriceDrop {
    /// Who watches.
    pub user: UserId,
    /// What they watch with, by its id on the wire.
    pub watch: String,
    /// How often they were told by it, this time included, from 1: of each time they are told once.
    pub time: i32,
    /// From.
    pub origin: AirportCode,
    /// To.
    pub destination: AirportCode,
    /// When, local at the origin.
    pub date: Date,
    /// The flight, if one is watched.
    pub flight: Option<FlightNumber>,
    /// What it cost when they were told last, or before it fell, as far as that is known.
    pub was: Option<Money>,
    /// What it costs.
    pub price: Money,
    /// Whether this watch wants mails.
    pub by_mail: bool,
}

/// Tells those who watch that a price fell, in the transaction that remembers that they were told.
pub async fn price_dropped(app: &App, tx: &Tx, drops: Vec<PriceDrop>) -> Result<(), Problem> {
    let telling = |drop: PriceDrop| {
        let flight = drop.flight.map(|flight| flight.to_string());
        let watched = Watched { origin: drop.origin, destination: drop.destination, date: drop.date, flight };
        let params = Params { watched: Some(watched), was: drop.was, ..Params::of_amount(drop.price) };
        let told = (Topic::PriceDropped, drop.watch, drop.time);
        let worth_until = app.now() + PRICE_WORTH;
        Telling { by_mail: drop.by_mail, ..Telling::of_nothing_booked(drop.user, told, params, worth_until) }
    };
    tell(app, tx, drops.into_iter().map(telling).collect()).await
}

/// What somebody was told, the newest first, and what they want to be told by which way.
pub async fn all_of(app: &App, sql: &Sql, user: UserId) -> Result<Value, Problem> {
    let rows = store::inbox::list(sql, user, None, MOST_LISTED).await?;
    let announced = said_to(app, sql, (user, &announced_in(&rows)), Locale::En).await?;
    let told = rows.iter().map(|row| {
        let said = row.params.announcement.and_then(|id| announced.get(&id));
        json!({"id": row.id.to_string(), "topic": row.topic, "params": row.params, "created_at": row.created_at.to_string(),
            "read_at": row.read_at.map(|at| at.to_string()), "announced": said})
    });
    let wishes = store::preferences::of(sql, &[user]).await?;
    let wishes = wishes
        .iter()
        .map(|((_, kind, channel), wanted)| json!({"kind": kind, "channel": channel, "wanted": wanted}));
    Ok(json!({"notifications": told.collect::<Vec<_>>(), "preferences": wishes.collect::<Vec<_>>()}))
}

/// Forgets what was announced to an account that is erased, before its mails and notifications are: whoever sends it locks it first.
pub async fn forget_announced(sql: &Sql, user: UserId) -> Result<(), DbError> {
    store::announcements::forget(sql, user).await
}

/// Forgets all else of an account that is erased.
pub async fn forget(sql: &Sql, user: UserId) -> Result<(), DbError> {
    store::inbox::forget(sql, user).await?;
    store::preferences::forget(sql, user).await
}
