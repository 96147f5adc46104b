//! The timetable in memory: loaded from a snapshot, then kept fresh entry by entry from the search feed.

use std::collections::HashSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use arc_swap::ArcSwap;
use itinerary::{AirportInfo, ConnectionTimes, FlightState, Network};
use jiff::civil::Date;
use jiff::{SignedDuration, ToSpan};
use kernel::{Category, FlightId};
use platform::db::Sql;
use platform::http::Problem;
use platform::jobs::{Job, Lease};
use tokio::sync::{OwnedSemaphorePermit, Semaphore, mpsc};

use crate::app::App;
use crate::flights::api::{self as flights, Directory, FeedEntry};

/// Feed entries taken at a time.
const BATCH: i64 = 1_000;
/// Batches of flights read from the database and not yet laid out.
const BATCHES_AHEAD: usize = 4;
/// How long feed entries are kept for a reader that fell behind; one that was away longer loads everything again.
const FEED_KEPT: SignedDuration = SignedDuration::from_hours(24);

/// The network that searches run on, and the feed number it is fresh to.
pub struct LiveNetwork {
    /// Replaced as a whole when everything is loaded again.
    pub network: ArcSwap<Network>,
    /// The last feed entry applied; `NOT_LOADED` until the first load.
    seq: AtomicU64,
    /// Searches at one time. More wait a moment, so that a storm of searches leaves threads for everything else.
    slots: Arc<Semaphore>,
}

const NOT_LOADED: u64 = u64::MAX;
/// Longest wait for a place among the searches.
const SLOT_WAIT: Duration = Duration::from_millis(500);

/// Two searches for each core: one runs while another waits for memory.
fn slots() -> usize {
    std::thread::available_parallelism().map_or(4, |cores| 2 * cores.get())
}

impl LiveNetwork {
    /// A network that knows nothing yet.
    pub fn unloaded() -> Self {
        Self {
            network: ArcSwap::from_pointee(Network::new(Vec::new(), ConnectionTimes::default())),
            seq: AtomicU64::new(NOT_LOADED),
            slots: Arc::new(Semaphore::new(slots())),
        }
    }

    /// A place among the searches that run at one time; refused when none comes free in time.
    pub(super) async fn slot(&self) -> Result<OwnedSemaphorePermit, Problem> {
        let waiting = tokio::time::timeout(SLOT_WAIT, Arc::clone(&self.slots).acquire_owned());
        let busy = || Problem::new(Category::Unavailable, "busy").retry_after(1);
        waiting.await.map_err(|_| busy())?.map_err(Problem::internal)
    }

    /// Searches this network, which is as fresh as the feed's entry `seq`.
    pub(super) fn set(&self, network: Network, seq: u64) {
        self.network.store(Arc::new(network));
        self.seq.store(seq, Ordering::Release);
    }

    /// Whether a snapshot has been loaded.
    pub fn is_loaded(&self) -> bool {
        self.as_of() != NOT_LOADED
    }

    /// The feed number answers are fresh to.
    pub fn as_of(&self) -> u64 {
        self.seq.load(Ordering::Acquire)
    }
}

/// Loads airports, market ratios and every flight that has not departed. The feed number is read first, so a change
/// during the load is applied again afterwards, which does no harm.
pub async fn load(app: &App) -> anyhow::Result<usize> {
    let sql = app.db.read().await?;
    let seq = flights::feed_head(&sql).await?;
    let directory = flights::load_directory(&sql, &app.config.search).await?;
    let network = empty_network(&directory);
    network.advance_clock(flights::minute(app.now()));
    // Flights are laid out as they come, on a thread of its own, so that no list of them all is ever in memory.
    let (sender, mut batches) = mpsc::channel::<Vec<FlightState>>(BATCHES_AHEAD);
    let building = tokio::task::spawn_blocking(move || {
        let unknown = network.load(std::iter::from_fn(|| batches.blocking_recv()).flatten());
        (network, unknown)
    });
    let streamed = flights::stream_states(&sql, app.now(), &sender).await;
    drop(sender);
    let (network, unknown) = building.await?;
    // A network of the flights that came before the connection broke must not be searched.
    streamed?;
    report_unknown(&unknown);
    let count = network.flight_count();
    app.directory.store(Arc::new(directory));
    app.live.set(network, seq.unsigned_abs());
    metrics::gauge!("search_flights_loaded").set(count as f64);
    tracing::info!(flights = count, seq, "timetable loaded");
    Ok(count)
}

pub(super) fn empty_network(directory: &Directory) -> Network {
    let info = |airport: &flights::Airport| AirportInfo {
        code: airport.code,
        country: directory.country(airport.code),
    };
    Network::new(directory.airports().map(info).collect(), directory.connection_times().clone())
}

fn report_unknown(unknown: &[FlightId]) {
    if let Some(first) = unknown.first() {
        tracing::warn!(count = unknown.len(), flight.id = %first, "flights between unknown airports are not searched");
    }
}

