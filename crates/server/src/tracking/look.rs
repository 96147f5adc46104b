//! Looking at what flights cost now, and whom that concerns. Whoever looks has locked the head, so that nobody writes down what was read
//! earlier.

use std::collections::{BTreeMap, BTreeSet};

use domain::tracking::Watch;
use itinerary::FlightState;
use jiff::Timestamp;
use jiff::tz::TimeZone;
use kernel::{Cabin, FlightId, Money};
use platform::db::{DbError, Tx};
use serde_json::json;

use super::begin::bought;
use super::prices::{Day, Prices, Pricing};
use super::store::watches::{self, FlightPrice, Page, Priced, WatchRow};
use super::store::{ends, prices as store};
use crate::app::App;
use crate::flights::api::{self as flights, FILING_CURRENCY};
use crate::realtime::api::{self as realtime, NewMessage, Topic};

/// Watches that are taken note of at a time.
const CHUNK: i64 = 2_000;
const FIRST: Page = Page { after: None, most: CHUNK };

/// What is looked at.
pub(super) struct Look {
    /// Routes and dates, all flights of which are in `states`.
    pub(super) days: BTreeSet<Day>,
    pub(super) states: Vec<FlightState>,
    /// Flights that were asked for and are not there.
    pub(super) gone: Vec<FlightId>,
    /// Whether open pages are told: not of whole dates, which an import tells of.
    pub(super) is_told: bool,
}

/// What changed of a day and cabin: what it costs, and what it did cost, if that is known.
type Change = ((Day, Cabin), Prices, Option<Prices>);

impl Look {
    /// At these routes and dates.
    pub(super) async fn at_days(tx: &Tx, days: BTreeSet<Day>) -> Result<Self, DbError> {
        let routes: Vec<_> = days.iter().map(|day| (day.origin, day.destination, day.date)).collect();
        let ids = flights::flights_of_routes(tx, &routes).await?;
        let states = flights::flight_states(tx, &ids).await?;
        Ok(Self { days, states, gone: Vec::new(), is_told: true })
    }

    /// At the routes and dates of these flights.
    pub(super) async fn at_flights(tx: &Tx, ids: &[FlightId]) -> Result<Self, DbError> {
        let states = flights::flight_states(tx, ids).await?;
        let there: BTreeSet<FlightId> = states.iter().map(|state| state.id).collect();
        let mut days: BTreeSet<Day> = states.iter().filter_map(Day::of).collect();
        let gone: Vec<FlightId> = ids.iter().copied().filter(|id| !there.contains(id)).collect();
        // The id of a flight does not say where it went to.
        let left: BTreeSet<_> =
            gone.iter().filter_map(|id| id.key()).map(|key| (key.origin, key.date)).collect();
        for (origin, date) in left {
            days.extend(store::days_from(tx, origin, date).await?);
        }
        Ok(Self { gone, ..Self::at_days(tx, days).await? })
    }

    /// Writes down what changed, and takes note of it for everybody whom it concerns.
    pub(super) async fn take_in(&self, app: &App, tx: &Tx, pricing: &Pricing) -> anyhow::Result<()> {
        let now = app.now();
        let changes = changes(self.prices(pricing, now), store::known(tx, self.days.iter()).await?);
        if !changes.is_empty() {
            let rows: Vec<_> = changes.iter().map(|(key, prices, _)| (*key, *prices)).collect();
            store::write(tx, &rows).await?;
            self.remember(app, tx, &changes).await?;
        }
        let moved = changes
            .iter()
            .filter(|(_, prices, known)| known.is_none_or(|known| known.of_seats != prices.of_seats));
        let days: BTreeSet<Day> = moved.map(|((day, _), ..)| *day).collect();
        let mut next = (!days.is_empty()).then_some(FIRST);
        while let Some(page) = next {
            let rows = watches::concerned_by_days(tx, days.iter(), now, page).await?;
            next = page_after(&rows);
            note(tx, rows, now).await?;
        }
        let prices = self.watched(tx, pricing, now).await?;
        let mut next = (!prices.is_empty()).then_some(FIRST);
        while let Some(page) = next {
            let rows = watches::concerned_by_flights(tx, &prices, now, page).await?;
            next = page_after(&rows);
            note(tx, rows, now).await?;
        }
        Ok(())
    }

    /// What the days cost now.
    fn prices(&self, pricing: &Pricing, now: Timestamp) -> BTreeMap<(Day, Cabin), Prices> {
        let minute = flights::minute(now);
        let mut all: BTreeMap<(Day, Cabin), Prices> = BTreeMap::new();
        for state in &self.states {
            let Some(day) = Day::of(state).filter(|day| self.days.contains(day)) else { continue };
            for cabin in Cabin::ALL.into_iter().filter(|cabin| state.cabins[cabin.index()].is_some()) {
                all.entry((day, cabin)).or_default().merge(&pricing.of_flight(state, cabin, minute));
            }
        }
        all
    }

    /// What the flights cost that somebody watches.
    async fn watched(&self, tx: &Tx, pricing: &Pricing, now: Timestamp) -> Result<Vec<FlightPrice>, DbError> {
        let ids: Vec<FlightId> =
            self.states.iter().map(|state| state.id).chain(self.gone.iter().copied()).collect();
        let watched: BTreeSet<FlightId> = watches::watched(tx, &ids).await?.into_iter().collect();
        let states: BTreeMap<FlightId, &FlightState> =
            self.states.iter().map(|state| (state.id, state)).collect();
        let mut all = Vec::new();
        for id in watched {
            let state = states.get(&id);
            for cabin in Cabin::ALL {
                let prices = state.map_or_else(Prices::default, |state| {
                    pricing.of_flight(state, cabin, flights::minute(now))
                });
                all.push((id, cabin, prices));
            }
        }
        Ok(all)
    }

