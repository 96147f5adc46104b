//! A proxy in front of PostgreSQL that stops at each statement, before it is sent and before its answer is passed on, and asks a
//! [`Watcher`] what to do. Whatever can go wrong between us and the database can be done at each of these places: the
//! connection cut before or after a COMMIT, the server process killed, two operations stepped against each other. The product
//! needs no code for it.

mod faults;
mod stepper;
mod wire;

use std::collections::VecDeque;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::pin::Pin;
use std::str::FromStr;
use std::sync::atomic::{AtomicI32, Ordering};
use std::sync::{Arc, Mutex, PoisonError, RwLock};

use anyhow::Context;
use platform::config;
use tokio::io::{AsyncRead, AsyncWrite, AsyncWriteExt};
use tokio::net::{TcpListener, TcpStream, UnixStream};
use tokio::task::{JoinHandle, JoinSet};
use tokio_postgres::config::Host;

pub use faults::{FaultAt, Place, Record};
pub use stepper::{Explored, Operation, Pair, explore};
use wire::{Message, Prepared};

/// Where a statement is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Moment {
    /// The client has sent it; the server has not seen it.
    Before,
    /// The server has done it and answered; the client has not heard.
    After,
}

/// A statement on its way.
#[derive(Clone, Debug)]
pub struct Step {
    /// Its text, in one line.
    pub sql: Arc<str>,
    /// The process of PostgreSQL that runs it.
    pub backend: i32,
}

/// What becomes of the connection.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// The message goes on.
    Pass,
    /// Both sides lose the connection, and the message is lost.
    Cut,
    /// The server gets `ROLLBACK` in its place, and the client hears that it was done: before a COMMIT, a database that forgets
    /// what it has acknowledged. It is the negative control of tests that look for lost writes.
    Forget,
}

/// A verdict that may take its time.
pub type Judging = Pin<Box<dyn Future<Output = Verdict> + Send>>;

/// Asked twice for each statement.
pub trait Watcher: Send + Sync {
    /// What to do with the statement at this moment. The statement waits until the answer.
    fn at(&self, step: Step, moment: Moment) -> Judging;
}

/// Lets everything pass.
struct Nobody;

impl Watcher for Nobody {
    fn at(&self, _: Step, _: Moment) -> Judging {
        Box::pin(std::future::ready(Verdict::Pass))
    }
}

/// The proxy; it ends with the value, and all its connections with it.
pub struct PgProxy {
    address: SocketAddr,
    through: config::Database,
    watcher: Arc<RwLock<Arc<dyn Watcher>>>,
    accepting: JoinHandle<()>,
}

impl PgProxy {
    /// A proxy to the database of these settings.
    ///
    /// # Errors
    /// The URL cannot be read, or there is no free port.
    pub async fn start(database: &config::Database) -> anyhow::Result<Self> {
        let upstream = Upstream::of(&database.url)?;
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let address = listener.local_addr()?;
        let watcher: Arc<RwLock<Arc<dyn Watcher>>> = Arc::new(RwLock::new(Arc::new(Nobody)));
        let accepting = tokio::spawn(accept(listener, upstream.clone(), Arc::clone(&watcher)));
        let url = format!("postgresql://{}@{address}/{}", upstream.user, upstream.database);
        let through = config::Database { url, ..database.clone() };
        Ok(Self { address, through, watcher, accepting })
    }

    /// The settings of a server that shall go through the proxy.
    pub fn database(&self) -> config::Database {
        self.through.clone()
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Who is asked from now on.
    pub fn watch(&self, watcher: Arc<dyn Watcher>) {
        *self.watcher.write().unwrap_or_else(PoisonError::into_inner) = watcher;
    }

    /// Nobody is asked from now on.
    pub fn pass(&self) {
        self.watch(Arc::new(Nobody));
    }
}

impl Drop for PgProxy {
    fn drop(&mut self) {
        self.accepting.abort();
    }
}

#[derive(Clone)]
struct Upstream {
    host: Host,
    port: u16,
    user: String,
    database: String,
}

trait Socket: AsyncRead + AsyncWrite + Unpin + Send {}
impl<T: AsyncRead + AsyncWrite + Unpin + Send> Socket for T {}

impl Upstream {
    fn of(url: &str) -> anyhow::Result<Self> {
        let config = tokio_postgres::Config::from_str(url)?;
        Ok(Self {
            host: config.get_hosts().first().context("the URL names no host")?.clone(),
            port: config.get_ports().first().copied().unwrap_or(5432),
            user: config.get_user().context("the URL names no user")?.to_owned(),
            database: config.get_dbname().context("the URL names no database")?.to_owned(),
        })
    }

