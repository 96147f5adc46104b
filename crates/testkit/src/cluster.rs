//! A PostgreSQL of a test's own, to be stopped at once while it works. The others share one, which must live.

use std::ffi::OsString;
use std::fs;
use std::os::unix::fs::{PermissionsExt, chown};
use std::os::unix::process::CommandExt;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, bail, ensure};
use platform::config;
use platform::db::Db;
use tokio_postgres::NoTls;

/// Nothing listens on it: it only names the socket.
const PORT: u16 = 54_321;
const PATIENCE: Duration = Duration::from_mins(1);

/// A running cluster in a folder of its own; both go with the value.
pub struct Cluster {
    folder: PathBuf,
    programs: PathBuf,
    owner: Option<Owner>,
    postmaster: Option<Child>,
    settings: &'static [&'static str],
    /// The settings of a pool on it.
    pub config: config::Database,
    /// A pool on it.
    pub db: Db,
}

/// Whom root lends the server to, because PostgreSQL refuses to run as root.
#[derive(Clone, Copy)]
struct Owner {
    user: u32,
    group: u32,
}

impl Cluster {
    /// A fresh cluster whose commits survive the end of its processes, though not of the machine: waiting for the disk proves
    /// nothing here, because what a process has written the system keeps when the process ends.
    ///
    /// # Errors
    /// `UDAAN_TEST_PG_BIN` does not say where the programs are (`./dev test` sets it), or they do not run.
    pub async fn start() -> anyhow::Result<Self> {
        Self::start_with(&["fsync=off", "synchronous_commit=on"]).await
    }

    /// One that acknowledges commits it has not written, and writes them seconds later: a negative control.
    ///
    /// # Errors
    /// As for [`Cluster::start`].
    pub async fn start_forgetful() -> anyhow::Result<Self> {
        Self::start_with(&[
            "fsync=off",
            "synchronous_commit=off",
            "wal_writer_delay=10s",
            "wal_writer_flush_after=1GB",
        ])
        .await
    }

    async fn start_with(settings: &'static [&'static str]) -> anyhow::Result<Self> {
        let programs = PathBuf::from(
            variable("UDAAN_TEST_PG_BIN")
                .context("UDAAN_TEST_PG_BIN is not set; run ./dev test, or eval \"$(./dev db env)\" first")?,
        );
        let folder = std::env::temp_dir().join(format!("udaan-pg-{}", super::unique().simple()));
        fs::create_dir(&folder)?;
        fs::set_permissions(&folder, fs::Permissions::from_mode(0o700))?;
        let owner = lent_to(&folder)?;
        let url = format!("postgresql://postgres@/postgres?host={}&port={PORT}", folder.display());
        let config = config::Database { url, pool: 12, ..Default::default() };
        let db = Db::new(&config)?;
        let mut cluster = Self { folder, programs, owner, postmaster: None, settings, config, db };
        let data = cluster.data();
        let made = cluster
            .program("initdb")
            .args([
                "-U",
                "postgres",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
                "--auth-local=trust",
                "--no-sync",
                "-D",
            ])
            .arg(&data)
            .output()?;
        ensure!(made.status.success(), "initdb: {}", String::from_utf8_lossy(&made.stderr));
        cluster.start_again().await?;
        Ok(cluster)
    }

    /// Runs the server, which first recovers what it had committed.
    ///
    /// # Errors
    /// It does not answer within a minute.
    pub async fn start_again(&mut self) -> anyhow::Result<()> {
        let log = fs::File::options().create(true).append(true).open(self.folder.join("log"))?;
        let sockets = self.folder.display().to_string();
        let place = [
            format!("port={PORT}"),
            format!("unix_socket_directories={sockets}"),
            "listen_addresses=".to_owned(),
        ];
        let mut command = self.program("postgres");
        command.arg("-D").arg(self.data());
        for setting in place.iter().map(String::as_str).chain(self.settings.iter().copied()) {
            command.arg("-c").arg(setting);
        }
        self.postmaster = Some(command.stdout(log.try_clone()?).stderr(log).spawn()?);
        let began = Instant::now();
        while let Err(error) = tokio_postgres::connect(&self.config.url, NoTls).await {
            if began.elapsed() > PATIENCE {
                bail!("PostgreSQL does not start: {error}");
            }
            tokio::time::sleep(Duration::from_millis(50)).await;
        }
        Ok(())
    }

    /// Ends every process of the server at once, without a word to anybody: what `pg_ctl stop -m immediate` does.
    ///
    /// # Errors
    /// It does not end.
    pub async fn stop_at_once(&mut self) -> anyhow::Result<()> {
        let Some(mut postmaster) = self.postmaster.take() else { return Ok(()) };
        let sent = Command::new("kill").args(["-QUIT", &postmaster.id().to_string()]).status()?;
        ensure!(sent.success(), "SIGQUIT was not sent");
        let began = Instant::now();
        while postmaster.try_wait()?.is_none() {
            ensure!(began.elapsed() < PATIENCE, "PostgreSQL does not stop");
            tokio::time::sleep(Duration::from_millis(10)).await;
        }
        Ok(())
    }

    fn data(&self) -> PathBuf {
        self.folder.join("data")
    }

    fn program(&self, name: &str) -> Command {
        let mut command = Command::new(self.programs.join(name));
        command.current_dir("/").stdin(Stdio::null());
        if let Some(libraries) = variable("UDAAN_TEST_PG_LIBRARIES") {
            command.env("LD_LIBRARY_PATH", libraries);
        }
        if let Some(Owner { user, group }) = self.owner {
            command.uid(user).gid(group);
        }
        command
    }
}

impl Drop for Cluster {
    fn drop(&mut self) {
        if let Some(mut postmaster) = self.postmaster.take() {
            let _ = Command::new("kill").args(["-QUIT", &postmaster.id().to_string()]).status();
            let _ = postmaster.wait();
        }
        if let Err(error) = fs::remove_dir_all(&self.folder) {
            eprintln!("{} stays behind: {error}", self.folder.display());
        }
    }
}

fn variable(name: &str) -> Option<OsString> {
    std::env::var_os(name)
}

/// Gives the folder to the first user of Debian's that exists, if we are root.
fn lent_to(folder: &Path) -> anyhow::Result<Option<Owner>> {
    use std::os::unix::fs::MetadataExt;
    if fs::metadata(folder)?.uid() != 0 {
        return Ok(None);
    }
    let users = fs::read_to_string("/etc/passwd")?;
    let ids = |name: &str| {
        let line = users.lines().find(|line| line.split(':').next() == Some(name))?;
        let mut fields = line.split(':').skip(2);
        Some(Owner { user: fields.next()?.parse().ok()?, group: fields.next()?.parse().ok()? })
    };
    let owner = ids("postgres").or_else(|| ids("nobody")).context("there is no user postgres or nobody")?;
    chown(folder, Some(owner.user), Some(owner.group))?;
    Ok(Some(owner))
}
