//! `GET /search`: one-way itineraries of a date.

use std::ops::Range;
use std::sync::Arc;

use axum::extract::State;
use domain::fare_families::FareFamily;
use itinerary::Journey;
use kernel::Category;
use platform::http::problem::Outcome;
use platform::http::{Problem, Query};
use uuid::Uuid;

use super::calendar::nearest_dates;
use super::cursor::{self, Cursor};
use super::engine;
use super::facets::facets;
use super::families::FamilyView;
use super::kept::List;
use super::params::SearchParams;
use super::question::{Page, Question};
use super::view::{Itineraries, SearchAnswer, offers_expire_at};
use super::write::Writer;
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
) -> Outcome<SearchAnswer> {
    must_be_ready(&app)?;
    let (questions, page) = params.check(&app)?;
    let mut answer = page_of(&app, &questions, &page).await?;
    if page.cursor.is_none() && answer.is_empty() {
        answer.nearest_dates = nearest_dates(&app, &questions).await?;
    }
    if page.cursor.is_none() && params.facets.unwrap_or(false) {
        answer.facets = Some(facets(&app, &questions).await?);
    }
    Ok(answer)
}

/// Refuses until the timetable is in memory.
pub(super) fn must_be_ready(app: &App) -> Result<(), Problem> {
    let not_ready = || Problem::new(Category::Unavailable, "search_not_ready").retry_after(2);
    app.live.is_loaded().then_some(()).ok_or_else(not_ready)
}

/// A page of the list that answers the questions.
pub(super) async fn page_of(app: &App, questions: &[Question], page: &Page) -> Result<SearchAnswer, Problem> {
    let found = match &page.cursor {
        None => page_after(app, questions, page, None).await?,
        Some(cursor) => next_page(app, questions, page, cursor).await?,
    };
    write(app, questions, &found)
}

/// A page of a list.
struct Found {
    list: Arc<Vec<Journey>>,
    /// Which part of the list.
    page: Range<usize>,
    next: Option<Cursor>,
    as_of: u64,
    complete: bool,
}

impl Found {
    fn journeys(&self) -> &[Journey] {
        self.list.get(self.page.clone()).unwrap_or_default()
    }
}

/// A page of a list that nobody keeps: from the start, or behind a sort key that another server gave out. One more than
/// the limit tells whether there is a next page.
async fn page_after(
    app: &App,
    questions: &[Question],
    page: &Page,
    after: Option<itinerary::SortKey>,
) -> Result<Found, Problem> {
    let as_of = app.live.as_of();
    let answer = engine::ask(app, questions, page.limit + 1, after, page.share).await?;
    let (list, complete) = (Arc::new(answer.journeys), answer.complete);
    let mut next = None;
    if list.len() > page.limit {
        let id = Uuid::from_bytes(app.random.bytes());
        next = cursor_at(page, id, page.limit, &list);
        app.kept.keep(
            id,
            List { journeys: Arc::clone(&list), question: page.question, complete, as_of, ended: false },
        );
    }
    Ok(Found { page: 0..list.len().min(page.limit), list, next, as_of, complete })
}

async fn next_page(
    app: &App,
    questions: &[Question],
    page: &Page,
    cursor: &Cursor,
) -> Result<Found, Problem> {
    let Some(kept) = app.kept.get(cursor.list) else {
        return page_after(app, questions, page, Some(cursor.after)).await;
    };
    let mut list = kept.lock().await;
    if list.question != page.question {
        drop(list);
        return page_after(app, questions, page, Some(cursor.after)).await;
    }
    let start = usize::try_from(cursor.position).unwrap_or(usize::MAX).min(list.journeys.len());
    let end = start + page.limit;
    if list.journeys.len() <= end && !list.ended {
        let wanted = list.journeys.len() + LIST;
        let answer = engine::ask(app, questions, wanted, None, page.share).await?;
        list.complete = answer.complete;
        list.ended = answer.complete && answer.journeys.len() < wanted;
        list.extend(answer.journeys.into_iter());
    }
    let (journeys, as_of, complete) = (Arc::clone(&list.journeys), list.as_of, list.complete);
    drop(list);
    app.kept.keep_again(cursor.list, &kept);
    let next = cursor_at(page, cursor.list, end, &journeys);
    Ok(Found { page: start..end.min(journeys.len()), list: journeys, next, as_of, complete })
}

/// The cursor to what lies behind the first `position` journeys, if anything does.
fn cursor_at(page: &Page, list: Uuid, position: usize, journeys: &[Journey]) -> Option<Cursor> {
    let after = journeys.get(position.checked_sub(1)?).filter(|_| journeys.len() > position)?.key();
    Some(Cursor { list, position: u32::try_from(position).ok()?, question: page.question, after })
}

fn write(app: &App, questions: &[Question], found: &Found) -> Result<SearchAnswer, Problem> {
    let Some(Question { party, cabin, family, .. }) = questions.first() else {
        return Err(Problem::not_found());
    };
    let directory = app.directory.load();
    let expires_at = offers_expire_at(app, app.now());
    let all: Vec<&FareFamily> = directory.families().of(*cabin).collect();
    // The families may have been filed anew since the question was checked.
    let shown = all.iter().position(|other| *other == family);
    let (families, shown) = shown.map_or_else(|| (vec![family], 0), |shown| (all, shown));
    let promises = families.iter().map(|family| FamilyView::new(family, FILING_CURRENCY)).collect();
    let journeys = found.journeys();
    let writer = Writer {
        directory: &directory,
        offers: &app.offers,
        ratings: &app.ratings,
        percents: engine::percents(app),
        party: *party,
        cabin: *cabin,
        families: families.into_iter().map(|family| (family, family.terms())).collect(),
        shown,
        as_of: found.as_of,
        expires_at,
    };
    Ok(SearchAnswer {
        itineraries: Itineraries {
            json: writer.itineraries(journeys).map_err(Problem::internal)?,
            count: journeys.len(),
        },
        fare_families: promises,
        next_cursor: found.next.as_ref().map(cursor::encode),
        offers_expire_at: expires_at,
        as_of: found.as_of,
        complete: found.complete,
        nearest_dates: Vec::new(),
        facets: None,
    })
}
