//! `PUT` and `DELETE /flights/{id}/review`: saying what I think of a flight, saying it otherwise, and taking it back.

use axum::Extension;
use axum::extract::State;
use axum::http::StatusCode;
use domain::coupon::CouponStatus;
use domain::days::is_in_time;
use domain::reviews::{Require, Tally};
use jiff::Timestamp;
use kernel::{BookingId, Category, FlightId, FlightNumber, ReviewId};
use platform::config::{Moderation, ReviewsRequire};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use platform::messages::Locale;

use super::body::{ReviewBody, Said};
use super::store::{self, ReviewRow};
use super::view::MyReview;
use crate::access::Caller;
use crate::app::App;
use crate::booking::api as booking;
use crate::flights::api as flights;
use crate::identity;

/// Say what I think of a flight I was on, or say it otherwise. There is one review of mine of each flight. 409 `review_too_early` until
/// I have flown it, `review_not_yours` if I gave my ticket back or did not come, `review_closed` when the time for it is over.
#[utoipa::path(put, path = "/flights/{id}/review", tag = "reviews", request_body = ReviewBody,
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 200, description = "My review", body = MyReview),
        (status = 409, description = "`review_closed`, `review_not_yours`, `review_too_early`")))]
pub(super) async fn put_review(
    State(app): State<App>,
    caller: Caller,
    Extension(locale): Extension<Locale>,
    Path(flight): Path<FlightId>,
    Json(body): Json<ReviewBody>,
) -> Outcome<Json<MyReview>> {
    let said = body.check()?;
    let number = flight.key().ok_or_else(Problem::not_found)?.number;
    let tx = app.db.begin().await?;
    identity::api::hold_account(&tx, caller.user).await?;
    let row = match store::lock_of(&tx, caller.user, number, flight).await? {
        Some(row) if row.is_withdrawn() => {
            eligible(&app, &tx, &caller, flight).await?;
            say(&app, &tx, (row, &said), locale).await?
        }
        Some(row) => edit(&app, &tx, (row, &said), locale).await?,
        None => write(&app, &tx, &caller, (flight, number), (&said, locale)).await?,
    };
    tx.commit().await?;
    Ok(Json(MyReview::of(&app, &row)))
}

/// The first word on a flight.
async fn write(
    app: &App,
    tx: &Tx,
    caller: &Caller,
    (flight, number): (FlightId, FlightNumber),
    (said, locale): (&Said, Locale),
) -> Result<ReviewRow, Problem> {
    let (booking, now) = (eligible(app, tx, caller, flight).await?, app.now());
    let new = ReviewRow {
        number,
        id: ReviewId::new(day_of(now), app.random.bytes()),
        user: caller.user,
        flight,
        booking,
        rating: said.rating,
        comment: said.comment.clone(),
        language: locale.tag().to_owned(),
        status: first_status(app).to_owned(),
        hidden_because: None,
        reports: 0,
        version: 1,
        created_at: now,
        changed_at: now,
    };
    if store::insert(tx, &new).await? {
        count(app, tx, (None, Some(&new))).await?;
        metrics::counter!("reviews_written_total").increment(1);
        return Ok(new);
    }
    // The same account said something on another device in the same moment: what comes second is an edit.
    let there = store::lock_of(tx, caller.user, number, flight).await?.ok_or_else(Problem::not_found)?;
    edit(app, tx, (there, said), locale).await
}

/// The beginning of a day, UTC. An id of this kind begins with its time, and everybody sees it: it says the day, as the review does.
fn day_of(at: Timestamp) -> Timestamp {
    let second = at.as_second();
    Timestamp::from_second(second - second.rem_euclid(86_400)).unwrap_or(at)
}

/// Another word on a flight.
async fn edit(
    app: &App,
    tx: &Tx,
    (row, said): (ReviewRow, &Said),
    locale: Locale,
) -> Result<ReviewRow, Problem> {
    if row.says(said) {
        return Ok(row);
    }
    if !is_in_time(row.created_at, app.config.reviews.edit_days, app.now()) {
        return Err(closed(app.config.reviews.edit_days));
    }
    say(app, tx, (row, said), locale).await
}