    async fn connect(&self) -> io::Result<Box<dyn Socket>> {
        Ok(match &self.host {
            Host::Tcp(name) => Box::new(TcpStream::connect((name.as_str(), self.port)).await?),
            Host::Unix(folder) => {
                let socket: PathBuf = folder.join(format!(".s.PGSQL.{}", self.port));
                Box::new(UnixStream::connect(socket).await?)
            }
        })
    }
}

/// Takes connections until it is dropped; they are in its set, so that they end with it.
async fn accept(listener: TcpListener, upstream: Upstream, watcher: Arc<RwLock<Arc<dyn Watcher>>>) {
    let mut connections = JoinSet::new();
    while let Ok((client, _)) = listener.accept().await {
        let (upstream, watcher) = (upstream.clone(), Arc::clone(&watcher));
        connections.spawn(async move {
            // An error is an end of either side, which the other one notices.
            let _ = connect(client, &upstream, &watcher).await;
        });
        while connections.try_join_next().is_some() {}
    }
}

/// What the two directions of a connection share.
struct Shared<'a> {
    watcher: &'a RwLock<Arc<dyn Watcher>>,
    backend: AtomicI32,
    /// What was sent and is answered by one `ReadyForQuery` each; `None` for what is no statement's run.
    asked: Mutex<VecDeque<Option<Arc<str>>>>,
}

impl Shared<'_> {
    /// What becomes of the statement, if its connection goes on.
    async fn passes(&self, sql: &Arc<str>, moment: Moment) -> io::Result<Verdict> {
        let watcher = Arc::clone(&*self.watcher.read().unwrap_or_else(PoisonError::into_inner));
        let step = Step { sql: Arc::clone(sql), backend: self.backend.load(Ordering::Relaxed) };
        match watcher.at(step, moment).await {
            verdict @ (Verdict::Pass | Verdict::Forget) => Ok(verdict),
            Verdict::Cut => Err(io::ErrorKind::ConnectionAborted.into()),
        }
    }

    fn asked(&self) -> std::sync::MutexGuard<'_, VecDeque<Option<Arc<str>>>> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

async fn connect(
    client: TcpStream,
    upstream: &Upstream,
    watcher: &RwLock<Arc<dyn Watcher>>,
) -> io::Result<()> {
    client.set_nodelay(true)?;
    let server = upstream.connect().await?;
    let (mut from_client, to_client) = client.into_split();
    let (from_server, mut to_server) = tokio::io::split(server);
    to_server.write_all(&wire::read_startup(&mut from_client).await?).await?;
    let shared = Shared { watcher, backend: AtomicI32::new(0), asked: Mutex::default() };
    // Whichever direction ends first takes the other with it.
    tokio::select! {
        ended = questions(&shared, from_client, to_server) => ended,
        ended = answers(&shared, from_server, to_client) => ended,
    }
}

/// From the client to the server.
async fn questions(
    shared: &Shared<'_>,
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let (mut prepared, mut running) = (Prepared::default(), None);
    while let Some(mut message) = Message::read(&mut from).await? {
        if let Some(sql) = prepared.statement(&message) {
            if shared.passes(&sql, Moment::Before).await? == Verdict::Forget {
                message = Message::query("ROLLBACK");
            }
            running = Some(sql);
        }
        if matches!(message.kind, b'Q' | b'S') {
            shared.asked().push_back(running.take());
        }
        to.write_all(&message.bytes).await?;
    }
    Ok(())
}

/// From the server to the client. The answer to a statement is passed on whole.
async fn answers(
    shared: &Shared<'_>,
    mut from: impl AsyncRead + Unpin,
    mut to: impl AsyncWrite + Unpin,
) -> io::Result<()> {
    let (mut answer, mut is_open) = (Vec::new(), false);
    while let Some(message) = Message::read(&mut from).await? {
        if let Some(pid) = message.backend() {
            shared.backend.store(pid, Ordering::Relaxed);
        }
        answer.extend_from_slice(&message.bytes);
        match message.kind {
            b'Z' if !is_open => is_open = true,
            b'Z' => {
                let asked = shared.asked().pop_front();
                if let Some(sql) = asked.flatten() {
                    shared.passes(&sql, Moment::After).await?;
                }
            }
            // The server waits for rows, and passes over the `Sync` that came with the statement.
            b'G' => drop(shared.asked().pop_front()),
            // While the connection is being opened each side waits for the other.
            _ if !is_open => {}
            _ => continue,
        }
        to.write_all(&std::mem::take(&mut answer)).await?;
    }
    // An error that ended the connection has no `ReadyForQuery` after it.
    to.write_all(&answer).await
}
