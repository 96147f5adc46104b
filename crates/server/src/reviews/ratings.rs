//! The averages of all flight numbers in memory, for search and the list of flights: every row of theirs has one.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use arc_swap::ArcSwap;
use domain::reviews::Tally;
use jiff::{SignedDuration, Timestamp};
use kernel::FlightNumber;
use platform::db::DbError;
use platform::jobs::Job;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store;
use crate::app::App;

const EVERY: Duration = Duration::from_secs(5);
/// Longer than a transaction takes from when it notes its time until others see it, and clocks differ.
const OVERLAP: SignedDuration = SignedDuration::from_mins(2);

/// What travellers think of a flight number.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"average": 4.3, "count": 128}))]
pub struct ReviewSummary {
    /// Stars, 1 to 5, to a tenth.
    average: f32,
    /// Of how many reviews.
    count: i64,
}

/// What a flight number's reviews come to: average in tenths of a star, and how many.
type Summary = (i64, i64);

/// What all flight numbers' reviews come to.
#[derive(Default)]
pub struct Ratings {
    known: ArcSwap<Known>,
}

#[derive(Clone, Default)]
struct Known {
    until: Option<Timestamp>,
    of: Arc<HashMap<FlightNumber, Summary>>,
}

impl Ratings {
    /// Of one flight number, for tests of what shows them.
    #[cfg(test)]
    pub(crate) fn of(number: FlightNumber, summary: Summary) -> Self {
        let of = Arc::new(HashMap::from([(number, summary)]));
        Self { known: ArcSwap::from_pointee(Known { until: None, of }) }
    }

    /// Average in tenths of a star, and how many; nothing until somebody reviewed it.
    pub fn tenths(&self, number: FlightNumber) -> Option<(i64, i64)> {
        self.known.load().of.get(&number).copied()
    }

    /// The same as it goes out.
    pub fn summary(&self, number: FlightNumber) -> Option<ReviewSummary> {
        let (tenths, count) = self.tenths(number)?;
        Some(ReviewSummary { average: stars(tenths), count })
    }

    /// Takes over what changed.
    async fn follow(&self, app: &App) -> Result<u64, DbError> {
        let (known, now) = (self.known.load_full(), app.now());
        let since = known.until.map(|until| until - OVERLAP);
        let changed = store::ratings::changed_since(&app.db.read().await?, since).await?;
        let differs =
            |(number, tally): &&(FlightNumber, Tally)| known.of.get(number) != summary(tally).as_ref();
        let new: Vec<_> = changed.iter().filter(differs).collect();
        let mut of = Arc::clone(&known.of);
        if !new.is_empty() {
            let of = Arc::make_mut(&mut of);
            for (number, tally) in &new {
                match summary(tally) {
                    Some(summary) => of.insert(*number, summary),
                    None => of.remove(number),
                };
            }
        }
        self.known.store(Arc::new(Known { until: Some(now), of }));
        Ok(u64::try_from(new.len()).unwrap_or(u64::MAX))
    }
}

fn summary(tally: &Tally) -> Option<Summary> {
    Some((tally.average_tenths()?, tally.count()))
}

/// Tenths of a star as stars.
pub(super) fn stars(tenths: i64) -> f32 {
    tenths as f32 / 10.0
}

/// The job of every serving process that keeps its averages fresh.
pub fn follow_job(app: &App) -> Job {
    let app = app.clone();
    Job::new("follow_ratings", EVERY, move || {
        let app = app.clone();
        async move {
            // What is moved on is no reason for another turn at once.
            app.ratings.follow(&app).await?;
            Ok(0)
        }
    })
}
