//! `POST /search`: a trip of several slices, there and back or from city to city. Each slice is a search of its own.

use axum::Extension;
use axum::extract::State;
use axum::response::{IntoResponse, Response};
use itinerary::{Minute, Order};
use jiff::civil::Date;
use kernel::Money;
use platform::http::client_address::ClientAddress;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem};
use platform::limits::{LimitClass, Principal};
use serde::Deserialize;
use utoipa::ToSchema;

use super::calendar::nearest_dates;
use super::engine;
use super::offer::SLICES_MAX;
use super::params::SearchParams;
use super::question::{Page, Question};
use super::search_flights::{must_be_ready, page_of};
use super::view::{SearchAnswer, json};
use crate::app::App;
use crate::flights::api::FILING_CURRENCY;

/// How many of the cheapest itineraries of each slice are tried together for the cheapest trip.
const CHEAPEST: usize = 200;

/// A trip to search. What stands beside `slices` holds for each of them; names and values are those of `GET /search`.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"slices": [{"origin": "ABE", "destination": "LAX", "date": "2026-12-01"},
    {"origin": "LAX", "destination": "ABE", "date": "2026-12-08", "departs_after": "12:00"}], "adults": 2}))]
pub(super) struct TripRequest {
    /// One to six, in the order they are flown.
    slices: Vec<SliceRequest>,
    adults: Option<u8>,
    children: Option<u8>,
    infants: Option<u8>,
    cabin: Option<String>,
    mixed_cabin: Option<bool>,
    refundable: Option<bool>,
    bag: Option<bool>,
    nearby_km: Option<u32>,
    max_stops: Option<u8>,
    sort: Option<String>,
    max_duration: Option<u32>,
    /// Airlines that may be flown.
    #[serde(default)]
    airlines: Vec<String>,
    /// Airlines that may not.
    #[serde(default)]
    exclude_airlines: Vec<String>,
    /// Airports where planes may be changed.
    #[serde(default)]
    via: Vec<String>,
    /// Airports where they may not.
    #[serde(default)]
    exclude_via: Vec<String>,
    min_connection: Option<u32>,
    max_connection: Option<u32>,
    /// Itineraries of each slice, 1 to 100; 20 if left out.
    limit: Option<usize>,
}

/// One direction of the trip.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SliceRequest {
    origin: Option<String>,
    destination: Option<String>,
    #[schema(format = Date)]
    date: Option<String>,
    departs_after: Option<String>,
    departs_before: Option<String>,
    arrives_after: Option<String>,
    arrives_before: Option<String>,
    /// For the whole party, of this slice, minor units.
    max_price: Option<i64>,
    /// `next_cursor` of the slice in an answer before, with everything else the same.
    cursor: Option<String>,
}

/// What was found for each slice, and what the trip costs at least.
#[derive(ToSchema)]
#[schema(example = json!({"slices": [{"itineraries": [], "fare_families": [], "next_cursor": null,
    "offers_expire_at": "2026-11-22T10:15:00Z", "as_of": 4711, "complete": true, "nearest_dates": [], "facets": null}],
    "cheapest_total": {"amount": 41800, "currency": "USD"}}))]
pub(super) struct TripAnswer {
    /// In the order of the question. Choose an offer of each and join them with `POST /offers`.
    slices: Vec<SearchAnswer>,
    /// The lowest price of a whole trip whose slices follow one another, found among the 200 cheapest itineraries of each;
    /// null if there is none.
    cheapest_total: Option<Money>,
}

impl TripAnswer {
    fn into_json(self) -> Result<Vec<u8>, Problem> {
        let mut body = b"{\"slices\":[".to_vec();
        for (index, slice) in self.slices.into_iter().enumerate() {
            if index > 0 {
                body.push(b',');
            }
            body.extend(slice.into_json()?);
        }
        body.extend_from_slice(b"],\"cheapest_total\":");
        serde_json::to_writer(&mut body, &self.cheapest_total).map_err(Problem::internal)?;
        body.push(b'}');
        Ok(body)
    }
}

impl IntoResponse for TripAnswer {
    fn into_response(self) -> Response {
        self.into_json().map(json).into_response()
    }
}

/// Search a return or multi-city trip: each slice is ranked and priced by itself; the whole trip costs the sum. No login
/// needed.
#[utoipa::path(post, path = "/search", tag = "search", request_body = TripRequest,
    responses((status = 200, description = "A page of itineraries for each slice", body = TripAnswer)))]
pub(super) async fn search_trip(
    State(app): State<App>,
    Extension(address): Extension<ClientAddress>,
    Json(request): Json<TripRequest>,
) -> Outcome<TripAnswer> {
    must_be_ready(&app)?;
    let asked = request.check(&app)?;
    // The guard took one search off the caller's allowance; a trip is as many as it has slices.
    for _ in 1..asked.len() {
        app.limits.check(LimitClass::Search, &Principal::address(address.0)).await?;
    }
    let mut slices = Vec::with_capacity(asked.len());
    for (questions, page) in &asked {
        let_others_run().await;
        slices.push(page_of(&app, questions, page).await?);
    }
    let empty =
        slices.iter().position(SearchAnswer::is_empty).filter(|slice| asked[*slice].1.cursor.is_none());
    if let Some(slice) = empty {
        slices[slice].nearest_dates = nearest_dates(&app, &asked[slice].0).await?;
    }
    let cheapest_total = cheapest_total(&app, &asked).await?.map(|total| Money::new(total, FILING_CURRENCY));
    Ok(TripAnswer { slices, cheapest_total })
}

