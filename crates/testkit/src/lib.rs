//! For tests only: a database per test, cloned from a template that is migrated once.
//!
//! `./dev test` starts a throw-away PostgreSQL and names it in `UDAAN_TEST_DATABASE_URL`;
//! `eval "$(./dev db env)"` does so for a shell.

pub mod canary;
pub mod cluster;
pub mod pdf;
pub mod proxy;
pub mod push;
pub mod smtp;
pub mod tls;

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use platform::config;
use platform::db::{Db, Migration, migrate};
use tokio_postgres::NoTls;
use uuid::Uuid;

/// A database of its own for one test, dropped with the value.
pub struct TestDb {
    name: String,
    server: tokio_postgres::Config,
    /// A pool on it.
    pub db: Db,
    /// The settings of that pool, for a second server on the same database.
    pub config: config::Database,
    searched: bool,
}

impl TestDb {
    /// A migrated, otherwise empty database.
    pub async fn new(migrations: &[Migration]) -> anyhow::Result<Self> {
        let url = server_url()?;
        let server = tokio_postgres::Config::from_str(&url).context("UDAAN_TEST_DATABASE_URL")?;
        let template = ensure_template(&server, &url, migrations).await?;
        Self::create(&url, server, &format!("TEMPLATE {template}")).await
    }

    /// A database without even the schema.
    pub async fn empty() -> anyhow::Result<Self> {
        let url = server_url()?;
        let server = tokio_postgres::Config::from_str(&url).context("UDAAN_TEST_DATABASE_URL")?;
        Self::create(&url, server, "").await
    }

    async fn create(url: &str, server: tokio_postgres::Config, from: &str) -> anyhow::Result<Self> {
        let name = format!("udaan_test_{}", unique().simple());
        admin(&server, &format!("CREATE DATABASE {name} {from}")).await?;
        let config = config::Database {
            url: with_database(url, &name),
            pool: 24,
            wait_ms: 20_000,
            ..Default::default()
        };
        canary::keep_the_log();
        Ok(Self { name, server, db: Db::new(&config)?, config, searched: true })
    }

    /// Lets personal data be where it must not: for tests that put it there to see that it is found.
    pub fn let_personal_data_lie(&mut self) {
        self.searched = false;
    }

    /// Whose data lies open in the database or stands in the log of this process.
    pub async fn exposed(&self) -> anyhow::Result<Vec<String>> {
        let mut server = self.server.clone();
        exposed(server.dbname(&self.name)).await
    }
}

impl Drop for TestDb {
    /// Looks for personal data, then drops the database; in a thread of its own, because a destructor cannot wait in the test's runtime.
    fn drop(&mut self) {
        let (server, statement) = (self.server.clone(), format!("DROP DATABASE {} WITH (FORCE)", self.name));
        let mut own = server.clone();
        own.dbname(&self.name);
        let searched = self.searched && !std::thread::panicking();
        let dropping = std::thread::spawn(move || {
            let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
            runtime.block_on(async {
                let found = if searched { exposed(&own).await } else { Ok(Vec::new()) };
                admin(&server, &statement).await?;
                found
            })
        });
        match dropping.join() {
            Ok(Ok(found)) => assert!(found.is_empty(), "somebody's data lies open: {found:#?}"),
            Ok(Err(error)) => eprintln!("{} stays behind: {error:#}", self.name),
            Err(_) => eprintln!("{} stays behind", self.name),
        }
    }
}

async fn exposed(own: &tokio_postgres::Config) -> anyhow::Result<Vec<String>> {
    let (client, connection) = own.connect(NoTls).await.context("connecting to search")?;
    let connection = tokio::spawn(connection);
    let mut found = canary::in_the_database(&client).await?;
    drop(client);
    connection.await??;
    found.extend(canary::in_the_log().map(|line| format!("the log: {line}")));
    Ok(found)
}

#[expect(clippy::disallowed_methods, reason = "tests learn from the environment where their server is")]
fn server_url() -> anyhow::Result<String> {
    std::env::var("UDAAN_TEST_DATABASE_URL")
        .context("UDAAN_TEST_DATABASE_URL is not set; run ./dev test, or eval \"$(./dev db env)\" first")
}

/// The URL with another database name: what stands between the last slash and the question mark.
fn with_database(url: &str, name: &str) -> String {
    let (base, query) =
        url.split_once('?').map_or((url, String::new()), |(base, query)| (base, format!("?{query}")));
    let server = base.rfind('/').map_or(base, |slash| &base[..slash]);
    format!("{server}/{name}{query}")
}

/// Creates and migrates the template once for each state of the migrations; others wait for the first.
async fn ensure_template(
    server: &tokio_postgres::Config,
    url: &str,
    migrations: &[Migration],
) -> anyhow::Result<String> {
    let template = format!("udaan_template_{:016x}", fingerprint(migrations));
    let (client, connection) = server.connect(NoTls).await.context("connecting to the test server")?;
    let connection = tokio::spawn(connection);
    client.batch_execute("SELECT pg_advisory_lock(7326)").await?;
    let ready = client
        .query_opt("SELECT 1 FROM pg_database WHERE datname = $1 AND datistemplate", &[&template])
        .await?
        .is_some();
    if !ready {
        client.batch_execute(&format!("DROP DATABASE IF EXISTS {template}")).await?;
        client.batch_execute(&format!("CREATE DATABASE {template}")).await?;
        let config = config::Database { url: with_database(url, &template), pool: 1, ..Default::default() };
        let db = Db::new(&config)?;
        migrate(&db, migrations).await?;
        drop(db);
        // The pool's connection closes a moment after the pool; a template must have none.
        for _ in 0..50 {
            let busy = client
                .query_one("SELECT count(*) FROM pg_stat_activity WHERE datname = $1", &[&template])
                .await?;
            if busy.get::<_, i64>(0) == 0 {
                break;
            }
            tokio::time::sleep(Duration::from_millis(20)).await;
        }
        client.batch_execute(&format!("ALTER DATABASE {template} IS_TEMPLATE true")).await?;
    }
    drop(client);
    connection.await??;
    Ok(template)
}

/// FNV-1a over names and texts.
fn fingerprint(migrations: &[Migration]) -> u64 {
    let bytes = migrations.iter().flat_map(|migration| [migration.name, migration.sql]).flat_map(str::bytes);
    bytes.fold(0xcbf2_9ce4_8422_2325, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3))
}

async fn admin(server: &tokio_postgres::Config, statement: &str) -> anyhow::Result<()> {
    let (client, connection) = server.connect(NoTls).await.context("connecting to the test server")?;
    let connection = tokio::spawn(connection);
    client.batch_execute(statement).await?;
    drop(client);
    Ok(connection.await??)
}

/// A name nobody else has.
fn unique() -> Uuid {
    Uuid::from_bytes(platform::random::Random.bytes())
}
