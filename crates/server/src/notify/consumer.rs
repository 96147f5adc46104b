//! From events to news: which flight or booking there is something to tell of. To whom and whether it still is so is looked at by the
//! job that tells, so that an event is taken in by one insert, however many people fly.

use futures_util::future::BoxFuture;
use jiff::Timestamp;
use platform::outbox::{Consumer, Event, Payload};
use serde::de::DeserializeOwned;

use super::store::news::{self, NewNews};
use super::store::{Params, RefundState};
use crate::app::App;
use crate::events::api::{
    BoardingExcused, BookingCancelled, BookingChanged, BookingConfirmed, BookingPartlyCancelled,
    CheckInWithdrawn, FlightCancelled, FlightRetimed, FlightUpdated, PaymentDeclined, PaymentSucceeded,
    RefundBounced, RefundOrdered, RefundSucceeded,
};
use domain::notices::Topic;

/// What there is to tell of a flight, all of it together: how it stands is compared with what people know.
pub(super) const OF_FLIGHT: &str = "flight";

/// Writes down of what there is news; a job tells it.
pub struct News {
    app: App,
}

impl News {
    /// For the travellers of this application.
    pub fn new(app: &App) -> Self {
        Self { app: app.clone() }
    }
}

impl Consumer for News {
    fn name(&self) -> &'static str {
        "notifications"
    }

    fn wants(&self, kind: &str) -> bool {
        WANTED.contains(&kind)
    }

    fn handle<'a>(
        &'a self,
        sql: &'a platform::db::Sql,
        events: &'a [Event],
    ) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            let mut found: Vec<NewNews> = Vec::new();
            for event in events {
                let Some(new) = news_of(event, self.app.now())? else { continue };
                // One statement cannot write a row twice; the later event is the one that counts.
                found.retain(|old| (&old.subject, &old.fact) != (&new.subject, &new.fact));
                found.push(new);
            }
            if !found.is_empty() {
                news::put(sql, &found).await?;
            }
            Ok(())
        })
    }
}

const WANTED: [&str; 14] = [
    BookingConfirmed::TYPE,
    BookingChanged::TYPE,
    BookingCancelled::TYPE,
    BookingPartlyCancelled::TYPE,
    PaymentSucceeded::TYPE,
    PaymentDeclined::TYPE,
    RefundOrdered::TYPE,
    RefundSucceeded::TYPE,
    RefundBounced::TYPE,
    CheckInWithdrawn::TYPE,
    BoardingExcused::TYPE,
    FlightUpdated::TYPE,
    FlightRetimed::TYPE,
    FlightCancelled::TYPE,
];

fn read<P: DeserializeOwned>(event: &Event) -> anyhow::Result<P> {
    Ok(serde_json::from_value(event.payload.clone())?)
}

/// What there is to tell of an event. Of a hold that was given up there is nothing: nothing was paid, and whoever gave it up knows.
fn news_of(event: &Event, now: Timestamp) -> anyhow::Result<Option<NewNews>> {
    let mut subject = event.subject.clone();
    let of_flight = (OF_FLIGHT.to_owned(), None, Params::default());
    let (fact, topic, params) = match event.kind.as_str() {
        FlightUpdated::TYPE | FlightRetimed::TYPE | FlightCancelled::TYPE => of_flight,
        // They were not among those who fly when the others were told that it is cancelled.
        BoardingExcused::TYPE => {
            subject = read::<BoardingExcused>(event)?.flight_id.to_string();
            of_flight
        }
        BookingConfirmed::TYPE => (format!("{subject}/confirmed"), Some(Topic::Confirmed), Params::default()),
        BookingChanged::TYPE => {
            let changed: BookingChanged = read(event)?;
            (format!("{subject}/changed/{}", changed.order), Some(Topic::Changed), Params::default())
        }
        BookingCancelled::TYPE => {
            let cancelled: BookingCancelled = read(event)?;
            if cancelled.was == "held" {
                return Ok(None);
            }
            (
                format!("{subject}/cancelled"),
                Some(Topic::BookingCancelled),
                Params::of_amount(cancelled.refund),
            )
        }
        BookingPartlyCancelled::TYPE => {
            let cancelled: BookingPartlyCancelled = read(event)?;
            let fact = format!("{subject}/cancelled/{}", event.sequence);
            (fact, Some(Topic::PartlyCancelled), Params::of_amount(cancelled.refund))
        }
        PaymentSucceeded::TYPE => {
            let paid: PaymentSucceeded = read(event)?;
            (paid.payment_id.to_string(), Some(Topic::Paid), Params::of_amount(paid.amount))
        }
        PaymentDeclined::TYPE => {
            let declined: PaymentDeclined = read(event)?;
            (declined.payment_id.to_string(), Some(Topic::Declined), Params::of_amount(declined.amount))
        }
        RefundOrdered::TYPE => {
            let ordered: RefundOrdered = read(event)?;
            let params = Params { refund: Some(RefundState::Ordered), ..Params::of_amount(ordered.amount) };
            (ordered.refund_id.to_string(), Some(Topic::RefundOrdered), params)
        }
        RefundSucceeded::TYPE => {
            let done: RefundSucceeded = read(event)?;
            let params = Params { refund: Some(RefundState::Done), ..Params::of_amount(done.amount) };
            (done.refund_id.to_string(), Some(Topic::Refunded), params)
        }
        RefundBounced::TYPE => {
            let back: RefundBounced = read(event)?;
            let params = Params { refund: Some(RefundState::Returned), ..Params::of_amount(back.amount) };
            (back.refund_id.to_string(), Some(Topic::RefundReturned), params)
        }
        CheckInWithdrawn::TYPE => {
            let withdrawn: CheckInWithdrawn = read(event)?;
            if withdrawn.cause != "offloaded" {
                return Ok(None);
            }
            let fact = format!("{subject}/offloaded/{}", event.sequence);
            let params = Params { flight_id: Some(withdrawn.flight_id), ..Params::default() };
            (fact, Some(Topic::Offloaded), params)
        }
        _ => return Ok(None),
    };
    Ok(Some(NewNews { subject, fact, topic, params, sequence: event.sequence, due_at: now, now }))
}
