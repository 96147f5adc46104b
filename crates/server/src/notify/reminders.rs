//! Looking for flights whose check-in opens, or soon closes. Each is filed as news once; telling it is the other job's.

use std::collections::BTreeMap;

use domain::notices::{Topic, check_in_news};

use super::flights::{as_it_stands, check_in_times};
use super::store::news;
use crate::app::App;
use crate::flights::api::expected_between;

/// Files what is due; how much is new. Several processes may do it at once: a flight's reminder has one row.
pub(super) async fn file(app: &App) -> anyhow::Result<u64> {
    let (now, times) = (app.now(), check_in_times(app));
    let sql = app.db.read().await?;
    let rows = expected_between(&sql, now + times.closes, now + times.opens.max(times.reminds)).await?;
    let mut due: BTreeMap<&str, (Topic, Vec<String>)> = BTreeMap::new();
    for row in &rows {
        if let Some(topic) = check_in_news(&as_it_stands(row, now), times, now) {
            due.entry(topic.as_str()).or_insert_with(|| (topic, Vec::new())).1.push(row.id.to_string());
        }
    }
    let mut filed = 0;
    for (topic, flights) in due.values() {
        filed += news::put_once(&sql, (flights, *topic), now).await?;
    }
    Ok(filed)
}