/// What staff took off, or are to look at, comes back when they have seen what it says now.
async fn say(
    app: &App,
    tx: &Tx,
    (row, said): (ReviewRow, &Said),
    locale: Locale,
) -> Result<ReviewRow, Problem> {
    let status = if row.is_published() { first_status(app) } else { "pending" };
    store::update(tx, (&row, said), (status, locale.tag()), app.now()).await?;
    let changed = store::lock_of(tx, row.user, row.number, row.flight).await?;
    let changed = changed.ok_or_else(Problem::not_found)?;
    count(app, tx, (Some(&row), Some(&changed))).await?;
    Ok(changed)
}

/// The averages follow what is published.
pub(super) async fn count(
    app: &App,
    tx: &Tx,
    (before, after): (Option<&ReviewRow>, Option<&ReviewRow>),
) -> Result<(), Problem> {
    let mut more = Tally::default();
    for (row, times) in [(before, -1), (after, 1)] {
        if let Some(row) = row.filter(|row| row.is_published()) {
            more.add(&row.rating, times);
        }
    }
    let number = before.or(after).map(|row| row.number);
    if let Some(number) = number.filter(|_| more != Tally::default()) {
        store::ratings::add(tx, number, &more, app.now()).await?;
    }
    Ok(())
}

/// The booking that lets somebody review a flight.
async fn eligible(app: &App, tx: &Tx, caller: &Caller, flight: FlightId) -> Result<BookingId, Problem> {
    let refused = |code| Problem::new(Category::Conflict, code);
    let row = flights::flight_rows(tx, &[flight]).await?.pop().ok_or_else(Problem::not_found)?;
    let travels = booking::travels_of(tx, caller.user, (Some(flight), None)).await?;
    let now = app.now();
    let has_left = row.expected().0 <= now && !row.is_cancelled();
    let require = require(app);
    let allowed = travels.iter().find(|travel| require.allows(travel.coupon));
    let may_yet = |coupon: CouponStatus| coupon.is_live() || coupon == CouponStatus::Boarded;
    match allowed.filter(|_| has_left) {
        Some(_) if !is_in_time(row.expected().1, app.config.reviews.write_days, now) => {
            Err(closed(app.config.reviews.write_days))
        }
        Some(travel) => Ok(travel.booking),
        None if allowed.is_some() && !row.is_cancelled() => Err(refused("review_too_early")),
        None if travels.iter().any(|travel| may_yet(travel.coupon)) => Err(refused("review_too_early")),
        // Whoever has nothing to do with a flight is not told whether there is something to review.
        None if travels.is_empty() => Err(Problem::not_found()),
        None => Err(refused("review_not_yours")),
    }
}

fn closed(days: u32) -> Problem {
    Problem::new(Category::Conflict, "review_closed").arg("days", days.to_string())
}

/// Who may write, as the settings say.
pub(super) fn require(app: &App) -> Require {
    match app.config.reviews.require {
        ReviewsRequire::Flown => Require::Flown,
        ReviewsRequire::Booked => Require::Booked,
    }
}

/// What becomes of a new word.
fn first_status(app: &App) -> &'static str {
    match app.config.reviews.moderation {
        Moderation::Afterwards => "published",
        Moderation::Beforehand => "pending",
    }
}

/// Take my review of a flight back; it can be at any time.
#[utoipa::path(delete, path = "/flights/{id}/review", tag = "reviews",
    params(("id" = String, Path, description = "Flight id", example = "flt_20261201000080008000b97700134001")),
    responses((status = 204, description = "There is none any more")))]
pub(super) async fn delete_review(
    State(app): State<App>,
    caller: Caller,
    Path(flight): Path<FlightId>,
) -> Outcome<StatusCode> {
    let number = flight.key().ok_or_else(Problem::not_found)?.number;
    let tx = app.db.begin().await?;
    let row = store::lock_of(&tx, caller.user, number, flight).await?;
    let row = row.filter(|row| !row.is_withdrawn()).ok_or_else(Problem::not_found)?;
    if row.is_watched() {
        store::withdraw(&tx, &row, app.now()).await?;
    } else {
        store::delete(&tx, &row).await?;
    }
    count(&app, &tx, (Some(&row), None)).await?;
    tx.commit().await?;
    Ok(StatusCode::NO_CONTENT)
}
