//! Questions to the engine.

use domain::fare_families::FareFamily;
use domain::pricing::{self, Party, TypePercents};
use itinerary::{Destination, Filters, Journey, Limits, Origin, Query, SortKey, Tariff};
use platform::http::Problem;

use super::question::Question;
use crate::app::App;
use crate::flights::api::{Directory, minute};

/// Flights a search may look at where it was asked: under a millisecond. Nearly all need a tenth of it.
const EFFORT: u64 = 50_000;
/// Flights it may look at on a thread of its own: some tens of milliseconds. One that needs more is answered with what was
/// found by then, and says so.
pub(super) const EFFORT_APART: u64 = 3_000_000;

/// A part of a ranked list.
pub(super) struct Ranked {
    pub(super) journeys: Vec<Journey>,
    /// Whether everything was looked at.
    pub(super) complete: bool,
}

/// The best `limit` itineraries behind `after`, over all questions, with the `share`th part of the effort.
pub(super) async fn ask(
    app: &App,
    questions: &[Question],
    limit: usize,
    after: Option<SortKey>,
    share: u64,
) -> Result<Ranked, Problem> {
    let ranked = search(app, questions, limit, after, EFFORT / share.max(1));
    if ranked.complete {
        return Ok(ranked);
    }
    // A long search must not hold up short requests on this thread.
    let slot = app.live.slot().await?;
    let (app, questions) = (app.clone(), questions.to_vec());
    let apart = move || {
        // Given back when the search ends, also when nobody waits for its answer any more.
        let _slot = slot;
        search(&app, &questions, limit, after, EFFORT_APART / share.max(1))
    };
    tokio::task::spawn_blocking(apart).await.map_err(Problem::internal)
}

/// The best of each question are the best of all when they are merged: every rank says all that decides.
fn search(app: &App, questions: &[Question], limit: usize, after: Option<SortKey>, effort: u64) -> Ranked {
    let network = app.live.network.load();
    let each = effort / questions.len().max(1) as u64;
    let mut ranked = Ranked { journeys: Vec::new(), complete: true };
    for question in questions {
        let answer = network.search(&query(app, question, limit, after, each));
        ranked.complete &= answer.complete;
        ranked.journeys.extend(answer.journeys());
    }
    if questions.len() > 1 {
        ranked.journeys.sort_by_key(Journey::key);
        ranked.journeys.truncate(limit);
    }
    ranked
}

/// The question in the engine's terms. The network's clock is turned on to now.
pub(super) fn query(
    app: &App,
    question: &Question,
    limit: usize,
    after: Option<SortKey>,
    effort: u64,
) -> Query {
    let now = minute(app.now());
    let sales_close = u32::try_from(app.config.booking.sales_close_minutes).unwrap_or(0);
    app.live.network.load().advance_clock(now);
    Query {
        origins: vec![Origin { airport: question.origin, departs: question.departs.clone() }],
        destinations: vec![Destination { airport: question.destination, arrives: question.arrives.clone() }],
        earliest_departure: now.plus(sales_close + 1),
        cabin: question.cabin,
        mixed_cabin: question.mixed_cabin,
        seats: question.party.seats().into(),
        max_stops: question.max_stops,
        limits: limits(app, question),
        tariff: tariff(&app.directory.load(), question, &question.family),
        filters: filters(app, question),
        order: question.order,
        limit,
        after,
        effort,
    }
}

/// What a family of the question's cabin costs in its market.
pub(super) fn tariff(directory: &Directory, question: &Question, family: &FareFamily) -> Tariff {
    let market_ppm = directory.ratio_ppm(question.origin, question.destination, question.cabin);
    let tariff = pricing::Tariff::new(market_ppm, family.difference);
    let pricing::Tariff { nonstop_ppm, connection_ppm, per_flight } = tariff;
    Tariff { nonstop_ppm, connection_ppm, per_flight }
}

pub(super) fn filters(app: &App, question: &Question) -> Filters {
    let max_price = question.max_price.map(|most| highest_price(most, question.party, percents(app)));
    let not_via = [&question.filters.not_via[..], &question.ends[..]].concat();
    Filters { max_price, not_via, ..question.filters.clone() }
}

fn limits(app: &App, question: &Question) -> Limits {
    let search = &app.config.search;
    Limits {
        min_connection: question.min_connection,
        max_connection: question.max_connection.unwrap_or(u32::MAX).min(search.max_layover),
        max_duration: question.max_duration.unwrap_or(u32::MAX).min(search.max_journey),
    }
}

/// The configured shares of children and infants.
pub fn percents(app: &App) -> TypePercents {
    TypePercents { child: app.config.booking.child_percent, infant: app.config.booking.infant_percent }
}

/// The highest price of an adult, in millionths of a minor unit, at which the party pays `most` at most. What the party
/// pays grows with it, so it is found by halving.
fn highest_price(most: i64, party: Party, percents: TypePercents) -> u64 {
    let fits = |adult: i64| percents.total(adult, party).is_ok_and(|total| total <= most);
    let (mut fitting, mut too_dear) = (0, most.saturating_add(1));
    while too_dear - fitting > 1 {
        let middle = fitting + (too_dear - fitting) / 2;
        if fits(middle) { fitting = middle } else { too_dear = middle }
    }
    // A price is rounded half up: this is the last one that rounds down to it.
    fitting.unsigned_abs().saturating_mul(1_000_000).saturating_add(499_999)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_highest_price_is_the_last_the_party_can_pay() {
        let percents = TypePercents { child: 75, infant: 10 };
        let party = Party::new(2, 1, 1).expect("a party");
        for most in [0, 1, 999, 20_000, 123_457, 10_000_000] {
            let highest = highest_price(most, party, percents);
            let adult = |micro: u64| i64::try_from((micro + 500_000) / 1_000_000).expect("a price");
            let pays = |micro| percents.total(adult(micro), party).expect("a total");
            assert!(pays(highest) <= most && pays(highest + 1) > most, "{most}: {highest}");
        }
    }
}
