//! Looking for flights whose check-in opens, or soon closes. Each is filed as news once; telling it is the other job's.
//!
//! Mostly only those are looked at that came into their time since the last look. What a flight's own changes bring into it is
//! filed when they are told (`flights.rs`); what policies bring that are filed meanwhile, and what a process missed that takes over
//! from another, is found by looking at everything now and then.

use std::collections::BTreeMap;
use std::sync::{Mutex, PoisonError};

use domain::notices::{Topic, check_in_news, reminder_before};
use jiff::{SignedDuration, Timestamp};
use platform::db::Sql;

use super::flights::{as_it_stands, reminds};
use super::store::{Params, news};
use crate::app::App;
use crate::check_in::api::Windows;
use crate::flights::api::{FlightRow, leaving_in};

/// How often everything is looked at.
const EVERYTHING_EVERY: SignedDuration = SignedDuration::from_mins(10);

/// When this process looked last, and when at everything.
#[derive(Debug, Default)]
pub(super) struct Looked(Mutex<Option<(Timestamp, Timestamp)>>);

impl Looked {
    /// Since when it has not looked; `None` if it must look at everything.
    fn since(&self, now: Timestamp) -> Option<Timestamp> {
        let looked = *self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, everything_at) = looked?;
        (at <= now && now.duration_since(everything_at) < EVERYTHING_EVERY).then_some(at)
    }

    fn note(&self, now: Timestamp, everything: bool) {
        let mut looked = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let everything_at = looked.filter(|_| !everything).map_or(now, |(_, at)| at);
        *looked = Some((now, everything_at));
    }
}

/// Files what is due; how much is new. Several processes may do it at once: a flight's reminder has one row.
pub(super) async fn file(app: &App, looked: &Looked) -> anyhow::Result<u64> {
    let now = app.now();
    let since = looked.since(now);
    let sql = app.db.read().await?;
    let windows = Windows::load(app, &sql).await?;
    let rows = leaving_in(&sql, &spans(app, &windows, since, now)).await?;
    let filed = file_of(app, &sql, &windows, &rows).await?;
    looked.note(now, since.is_none());
    Ok(filed)
}

/// When a flight leaves that is to be looked at now.
fn spans(
    app: &App,
    windows: &Windows,
    since: Option<Timestamp>,
    now: Timestamp,
) -> Vec<(Timestamp, Timestamp)> {
    let span = |(opens, closes): (SignedDuration, SignedDuration)| {
        let reminds = reminder_before(reminds(app), closes);
        match since {
            None => vec![(now + closes, now + opens.max(reminds))],
            Some(since) => vec![(since + opens, now + opens), (since + reminds, now + reminds)],
        }
    };
    let mut spans: Vec<_> = windows.times().flat_map(span).collect();
    spans.sort_unstable();
    spans.dedup();
    spans
}

/// Files what is due of these flights.
pub(super) async fn file_of(
    app: &App,
    sql: &Sql,
    windows: &Windows,
    rows: &[FlightRow],
) -> anyhow::Result<u64> {
    let now = app.now();
    let mut due: BTreeMap<&str, (Topic, Vec<String>)> = BTreeMap::new();
    for row in rows {
        let said = check_in_news(&as_it_stands(row, now), &windows.of(app, row), reminds(app), now);
        if let Some(topic) = said {
            due.entry(topic.as_str()).or_insert_with(|| (topic, Vec::new())).1.push(row.id.to_string());
        }
    }
    let mut filed = 0;
    for (topic, flights) in due.values() {
        let params = Params::default();
        filed += news::put_once(sql, flights, (topic.as_str(), *topic, &params), now).await?;
    }
    Ok(filed)
}