impl TripRequest {
    fn check(&self, app: &App) -> Result<Vec<(Vec<Question>, Page)>, Problem> {
        if !(1..=SLICES_MAX).contains(&self.slices.len()) {
            return Err(Problem::invalid("slices", format!("there must be 1 to {SLICES_MAX}")));
        }
        let slices = self.slices.iter().enumerate();
        let asked: Vec<(Vec<Question>, Page)> = slices
            .map(|(index, slice)| {
                let checked = self.as_search(slice).check(app);
                let (questions, page) = checked.map_err(|problem| in_slice(problem, index))?;
                // The list of each slice, and its cheapest.
                Ok::<_, Problem>((questions, Page { share: 2 * self.slices.len() as u64, ..page }))
            })
            .collect::<Result<_, _>>()?;
        let dates: Vec<Date> =
            asked.iter().filter_map(|(questions, _)| Some(questions.first()?.date)).collect();
        // Over the date line a slice can begin on the day before the one on which the slice before began.
        let goes_back = |pair: &[Date]| pair[0].yesterday().is_ok_and(|earliest| pair[1] < earliest);
        match dates.windows(2).position(goes_back) {
            Some(before) => {
                let reason = format!("it must not be before that of the slice before, {}", dates[before]);
                Err(Problem::invalid(&format!("slices[{}].date", before + 1), reason))
            }
            None => Ok(asked),
        }
    }

    fn as_search(&self, slice: &SliceRequest) -> SearchParams {
        let list = |codes: &[String]| (!codes.is_empty()).then(|| codes.join(","));
        SearchParams {
            origin: slice.origin.clone(),
            destination: slice.destination.clone(),
            nearby_km: self.nearby_km,
            date: slice.date.clone(),
            adults: self.adults,
            children: self.children,
            infants: self.infants,
            cabin: self.cabin.clone(),
            mixed_cabin: self.mixed_cabin,
            refundable: self.refundable,
            bag: self.bag,
            max_stops: self.max_stops,
            sort: self.sort.clone(),
            max_price: slice.max_price,
            max_duration: self.max_duration,
            departs_after: slice.departs_after.clone(),
            departs_before: slice.departs_before.clone(),
            arrives_after: slice.arrives_after.clone(),
            arrives_before: slice.arrives_before.clone(),
            airlines: list(&self.airlines),
            exclude_airlines: list(&self.exclude_airlines),
            via: list(&self.via),
            exclude_via: list(&self.exclude_via),
            min_connection: self.min_connection,
            max_connection: self.max_connection,
            facets: None,
            limit: self.limit,
            cursor: slice.cursor.clone(),
        }
    }
}

/// Fields that each slice has of its own are named with the slice.
fn in_slice(problem: Problem, index: usize) -> Problem {
    const OWN: [&str; 9] = [
        "origin",
        "destination",
        "date",
        "departs_after",
        "departs_before",
        "arrives_after",
        "arrives_before",
        "max_price",
        "cursor",
    ];
    let field = problem.field_name().filter(|field| OWN.contains(field));
    let named = field.map(|field| format!("slices[{index}].{field}"));
    match named {
        Some(field) => problem.field(&field),
        None => problem,
    }
}

/// A trip is up to a dozen questions of which none waits for anything: without this they would be one long one, and whoever is
/// refused meanwhile would hear of it late.
async fn let_others_run() {
    tokio::task::yield_now().await;
}

/// An itinerary as far as joining slices needs it.
struct Priced {
    departs: Minute,
    arrives: Minute,
    total: i64,
}

/// The lowest sum of itineraries, one of each slice, of which each departs after the one before has arrived.
async fn cheapest_total(app: &App, asked: &[(Vec<Question>, Page)]) -> Result<Option<i64>, Problem> {
    // The cheapest ways to have flown everything so far, by when they end.
    let mut so_far: Vec<(Minute, i64)> = vec![(Minute(0), 0)];
    for (questions, page) in asked {
        let mut next = Vec::new();
        for Priced { departs, arrives, total } in cheapest_of(app, questions, page.share).await? {
            let before = so_far.iter().filter(|(ended, _)| *ended <= departs).map(|(_, sum)| *sum).min();
            next.extend(before.and_then(|sum| Some((arrives, sum.checked_add(total)?))));
        }
        so_far = next;
        if so_far.is_empty() {
            break;
        }
    }
    Ok(so_far.iter().map(|(_, sum)| *sum).min())
}

async fn cheapest_of(app: &App, questions: &[Question], share: u64) -> Result<Vec<Priced>, Problem> {
    let_others_run().await;
    let by_price: Vec<Question> =
        questions.iter().map(|question| Question { order: Order::Price, ..question.clone() }).collect();
    let found = engine::ask(app, &by_price, CHEAPEST, None, share).await?;
    let priced = |journey: &itinerary::Journey| {
        let question = by_price.first()?;
        let adult = i64::try_from(journey.price.saturating_add(500_000) / 1_000_000).ok()?;
        let (first, last) = (journey.legs().first()?, journey.legs().last()?);
        let total = engine::percents(app).total(adult, question.party).ok()?;
        Some(Priced { departs: first.departs, arrives: last.arrives, total })
    };
    Ok(found.journeys.iter().filter_map(priced).collect())
}