    /// Keeps what one seat costs from now on, and tells open pages.
    async fn remember(&self, app: &App, tx: &Tx, changes: &[Change]) -> Result<(), DbError> {
        let one = |prices: &Prices| prices.price(1);
        let moved: Vec<&Change> =
            changes.iter().filter(|(_, prices, known)| one(prices) != known.as_ref().and_then(one)).collect();
        if moved.is_empty() {
            return Ok(());
        }
        let now = app.now();
        let rows: Vec<_> = moved.iter().map(|(key, prices, _)| (*key, one(prices))).collect();
        store::remember(tx, &rows, now.to_zoned(TimeZone::UTC).date()).await?;
        let told = moved.iter().filter(|(.., known)| self.is_told && known.is_some());
        let message = |((day, cabin), prices, _): &&Change| NewMessage {
            topic: Topic::Price(day.origin, day.destination, day.date),
            event: "price.changed".to_owned(),
            data: json!({"origin": day.origin, "destination": day.destination, "date": day.date, "cabin": cabin,
                "price": one(prices).map(|amount| Money::new(amount, FILING_CURRENCY))}),
            at: now,
        };
        let messages: Vec<NewMessage> = told.map(message).collect();
        realtime::tell(tx, &messages).await
    }
}

/// What is another than it was. A day and cabin of which there is no flight any more costs nothing that anybody could pay.
fn changes(now: BTreeMap<(Day, Cabin), Prices>, mut known: BTreeMap<(Day, Cabin), Prices>) -> Vec<Change> {
    let mut changes: Vec<Change> = Vec::new();
    for (key, prices) in now {
        let before = known.remove(&key);
        if before != Some(prices) {
            changes.push((key, prices, before));
        }
    }
    let closed = known.into_iter().filter(|(_, before)| *before != Prices::default());
    changes.extend(closed.map(|(key, before)| (key, Prices::default(), Some(before))));
    changes
}

/// Takes note of prices; how many watches it was. One that waited for it begins with what it sees.
async fn note(tx: &Tx, rows: Vec<(WatchRow, Priced)>, now: Timestamp) -> Result<usize, DbError> {
    let see = |(mut row, price): (WatchRow, Priced)| {
        let amount = price.map(|(amount, _)| amount);
        if row.waits {
            (row.watch, row.waits) = (Watch::begin(row.watch.wish, amount), false);
        }
        row.watch.see(amount, now);
        row.due_date = row.watch.due.and(price.map(|(_, date)| date));
        row
    };
    let rows: Vec<WatchRow> = rows.into_iter().map(see).collect();
    if !rows.is_empty() {
        watches::note(tx, &rows, now).await?;
    }
    Ok(rows.len())
}

/// What comes behind these, unless they were the last.
fn page_after(rows: &[(WatchRow, Priced)]) -> Option<Page> {
    let is_full = i64::try_from(rows.len()).is_ok_and(|count| count >= CHUNK);
    let (last, _) = rows.last().filter(|_| is_full)?;
    Some(Page { after: Some((last.user, last.id)), most: CHUNK })
}

/// Looks at watches that are new, begin anew, or are of a booking that is not what it was; how many there were.
pub(super) async fn at_new_watches(app: &App, tx: &Tx, pricing: &Pricing) -> anyhow::Result<u64> {
    let now = app.now();
    let rows = watches::new(tx, now, CHUNK).await?;
    let count = u64::try_from(rows.len())?;
    let mut rows = of_who_flies(tx, rows, now).await?;
    price_flights(tx, pricing, &mut rows, now).await?;
    note(tx, rows, now).await?;
    Ok(count)
}

/// Has watches of what was bought be for those who still fly on it; those that nobody is left of end, and are left out.
async fn of_who_flies(
    tx: &Tx,
    rows: Vec<(WatchRow, Priced)>,
    now: Timestamp,
) -> Result<Vec<(WatchRow, Priced)>, DbError> {
    let (mut flown, mut over) = (Vec::with_capacity(rows.len()), Vec::new());
    for (mut row, price) in rows {
        if row.booking.is_some() {
            let Some(bought) = bought(tx, &row).await? else {
                over.push(row);
                continue;
            };
            if row.seats != i16::from(bought.seats) {
                row.seats = bought.seats.into();
                watches::seat(tx, &row).await?;
            }
        }
        flown.push((row, price));
    }
    if !over.is_empty() {
        ends::end(tx, &over, now).await?;
    }
    Ok(flown)
}

/// Fills in what those of the watches cost that are of flights.
pub(super) async fn price_flights(
    sql: &platform::db::Sql,
    pricing: &Pricing,
    rows: &mut [(WatchRow, Priced)],
    now: Timestamp,
) -> Result<(), DbError> {
    let ids: Vec<FlightId> = rows.iter().filter_map(|(row, _)| row.flight).collect();
    if ids.is_empty() {
        return Ok(());
    }
    let states = flights::flight_states(sql, &ids).await?;
    for (row, price) in rows.iter_mut().filter(|(row, _)| row.flight.is_some()) {
        let state = states.iter().find(|state| Some(state.id) == row.flight);
        let prices = state.map(|state| pricing.of_flight(state, row.cabin, flights::minute(now)));
        *price = prices.and_then(|prices| prices.price(row.seats)).map(|amount| (amount, row.dates.0));
    }
    Ok(())
}
