//! A small airline whose serving process reaches the database through a proxy, dies where a test wants it to, and is started
//! again. Its jobs run in a process of their own, which lives on.

use std::collections::HashSet;
use std::process::Command;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use testkit::TestDb;
use testkit::proxy::{FaultAt, PgProxy, Place, Record};
use tokio::process::Child;

use super::small::Small;

/// Statements that are not an operation's own: those of jobs.
type Ignored = HashSet<Arc<str>>;

pub(crate) struct Fragile {
    pub(crate) small: Small,
    proxy: PgProxy,
    serving: Mutex<Child>,
    _work: Child,
    ignored: Ignored,
    pub(crate) db: TestDb,
}

impl Fragile {
    pub(crate) async fn on_sale() -> Self {
        let db = TestDb::empty().await.expect("a database");
        let proxy = PgProxy::start(&db.config).await.expect("a proxy");
        let mut small = Small::new(&db.config.url, &proxy.database().url).await;
        let work = small.work();
        let serving = Mutex::new(small.serve("serve").await);
        small.open(&db.db).await;
        let ignored = Ignored::new();
        let mut airline = Self { small, proxy, serving, _work: work, ignored, db };
        airline.learn_what_jobs_send().await;
        airline
    }

    /// With flights that have changed among it: the search reads them again a moment after whatever touched their seats.
    async fn learn_what_jobs_send(&mut self) {
        let record = Arc::new(Record::default());
        self.proxy.watch(Arc::clone(&record) as Arc<_>);
        let sql = self.db.db.read().await.expect("a connection");
        let changed = "INSERT INTO search_inbox (flight_id) SELECT id FROM flights";
        sql.batch(changed).await.expect("announced");
        tokio::time::sleep(Duration::from_secs(3)).await;
        self.proxy.pass();
        self.ignored.extend(record.statements());
    }

    /// What an operation sends, in order, but for the opening of a transaction, which travels with the statement after it, and the
    /// ROLLBACK that ends a look at one moment behind the answer.
    pub(crate) async fn statements_of(&self, operation: impl Future<Output = ()>) -> Vec<Arc<str>> {
        let record = Arc::new(Record::default());
        self.proxy.watch(Arc::clone(&record) as Arc<_>);
        operation.await;
        self.proxy.pass();
        let is_own =
            |sql: &Arc<str>| !sql.starts_with("BEGIN") && &**sql != "ROLLBACK" && !self.ignored.contains(sql);
        record.statements().into_iter().filter(is_own).collect()
    }

    /// The serving process dies by SIGKILL at that place of the operation. Says whether it did.
    pub(crate) async fn dies_at(&self, place: &Place, operation: impl Future<Output = ()>) -> bool {
        let pid =
            self.serving.lock().unwrap_or_else(PoisonError::into_inner).id().expect("a process that runs");
        let kill = move || {
            let sent = Command::new("kill").args(["-KILL", &pid.to_string()]).status();
            assert!(sent.is_ok_and(|sent| sent.success()), "SIGKILL was not sent to {pid}");
        };
        let has_died = self.is_hit(FaultAt::new(place.clone(), kill), operation).await;
        if has_died {
            let next = self.small.serve("serve");
            let mut dead = {
                let next = next.await;
                std::mem::replace(&mut *self.serving.lock().unwrap_or_else(PoisonError::into_inner), next)
            };
            let status = dead.wait().await.expect("an end");
            assert_eq!(status.code(), None, "it ended by a signal");
        }
        has_died
    }

    /// The connection breaks at that place of the operation. Says whether it did.
    pub(crate) async fn is_cut_at(&self, place: &Place, operation: impl Future<Output = ()>) -> bool {
        self.is_hit(FaultAt::new(place.clone(), || {}), operation).await
    }

    /// What is committed at that place of the operation is acknowledged and forgotten. Says whether it was.
    pub(crate) async fn is_forgotten_at(&self, place: &Place, operation: impl Future<Output = ()>) -> bool {
        self.is_hit(FaultAt::forgetting(place.clone()), operation).await
    }

    async fn is_hit(&self, fault: FaultAt, operation: impl Future<Output = ()>) -> bool {
        let fault = Arc::new(fault);
        self.proxy.watch(Arc::clone(&fault) as Arc<_>);
        operation.await;
        self.proxy.pass();
        fault.happened()
    }
}