/// The job of every serving process: apply what is new in the feed.
pub fn follow_job(app: &App) -> Job {
    let every = Duration::from_millis(app.config.search.feed_poll_ms.max(10));
    let app = app.clone();
    Job::new("follow_search_feed", every, move || {
        let app = app.clone();
        async move { follow(&app).await }
    })
}

/// Applies one batch; returns how many entries there were. Before the first load there is nothing to apply to.
async fn follow(app: &App) -> anyhow::Result<u64> {
    if !app.live.is_loaded() {
        return Ok(0);
    }
    app.live.network.load().advance_clock(flights::minute(app.now()));
    let sql = app.db.read().await?;
    let seq = i64::try_from(app.live.as_of())?;
    let entries = match flights::feed_after(&sql, seq, BATCH).await {
        Ok(entries) => entries,
        Err(error @ platform::db::DbError::Inconsistent(_)) => {
            tracing::warn!(seq, %error, "the search feed cannot be followed; loading everything again");
            drop(sql);
            load(app).await?;
            return Ok(1);
        }
        Err(error) => return Err(error.into()),
    };
    metrics::gauge!("search_feed_lag_entries").set(entries.len() as f64);
    let Some((last, _)) = entries.last() else { return Ok(0) };
    let (last, count) = (*last, entries.len());
    apply(app, &sql, entries.into_iter().map(|(_, entry)| entry)).await?;
    app.live.seq.fetch_max(last.unsigned_abs(), Ordering::AcqRel);
    metrics::gauge!("search_feed_seq").set(last as f64);
    Ok(u64::try_from(count)?)
}

async fn apply(app: &App, sql: &Sql, entries: impl Iterator<Item = FeedEntry>) -> anyhow::Result<()> {
    let mut changed: Vec<FlightId> = Vec::new();
    for entry in entries {
        match entry {
            FeedEntry::Flight(id) => changed.push(id),
            FeedEntry::Dates(from, to) => apply_import(app, sql, from, to).await?,
        }
    }
    let states = flights::flight_states(sql, &changed).await?;
    let network = app.live.network.load_full();
    let there: HashSet<FlightId> = states.iter().map(|state| state.id).collect();
    let mut gone: Vec<FlightId> = changed.into_iter().filter(|id| !there.contains(id)).collect();
    // Only this job reads, one batch after the other, so nothing it reads is older than what is held. A lower version is
    // another flight of the same id: the one before was deleted, and versions begin anew.
    let made_again =
        |state: &&FlightState| network.flight(state.id).is_some_and(|held| held.version > state.version);
    gone.extend(states.iter().filter(made_again).map(|state| state.id));
    if !gone.is_empty() {
        network.remove(&gone);
    }
    report_unknown(&network.apply(&states));
    Ok(())
}

/// An import may bring airports, ratios and connection times as well as flights; new airports need a new network.
async fn apply_import(app: &App, sql: &Sql, from: Date, to: Date) -> anyhow::Result<()> {
    let directory = flights::load_directory(sql, &app.config.search).await?;
    let known = app.directory.load().airports().count();
    if directory.airports().count() != known {
        load(app).await?;
        return Ok(());
    }
    let times = directory.connection_times().clone();
    app.directory.store(Arc::new(directory));
    let network = app.live.network.load_full();
    let applying = Arc::clone(&network);
    tokio::task::spawn_blocking(move || applying.set_connection_times(times)).await?;
    // A date at a time: an import of many is never in memory twice, and nobody waits long for the writer's lock.
    for date in from.series(1.day()).take_while(|date| *date <= to) {
        let states = flights::states_of_dates(sql, date, date).await?;
        let applying = Arc::clone(&network);
        report_unknown(&tokio::task::spawn_blocking(move || applying.apply(&states)).await?);
    }
    Ok(())
}

/// The jobs of the working process: number the inbox, and forget entries nobody needs any more.
pub fn sequence_jobs(app: &App) -> Vec<Job> {
    let lease = Lease::new("search_feed_sequencer", app.process, Duration::from_secs(5));
    let (sequencing, pruning) = (app.clone(), app.clone());
    let sequence = Job::new("sequence_search_feed", Duration::from_millis(50), move || {
        let (app, lease) = (sequencing.clone(), lease.clone());
        async move {
            if !lease.hold(&app.db).await? {
                return Ok(0);
            }
            // The statement stands alone, so it commits by itself before its numbers can be read.
            Ok(flights::sequence_feed(&app.db.read().await?, app.now()).await?)
        }
    });
    let prune = Job::new("prune_search_feed", Duration::from_mins(10), move || {
        let app = pruning.clone();
        async move { Ok(flights::prune_feed(&app.db.read().await?, app.now() - FEED_KEPT).await?) }
    });
    vec![sequence, prune]
}
