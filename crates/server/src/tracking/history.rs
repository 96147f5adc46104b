//! `GET /price-history`: what the flights of a route and date cost, day by day until now.

use axum::extract::State;
use domain::tracking::{Band, band};
use jiff::civil::Date;
use jiff::tz::TimeZone;
use kernel::{AirportCode, Cabin, Money};
use platform::http::problem::Outcome;
use platform::http::{Json, Problem, Query};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};

use super::prices::Day;
use super::store::prices::{self as store, Changed};
use crate::app::App;
use crate::flights::api::FILING_CURRENCY;

/// Days on which a price changed that are shown, the newest: more than flights are on sale for.
const DAYS_MOST: i64 = 400;
/// Years in which flights are looked for: what is far outside of them is no date for the database either.
const YEARS: std::ops::RangeInclusive<i16> = 1900..=2999;

#[derive(Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct HistoryQuery {
    /// Airport of departure.
    #[param(example = "ABE")]
    origin: String,
    /// Airport of arrival.
    #[param(example = "LAX")]
    destination: String,
    /// Date of departure, local at the origin.
    #[param(value_type = String, format = Date, example = "2026-12-01")]
    date: String,
    /// economy, `premium_economy`, business or first; economy if left out.
    #[param(example = "economy")]
    cabin: Option<String>,
}

/// What the direct flights of a route and date cost one adult at least, now and before.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"origin": "ABE", "destination": "LAX", "date": "2026-12-01", "cabin": "economy",
    "price": {"amount": 18900, "currency": "USD"}, "days": [{"day": "2026-11-01", "low": {"amount": 18900, "currency": "USD"},
    "high": {"amount": 21900, "currency": "USD"}, "last": {"amount": 18900, "currency": "USD"}}], "usual": null, "standing": null}))]
pub(super) struct PriceHistory {
    #[schema(value_type = String, example = "ABE")]
    origin: AirportCode,
    #[schema(value_type = String, example = "LAX")]
    destination: AirportCode,
    #[schema(value_type = String, format = Date)]
    date: Date,
    cabin: Cabin,
    /// Null when nothing can be bought.
    price: Option<Money>,
    /// The days (UTC) on which it changed, the first one first. In between it was what it was last.
    days: Vec<PriceDay>,
    /// What it usually was; null until it is known for a week.
    usual: Option<UsualPrice>,
    /// `low`, `usual` or `high`: how the price compares with that.
    standing: Option<&'static str>,
}

/// A day on which a price changed. Null where nothing could be bought.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"day": "2026-11-01", "low": {"amount": 18900, "currency": "USD"},
    "high": {"amount": 21900, "currency": "USD"}, "last": {"amount": 18900, "currency": "USD"}}))]
pub(super) struct PriceDay {
    #[schema(value_type = String, format = Date)]
    day: Date,
    /// The lowest of the day.
    low: Option<Money>,
    /// The highest.
    high: Option<Money>,
    /// The last.
    last: Option<Money>,
}

/// Quartiles of what it was, day by day: half of the days it was between low and high.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"low": {"amount": 18900, "currency": "USD"}, "middle": {"amount": 20900, "currency": "USD"},
    "high": {"amount": 21900, "currency": "USD"}}))]
pub(super) struct UsualPrice {
    low: Money,
    middle: Money,
    high: Money,
}

/// What the direct flights of a route and date cost, now and before. Of a route without any there is nothing.
#[utoipa::path(get, path = "/price-history", tag = "prices", params(HistoryQuery),
    responses((status = 200, description = "What is known", body = PriceHistory)))]
pub(super) async fn get_price_history(
    State(app): State<App>,
    Query(query): Query<HistoryQuery>,
) -> Outcome<Json<PriceHistory>> {
    let code = |field: &str, text: &str| {
        text.parse::<AirportCode>().map_err(|error| Problem::invalid(field, error.to_string()))
    };
    let date = query.date.parse().ok().filter(|date: &Date| YEARS.contains(&date.year()));
    let day = Day {
        origin: code("origin", &query.origin)?,
        destination: code("destination", &query.destination)?,
        date: date.ok_or_else(|| Problem::invalid("date", "it must be a date, such as 2026-12-01"))?,
    };
    let cabin = query.cabin.as_deref().map_or(Ok(Cabin::Economy), str::parse);
    let cabin: Cabin =
        cabin.map_err(|error: kernel::codes::CodeError| Problem::invalid("cabin", error.to_string()))?;
    let sql = app.db.snapshot().await?;
    let ends = (day.origin, day.destination);
    let price = store::lowest(&sql, ends, (day.date, day.date), (cabin, 1)).await?.map(|(amount, _)| amount);
    let changed = store::history(&sql, (&day, cabin), DAYS_MOST).await?;
    let band = band(daily(&changed, app.now().to_zoned(TimeZone::UTC).date()));
    let money = |amount| Money::new(amount, FILING_CURRENCY);
    Ok(Json(PriceHistory {
        origin: day.origin,
        destination: day.destination,
        date: day.date,
        cabin,
        price: price.map(money),
        days: changed.iter().map(PriceDay::of).collect(),
        usual: band.map(|Band { low, middle, high }| UsualPrice {
            low: money(low),
            middle: money(middle),
            high: money(high),
        }),
        standing: price.zip(band).map(|(price, band)| match price {
            price if price < band.low => "low",
            price if price > band.high => "high",
            _ => "usual",
        }),
    }))
}

impl PriceDay {
    fn of(changed: &Changed) -> Self {
        let money = |amount: Option<i64>| amount.map(|amount| Money::new(amount, FILING_CURRENCY));
        Self {
            day: changed.day,
            low: money(changed.low),
            high: money(changed.high),
            last: money(changed.last),
        }
    }
}

/// What it was at the end of each day until today, without those on which nothing could be bought.
fn daily(changed: &[Changed], today: Date) -> Vec<i64> {
    let mut prices = Vec::new();
    for (index, one) in changed.iter().enumerate() {
        let until = changed.get(index + 1).map_or(today, |next| next.day.yesterday().unwrap_or(next.day));
        let days = one.day.until(until).map_or(0, |span| span.get_days()) + 1;
        let days = usize::try_from(days.clamp(0, 400)).unwrap_or(0);
        prices.extend(one.last.into_iter().flat_map(|last| std::iter::repeat_n(last, days)));
    }
    prices
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_price_is_what_it_was_last_until_it_changes() {
        let day = |text: &str| text.parse::<Date>().expect("a date");
        let changed = |on: &str, last| Changed { day: day(on), low: last, high: last, last };
        let all =
            [changed("2026-05-30", Some(5)), changed("2026-06-02", None), changed("2026-06-03", Some(7))];
        assert_eq!(daily(&all, day("2026-06-04")), [5, 5, 5, 7, 7]);
        assert!(daily(&[], day("2026-06-04")).is_empty());
    }
}
