//! Times of day that a traveller insists on, as windows of minutes on given dates.

use std::ops::Range;

use itinerary::Minute;
use jiff::Span;
use jiff::civil::{Date, Time};
use jiff::tz::TimeZone;
use platform::http::Problem;

use super::params::SearchParams;
use crate::flights::api::minute;

/// Local dates around that of departure on which an itinerary may land: the day before over the date line, and as many
/// after as the longest journey takes.
const ARRIVAL_DATES: Range<i64> = -1..4;

/// Local times at both ends. A window whose end is not after its start spans midnight.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct TimesOfDay {
    departs: (Option<Time>, Option<Time>),
    arrives: (Option<Time>, Option<Time>),
}

impl TimesOfDay {
    pub(super) fn of(params: &SearchParams) -> Result<Self, Problem> {
        let window = |names: (&str, &str), after: Option<&str>, before: Option<&str>| {
            Ok::<_, Problem>((time(names.0, after)?, time(names.1, before)?))
        };
        let departs = ("departs_after", "departs_before");
        let arrives = ("arrives_after", "arrives_before");
        Ok(Self {
            departs: window(departs, params.departs_after.as_deref(), params.departs_before.as_deref())?,
            arrives: window(arrives, params.arrives_after.as_deref(), params.arrives_before.as_deref())?,
        })
    }

    /// When a journey may depart on a date; `None` where the calendar ends.
    pub(super) fn departures(&self, date: Date, zone: &TimeZone) -> Option<Vec<Range<Minute>>> {
        let (after, before) = self.departs;
        let day = day(date, zone)?;
        let start = after.map_or(Some(day.start), |time| wall(date, time, zone))?;
        let end = before.map_or(Some(day.end), |time| wall(date, time, zone))?;
        Some(if start <= end { vec![start..end] } else { vec![day.start..end, start..day.end] })
    }

    /// When a journey that departs on one of the dates from `first` to `last` may land; `None`: at any time.
    pub(super) fn arrivals(&self, first: Date, last: Date, zone: &TimeZone) -> Option<Vec<Range<Minute>>> {
        let (after, before) = self.arrives;
        if after.is_none() && before.is_none() {
            return None;
        }
        let window = |date: Date| {
            let day = day(date, zone)?;
            let start = after.map_or(Some(day.start), |time| wall(date, time, zone))?;
            let spans_midnight = after.zip(before).is_some_and(|(after, before)| after > before);
            let last = if spans_midnight { date.tomorrow().ok()? } else { date };
            let end = before.map_or(Some(day.end), |time| wall(last, time, zone))?;
            Some(start..end)
        };
        let days = i64::from(first.until(last).map_or(0, |span| span.get_days()));
        let dates = ARRIVAL_DATES.start..ARRIVAL_DATES.end + days;
        Some(dates.filter_map(|offset| window(first.checked_add(Span::new().days(offset)).ok()?)).collect())
    }
}

fn time(field: &str, text: Option<&str>) -> Result<Option<Time>, Problem> {
    let wrong = |_| Problem::invalid(field, "it must be a local time, such as 06:30");
    text.map(|text| text.parse().map_err(wrong)).transpose()
}

/// A local day: 23 or 25 hours long when the clocks change.
pub(super) fn day(date: Date, zone: &TimeZone) -> Option<Range<Minute>> {
    Some(wall(date, Time::midnight(), zone)?..wall(date.tomorrow().ok()?, Time::midnight(), zone)?)
}

/// The minute at which clocks show the time; a time that is skipped is read as the one after the gap.
fn wall(date: Date, time: Time, zone: &TimeZone) -> Option<Minute> {
    let zoned = date.to_datetime(time).to_zoned(zone.clone()).ok()?;
    Some(minute(zoned.timestamp()))
}
