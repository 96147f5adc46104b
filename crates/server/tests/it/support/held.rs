//! One side of a race, held still: the test has the row, sees the other side wait for it, changes what the lock protects, and lets go.

use std::future::Future;
use std::time::Duration;

use platform::db::Tx;
use tokio::task::JoinHandle;

use super::Airline;

const WAITING: &str =
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'";

impl Airline {
    /// A transaction that has done this, and goes on when the test wants.
    pub(crate) async fn holding(&self, statement: &str) -> Tx {
        let tx = self.app.db.begin().await.expect("a transaction");
        tx.batch(statement).await.expect("the row, locked");
        tx
    }

    /// Starts the work and waits until PostgreSQL says that somebody waits for a lock.
    pub(crate) async fn waiting<T: Send + 'static>(
        &self,
        work: impl Future<Output = T> + Send + 'static,
    ) -> JoinHandle<T> {
        let work = tokio::spawn(work);
        self.until_it_waits(&work).await;
        work
    }

    /// Waits until so many wait for a lock.
    pub(crate) async fn until_so_many_wait(&self, many: i64) {
        for _ in 0..300 {
            if self.count(WAITING).await >= many {
                return;
            }
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        unreachable!("fewer than {many} wait for a lock")
    }

    /// The same of work that was started before.
    pub(crate) async fn until_it_waits<T>(&self, work: &JoinHandle<T>) {
        for _ in 0..200 {
            if self.count(WAITING).await > 0 {
                return;
            }
            assert!(!work.is_finished(), "it did not wait for the lock");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        unreachable!("nobody waits for a lock")
    }
}
