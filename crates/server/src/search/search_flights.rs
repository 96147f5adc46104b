//! `GET /search`: one-way itineraries of a date.

use axum::extract::State;
use itinerary::Journey;
use kernel::Category;
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use uuid::Uuid;

use super::calendar::nearest_dates;
use super::cursor::{self, Cursor};
use super::engine;
use super::facets::facets;
use super::families::FamilyView;
use super::kept::List;
use super::params::SearchParams;
use super::question::{Page, Question, fingerprint};
use super::view::{SearchAnswer, Writer, offers_expire_at};
use crate::app::App;
use crate::flights::api::FILING_CURRENCY;

/// How many itineraries are ranked at a time once somebody turns a page.
const LIST: usize = 500;

/// Search flights from an airport or city to another on a date: nonstop and with up to two stops (three where nothing nearer
/// exists), every leg with seats for the whole party. Ordered by duration, then price, unless `sort` says otherwise. The
/// pages of one search are of one list: nothing repeats or goes missing while prices move. No login needed.
#[utoipa::path(get, path = "/search", tag = "search", params(SearchParams),
    responses((status = 200, description = "A page of itineraries, each with an offer to book", body = SearchAnswer)))]
pub(super) async fn search_flights(
    State(app): State<App>,
    Query(params): Query<SearchParams>,
) -> Outcome<Json<SearchAnswer>> {
    must_be_ready(&app)?;
    let (questions, page) = params.check(&app)?;
    let mut answer = page_of(&app, &questions, &page).await?;
    if page.cursor.is_none() && params.facets.unwrap_or(false) {
        answer.facets = Some(facets(&app, &questions).await?);
    }
    Ok(Json(answer))
}

/// Refuses until the timetable is in memory.
pub(super) fn must_be_ready(app: &App) -> Result<(), Problem> {
    let not_ready = || Problem::new(Category::Unavailable, "search_not_ready").retry_after(2);
    app.live.is_loaded().then_some(()).ok_or_else(not_ready)
}

/// A page of the list that answers the questions.
pub(super) async fn page_of(app: &App, questions: &[Question], page: &Page) -> Result<SearchAnswer, Problem> {
    let found = match &page.cursor {
        None => first_page(app, questions, page.limit).await?,
        Some(cursor) => next_page(app, questions, page, cursor).await?,
    };
    let mut answer = write(app, questions, &found)?;
    if page.cursor.is_none() && answer.itineraries.is_empty() {
        answer.nearest_dates = nearest_dates(app, questions).await?;
    }
    Ok(answer)
}

/// A page of a list.
struct Found {
    journeys: Vec<Journey>,
    next: Option<Cursor>,
    as_of: u64,
    complete: bool,
}

async fn first_page(app: &App, questions: &[Question], limit: usize) -> Result<Found, Problem> {
    page_after(app, questions, limit, None).await
}

/// A page of a list that nobody keeps: from the start, or behind a sort key that another server gave out. One more than
/// the limit tells whether there is a next page.
async fn page_after(
    app: &App,
    questions: &[Question],
    limit: usize,
    after: Option<itinerary::SortKey>,
) -> Result<Found, Problem> {
    let as_of = app.live.as_of();
    let answer = engine::ask(app, questions, limit + 1, after).await?;
    let engine::Ranked { mut journeys, complete } = answer;
    let mut next = None;
    if journeys.len() > limit {
        let list = Uuid::from_bytes(app.random.bytes());
        next = cursor_at(questions, list, limit, &journeys);
        app.kept.keep(list, List { journeys: journeys.clone(), as_of, ended: false });
        journeys.truncate(limit);
    }
    Ok(Found { journeys, next, as_of, complete })
}

async fn next_page(
    app: &App,
    questions: &[Question],
    page: &Page,
    cursor: &Cursor,
) -> Result<Found, Problem> {
    let Some(kept) = app.kept.get(cursor.list) else {
        return page_after(app, questions, page.limit, Some(cursor.after)).await;
    };
    let mut list = kept.lock().await;
    let start = usize::try_from(cursor.position).unwrap_or(usize::MAX).min(list.journeys.len());
    let end = start + page.limit;
    let mut complete = true;
    if list.journeys.len() <= end && !list.ended {
        let wanted = list.journeys.len() + LIST;
        let answer = engine::ask(app, questions, wanted, None).await?;
        complete = answer.complete;
        list.ended = answer.journeys.len() < wanted;
        list.extend(answer.journeys.into_iter());
    }
    let journeys = list.journeys.get(start..end.min(list.journeys.len())).unwrap_or_default().to_vec();
    let next = cursor_at(questions, cursor.list, end, &list.journeys);
    let as_of = list.as_of;
    drop(list);
    app.kept.keep_again(cursor.list, &kept);
    Ok(Found { journeys, next, as_of, complete })
}

/// The cursor to what lies behind the first `position` journeys, if anything does.
fn cursor_at(questions: &[Question], list: Uuid, position: usize, journeys: &[Journey]) -> Option<Cursor> {
    let after = journeys.get(position.checked_sub(1)?).filter(|_| journeys.len() > position)?.key();
    Some(Cursor { list, position: u32::try_from(position).ok()?, question: fingerprint(questions), after })
}

fn write(app: &App, questions: &[Question], found: &Found) -> Result<SearchAnswer, Problem> {
    let directory = app.directory.load();
    let expires_at = offers_expire_at(app, app.now());
    let Some(Question { party, cabin, family, .. }) = questions.first() else {
        return Err(Problem::not_found());
    };
    let (party, cabin, as_of) = (*party, *cabin, found.as_of);
    let writer = Writer { app, directory: &directory, party, cabin, family, as_of, expires_at };
    let itineraries = found.journeys.iter().map(|journey| writer.itinerary(journey));
    let families = directory.families().of(cabin).map(|family| FamilyView::new(family, FILING_CURRENCY));
    Ok(SearchAnswer {
        itineraries: itineraries.collect::<Result<_, _>>().map_err(Problem::internal)?,
        fare_families: families.collect(),
        next_cursor: found.next.as_ref().map(cursor::encode),
        offers_expire_at: expires_at,
        as_of: found.as_of,
        complete: found.complete,
        nearest_dates: Vec::new(),
        facets: None,
    })
}
