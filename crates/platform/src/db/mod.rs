//! The database: a pool, statements prepared once per connection, and transactions that cannot leak.
//!
//! A request can be dropped at any await: the client hangs up, a time-out fires. [`Tx`] therefore owns its
//! connection from before BEGIN is sent until after COMMIT is answered; dropped in between it queues a ROLLBACK
//! in front of whatever the next borrower sends (docs/locking.md, "Cancelled requests").

mod migrate;
mod serving;

use std::future::{Future, poll_fn};
use std::net::IpAddr;
use std::ops::Deref;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::Arc;
use std::sync::atomic::{AtomicU8, Ordering};
use std::task::Poll;
use std::time::{Duration, Instant};

use bytes::Bytes;
use deadpool_postgres::{Manager, ManagerConfig, Object, Pool, PoolError, RecyclingMethod, Runtime};
use futures_util::FutureExt;
use jiff::Timestamp;
use kernel::Category;
use postgres_types::{Json, ToSql};
use serde::de::DeserializeOwned;
use tokio::sync::{Mutex, MutexGuard};
use tokio_postgres::config::{Host, SslMode};
use tokio_postgres::error::SqlState;
use tokio_postgres::{CopyInSink, CopyOutStream, NoTls, Row};
use tokio_postgres_rustls::MakeRustlsConnect;

pub use migrate::{Migration, MigrationReport, migrate, pending_migrations};
pub use serving::{rewritable, serving_role};

use crate::admission::Waits;
use crate::{config, tls};

