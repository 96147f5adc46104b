//! Periodic jobs. Each may run in several processes at once: a job either leases its name for a while or claims its
//! rows with SKIP LOCKED. A failing job is logged, counted, and tried again at its next turn.

mod store;

use std::fmt::Display;
use std::future::Future;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

use futures_util::FutureExt;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use uuid::Uuid;

use crate::db::{Db, DbError, Sql};

/// What one turn of a job did: the number of things it moved on. More than zero means there may be more.
pub type Turn = anyhow::Result<u64>;

/// A turn under way.
pub type Running = Pin<Box<dyn Future<Output = Turn> + Send>>;

/// A piece of periodic work.
#[derive(Clone)]
pub struct Job {
    /// Its name in logs and metrics.
    pub name: &'static str,
    /// Pause between turns that found nothing.
    pub every: Duration,
    run: Arc<dyn Fn() -> Running + Send + Sync>,
}

impl Job {
    /// A job that calls `run` each turn.
    pub fn new<F, Fut>(name: &'static str, every: Duration, run: F) -> Self
    where
        F: Fn() -> Fut + Send + Sync + 'static,
        Fut: Future<Output = Turn> + Send + 'static,
    {
        Self { name, every, run: Arc::new(move || Box::pin(run())) }
    }

    /// One turn, now.
    pub async fn turn(&self) -> Turn {
        (self.run)().await
    }

    /// Turns until `stop`.
    async fn run_until(self, stop: CancellationToken) {
        loop {
            let started = Instant::now();
            // A turn that panics must not end the job: holds would stop expiring and nobody would know.
            let turn = AssertUnwindSafe(self.turn()).catch_unwind().await;
            let moved = match turn.unwrap_or_else(|_| Err(anyhow::anyhow!("the turn panicked"))) {
                Ok(moved) => moved,
                Err(error) => {
                    metrics::counter!("job_failures_total", "job" => self.name).increment(1);
                    tracing::warn!(
                        job = self.name,
                        error = format!("{error:#}"),
                        "job failed; it is tried again"
                    );
                    0
                }
            };
            metrics::counter!("job_moved_total", "job" => self.name).increment(moved);
            metrics::histogram!("job_turn_seconds", "job" => self.name)
                .record(started.elapsed().as_secs_f64());
            // A full turn is followed by the next at once, so that a backlog drains; stop is heard in any case.
            let pause = if moved > 0 { Duration::from_millis(1) } else { self.every };
            tokio::select! {
                () = stop.cancelled() => return,
                () = tokio::time::sleep(pause) => {}
            }
        }
    }
}

/// A job failed on one row: that is logged with the row's id and counted, and the job goes on with its other rows.
pub fn row_failed(job: &'static str, row: &dyn Display, error: &dyn Display) {
    metrics::counter!("job_rows_failed_total", "job" => job).increment(1);
    tracing::error!(job, row = %row, %error, "a job failed on one row; the others go on");
}

/// Starts the jobs; they end after their turn when `stop` is cancelled, and `tracker` waits for them.
pub fn start(jobs: Vec<Job>, tracker: &TaskTracker, stop: &CancellationToken) {
    for job in jobs {
        tracker.spawn(job.run_until(stop.clone()));
    }
}

/// A lease on a name, kept in PostgreSQL: one process at a time does the named work. A lease only saves work; nothing
/// that must be true depends on it, because a paused holder may wake after it ran out.
#[derive(Clone, Debug)]
pub struct Lease {
    name: &'static str,
    holder: Uuid,
    life: Duration,
    /// When it was last taken or renewed, by the process' steady clock.
    renewed: Arc<Mutex<Option<Instant>>>,
}

impl Lease {
    /// A lease of `name` for the process `holder`, good for `life` after each renewal.
    pub fn new(name: &'static str, holder: Uuid, life: Duration) -> Self {
        Self { name, holder, life, renewed: Arc::default() }
    }

    /// Takes or renews the lease; `false` while another process has it. The clock is the database's. One that was renewed within
    /// the first quarter of its life is held without asking: a job that runs many times a second would write as often.
    pub async fn hold(&self, db: &Db) -> Result<bool, DbError> {
        let asked = Instant::now();
        if self.renewed().is_some_and(|at| asked.duration_since(at) < self.life / 4) {
            return Ok(true);
        }
        let held =
            store::hold_lease(&db.read().await?, self.name, self.holder, self.life.as_secs_f64()).await?;
        *self.renewed() = held.then_some(asked);
        Ok(held)
    }

    fn renewed(&self) -> MutexGuard<'_, Option<Instant>> {
        self.renewed.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Does the work if nobody else has the lease, and renews it meanwhile; `None` while somebody else has it, or it rests.
    pub async fn during<T>(&self, db: &Db, work: impl Future<Output = T>) -> Result<Option<T>, DbError> {
        if !self.hold(db).await? {
            return Ok(None);
        }
        let mut work = std::pin::pin!(work);
        loop {
            tokio::select! {
                done = &mut work => return Ok(Some(done)),
                // A renewal that fails ends nothing: the lease only saves work.
                () = tokio::time::sleep(self.life / 3) => {
                    if let Err(error) = self.hold(db).await {
                        tracing::warn!(lease = self.name, %error, "a lease is not renewed; tried again");
                    }
                }
            }
        }
    }

    /// Gives the lease up, and lets nobody have it before `pause` has gone by or [`Lease::wake`] is called.
    pub async fn rest(&self, db: &Db, pause: Duration) -> Result<(), DbError> {
        *self.renewed() = None;
        store::rest_lease(&db.read().await?, self.name, self.holder, pause.as_secs_f64()).await
    }

    /// Ends the rest of a lease, so that the next who asks has it.
    pub async fn wake(sql: &Sql, name: &str) -> Result<bool, DbError> {
        store::wake_lease(sql, name).await
    }
}