/// What can go wrong between us and PostgreSQL.
#[derive(Debug, thiserror::Error)]
pub enum DbError {
    /// No connection came free in time, or none could be made.
    #[error("no database connection: {0}")]
    Unavailable(#[from] PoolError),
    /// PostgreSQL refused a statement or went away.
    #[error("database: {}", describe(.0))]
    Statement(#[from] tokio_postgres::Error),
    /// A statement of this transaction failed before, so it can only be rolled back.
    #[error("the transaction had failed before COMMIT")]
    Aborted,
    /// A row holds what the schema should have made impossible.
    #[error("inconsistent row: {0}")]
    Inconsistent(String),
    /// The URL cannot be read.
    #[error("database URL: {0}")]
    Url(String),
}

/// The driver prints only "db error"; the server's own words are the source.
fn describe(error: &tokio_postgres::Error) -> String {
    let Some(db) = error.as_db_error() else { return error.to_string() };
    let constraint = db.constraint().map_or(String::new(), |constraint| format!(", {constraint}"));
    format!("{} ({}{constraint})", db.message(), db.code().code())
}

impl DbError {
    /// The constraint that refused the statement, for the places where a constraint is an answer.
    pub fn constraint(&self) -> Option<&str> {
        match self {
            Self::Statement(error) => error.as_db_error()?.constraint(),
            _ => None,
        }
    }

    /// A deadlock, or a lock or an answer not had in time: the same work may succeed when tried again.
    pub fn is_contention(&self) -> bool {
        let Self::Statement(error) = self else { return false };
        let contended = [
            SqlState::T_R_DEADLOCK_DETECTED,
            SqlState::T_R_SERIALIZATION_FAILURE,
            SqlState::LOCK_NOT_AVAILABLE,
            SqlState::QUERY_CANCELED,
        ];
        error.code().is_some_and(|state| contended.contains(state))
    }

    /// What kind of refusal this is to a caller: busy or away is "not now", everything else a defect.
    pub fn category(&self) -> Category {
        let away = match self {
            Self::Unavailable(_) => true,
            Self::Statement(error) => error.is_closed() || error.code().is_some_and(is_shutdown),
            _ => false,
        };
        if away || self.is_contention() { Category::Unavailable } else { Category::Internal }
    }
}

fn is_shutdown(state: &SqlState) -> bool {
    [
        SqlState::ADMIN_SHUTDOWN,
        SqlState::CRASH_SHUTDOWN,
        SqlState::CANNOT_CONNECT_NOW,
        SqlState::TOO_MANY_CONNECTIONS,
    ]
    .contains(state)
}

/// The pool of connections. Cheap to clone.
#[derive(Clone)]
pub struct Db {
    pool: Pool,
    waits: Arc<Waits>,
}

impl Db {
    /// A pool for the configured server. Connects when first used.
    pub fn new(config: &config::Database) -> Result<Self, DbError> {
        let mut server = tokio_postgres::Config::from_str(&config.url)
            .map_err(|error| DbError::Url(format!("{error}; it looks like postgresql://user@host/name")))?;
        // Statements are prepared once and look rows up by key, so one plan serves every parameter. Lists of ids were planned
        // anew at each call otherwise (`./dev bench booking` shows what that costs).
        server.application_name("udaan").connect_timeout(Duration::from_secs(3)).options(format!(
            "-c lock_timeout={} -c statement_timeout={} -c idle_in_transaction_session_timeout=10000 -c timezone=UTC \
             -c plan_cache_mode=force_generic_plan",
            config.lock_ms, config.statement_ms
        ));
        // A database host that dies without a word is noticed within seconds, and its connections with it.
        server.keepalives_idle(Duration::from_secs(15)).tcp_user_timeout(Duration::from_secs(10));
        let manager = manager(server, &config.ca_file)?;
        let pool = Pool::builder(manager)
            .max_size(config.pool)
            .runtime(Runtime::Tokio1)
            .wait_timeout(Some(Duration::from_millis(config.wait_ms)))
            .create_timeout(Some(Duration::from_secs(5)))
            .build()
            .map_err(|error| DbError::Url(error.to_string()))?;
        Ok(Self { pool, waits: Arc::default() })
    }

    /// A connection for statements that stand alone.
    pub async fn read(&self) -> Result<Sql, DbError> {
        Ok(Sql {
            object: self.connection().await?,
            state: AtomicU8::new(AUTOCOMMIT),
            order: Mutex::default(),
        })
    }

    /// A transaction. BEGIN travels with the first statement.
    pub async fn begin(&self) -> Result<Tx, DbError> {
        self.begin_as(NOT_BEGUN).await
    }

    /// A transaction that only reads, and sees one moment however many statements it takes.
    pub async fn snapshot(&self) -> Result<Tx, DbError> {
        self.begin_as(NO_SNAPSHOT_YET).await
    }

    /// A transaction whose COMMIT does not wait for the disk: when the database dies, the last moments of such work may be undone,
    /// whole and in order. For what is done again when it is undone.
    pub async fn begin_unflushed(&self) -> Result<Tx, DbError> {
        self.begin_as(NOT_BEGUN_UNFLUSHED).await
    }

    async fn connection(&self) -> Result<Object, DbError> {
        let began = Instant::now();
        let object = self.pool.get().await;
        self.waits.record(began.elapsed());
        Ok(object?)
    }

    /// How long everybody waits for a connection.
    pub fn waits(&self) -> Arc<Waits> {
        Arc::clone(&self.waits)
    }

    async fn begin_as(&self, state: u8) -> Result<Tx, DbError> {
        let object = self.connection().await?;
        Ok(Tx { sql: Some(Sql { object, state: AtomicU8::new(state), order: Mutex::default() }) })
    }

    /// Connections in use and free, for the metrics.
    pub fn pool_status(&self) -> (usize, usize) {
        let status = self.pool.status();
        (status.size.saturating_sub(status.available), status.available)
    }
}

/// How connections are made: with `sslmode=require` over TLS, to a server that proves to be the host of the URL (what libpq calls
/// `verify-full`); otherwise in the clear, as is right for a socket.
fn manager(server: tokio_postgres::Config, ca_file: &str) -> Result<Manager, DbError> {
    let how = ManagerConfig { recycling_method: RecyclingMethod::Fast };
    if server.get_ssl_mode() != SslMode::Require {
        return Ok(Manager::from_config(server, NoTls, how));
    }
    let tls = tls::client("database.ca_file", ca_file).map_err(|error| DbError::Url(format!("{error:#}")))?;
    Ok(Manager::from_config(server, MakeRustlsConnect::new(tls), how))
}

/// Whether what is asked and answered travels over a network that others may listen on: to another host, and not over TLS.
pub fn is_in_the_open(url: &str) -> bool {
    let Ok(server) = tokio_postgres::Config::from_str(url) else { return false };
    let is_near = |host: &Host| match host {
        Host::Unix(_) => true,
        Host::Tcp(name) => {
            let name = name.trim_start_matches('[').trim_end_matches(']');
            name == "localhost" || name.parse::<IpAddr>().is_ok_and(|address| address.is_loopback())
        }
    };
    server.get_ssl_mode() != SslMode::Require && !server.get_hosts().iter().all(is_near)
}

/// A JSON column. One that cannot be read is an inconsistent row: `Row::get` would panic, and take with it all the rows beside it.
pub fn json<T: DeserializeOwned>(row: &Row, column: usize) -> Result<T, DbError> {
    let read: Result<Json<T>, _> = row.try_get(column);
    read.map(|Json(value)| value).map_err(|error| {
        let cause = std::error::Error::source(&error).map_or_else(String::new, ToString::to_string);
        DbError::Inconsistent(format!("{error}: {cause}"))
    })
}

/// The server's version as PostgreSQL numbers it (150018 is 15.18), and its clock.
pub async fn server_version(db: &Db) -> Result<(i32, Timestamp), DbError> {
    let sql = "SELECT current_setting('server_version_num')::int, clock_timestamp()";
    let row = db.read().await?.query_one(sql, &[]).await?;
    Ok((row.get(0), row.get(1)))
}

const AUTOCOMMIT: u8 = 0;
const NOT_BEGUN: u8 = 1;
const BEGUN: u8 = 2;
const FAILED: u8 = 3;
const NO_SNAPSHOT_YET: u8 = 4;
const NOT_BEGUN_UNFLUSHED: u8 = 5;

/// A connection to send statements on. Futures of several statements may be joined: they are sent in the
/// order they are first polled, without waiting for one another's answers.
pub struct Sql {
    object: Object,
    state: AtomicU8,
    /// Held by a statement until it is sent. One that is not prepared yet on this connection waits for an answer before, and
    /// those behind it would overtake it.
    order: Mutex<()>,
}

/// Parameters of a statement.
pub type Params<'a> = &'a [&'a (dyn ToSql + Sync)];

impl Sql {
    /// All rows.
    pub async fn query(&self, sql: &'static str, params: Params<'_>) -> Result<Vec<Row>, DbError> {
        self.run(async {
            let turn = self.order.lock().await;
            let statement = self.object.prepare_cached(sql).await?;
            sent(turn, Box::pin(self.object.query(&statement, params))).await
        })
        .await
    }

    /// The only row, if there is one.
    pub async fn query_opt(&self, sql: &'static str, params: Params<'_>) -> Result<Option<Row>, DbError> {
        Ok(self.query(sql, params).await?.into_iter().next())
    }

    /// The row there must be.
    pub async fn query_one(&self, sql: &'static str, params: Params<'_>) -> Result<Row, DbError> {
        let row = self.query_opt(sql, params).await?;
        row.ok_or_else(|| DbError::Inconsistent(format!("no row from: {}", sql.trim())))
    }

    /// How many rows the statement changed.
    pub async fn execute(&self, sql: &'static str, params: Params<'_>) -> Result<u64, DbError> {
        self.run(async {
            let turn = self.order.lock().await;
            let statement = self.object.prepare_cached(sql).await?;
            sent(turn, Box::pin(self.object.execute(&statement, params))).await
        })
        .await
    }

    /// Several statements without parameters, as in a migration.
    pub async fn batch(&self, sql: &str) -> Result<(), DbError> {
        self.run(async { sent(self.order.lock().await, Box::pin(self.object.batch_execute(sql))).await })
            .await
    }

    /// A stream into a table: `COPY … FROM STDIN`.
    pub async fn copy_in(&self, sql: &'static str) -> Result<CopyInSink<Bytes>, DbError> {
        self.run(self.object.copy_in(sql)).await
    }

    /// A stream out of a table: `COPY … TO STDOUT`.
    pub async fn copy_out(&self, sql: &str) -> Result<CopyOutStream, DbError> {
        self.run(self.object.copy_out(sql)).await
    }

    /// Sends a statement, with BEGIN before it if it is a transaction's first, and remembers a failure.
    async fn run<T>(
        &self,
        statement: impl Future<Output = Result<T, tokio_postgres::Error>>,
    ) -> Result<T, DbError> {
        let result = match self.begins() {
            Some(begin) => {
                tokio::try_join!(biased; self.object.batch_execute(begin), statement).map(|((), value)| value)
            }
            None => statement.await,
        };
        if result.is_err() {
            let _ = self.state.compare_exchange(BEGUN, FAILED, Ordering::Relaxed, Ordering::Relaxed);
        }
        Ok(result?)
    }

    /// What to send before the statement, if it is a transaction's first.
    fn begins(&self) -> Option<&'static str> {
        let (state, begin) = match self.state.load(Ordering::Relaxed) {
            state @ NOT_BEGUN => (state, "BEGIN"),
            state @ NOT_BEGUN_UNFLUSHED => (state, "BEGIN; SET LOCAL synchronous_commit = off"),
            state @ NO_SNAPSHOT_YET => (state, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"),
            _ => return None,
        };
        let begun = self.state.compare_exchange(state, BEGUN, Ordering::Relaxed, Ordering::Relaxed);
        begun.is_ok().then_some(begin)
    }
}

/// The answer to a statement, which is sent when it is first polled; then it is the next one's turn. In a box, because handlers
/// hold the futures of many statements.
async fn sent<T>(turn: MutexGuard<'_, ()>, mut statement: Pin<Box<impl Future<Output = T>>>) -> T {
    let first = poll_fn(|context| Poll::Ready(statement.as_mut().poll(context))).await;
    drop(turn);
    match first {
        Poll::Ready(answer) => answer,
        Poll::Pending => statement.await,
    }
}

/// A transaction: rolled back unless committed, also when the future that held it is dropped half-way.
pub struct Tx {
    /// `None` once it is finished.
    sql: Option<Sql>,
}

impl Tx {
    /// Makes the work permanent. PostgreSQL answers COMMIT of a failed transaction with a rollback that looks like
    /// success, so a failure is remembered and reported here.
    pub async fn commit(mut self) -> Result<(), DbError> {
        match self.state.load(Ordering::Relaxed) {
            BEGUN => self.object.batch_execute("COMMIT").await?,
            FAILED => return Err(DbError::Aborted),
            _ => {}
        }
        self.sql.take();
        Ok(())
    }
}

impl Deref for Tx {
    type Target = Sql;

    #[expect(
        clippy::expect_used,
        reason = "only commit and drop take the connection, and both end the transaction"
    )]
    fn deref(&self) -> &Sql {
        self.sql.as_ref().expect("an unfinished transaction has its connection")
    }
}

impl Drop for Tx {
    /// Queues ROLLBACK on the connection before it can go back to the pool: one poll hands the message to the
    /// connection's task, which sends it ahead of anything the next borrower sends.
    fn drop(&mut self) {
        if let Some(sql) = self.sql.take()
            && matches!(sql.state.load(Ordering::Relaxed), BEGUN | FAILED)
        {
            let _ = sql.object.batch_execute("ROLLBACK").now_or_never();
        }
    }
}
