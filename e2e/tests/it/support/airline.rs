//! Starts and stops the processes: `udaan migrate`, the imports, `udaan gateway`, `udaan all`.

use std::fs::File;
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{ExitStatus, Stdio};
use std::time::Duration;

use jiff::ToSpan;
use jiff::civil::Date;
use jiff::tz::TimeZone;
use testkit::{TestDb, canary};
use tokio::process::{Child, Command};

use super::api::Api;
use super::eventually;
use super::limits::Room;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/..");

/// More than is logged by itself, so that more can be searched for what must not be there.
pub(super) const LOGGED: &str = "info,server=debug,platform=debug,gateway=debug";

/// Where an airline is served.
#[derive(Default)]
pub(crate) struct Place {
    /// The server's processors (as `taskset` names them), so that whoever loads it takes nothing from it; anywhere if nothing is said.
    pub(crate) processors: Option<String>,
    /// The name that browsers know it by; its number if nothing is said.
    pub(crate) host: Option<&'static str>,
}

/// A served airline of a few days. Its processes end with it, its database and its files are removed.
pub(crate) struct Airline {
    /// First day on sale: tomorrow in UTC.
    pub(crate) first_day: Date,
    /// Where the API is.
    pub(crate) api: Api,
    /// Where the gateway is.
    pub(crate) gateway_url: String,
    /// Where the metrics are.
    operations: Api,
    // In this order: the processes end before what they use goes.
    server: Child,
    gateway: Child,
    scratch: Scratch,
    binary: Binary,
    db: TestDb,
}

impl Airline {
    /// From an empty database to readiness.
    pub(crate) async fn on_sale(days: i64, room: Room) -> Self {
        Self::on_sale_at(days, room, Place::default()).await
    }

    /// The same, in a place of its own.
    pub(crate) async fn on_sale_at(days: i64, room: Room, place: Place) -> Self {
        let db = TestDb::empty().await.expect("a database");
        let scratch = Scratch::new();
        let [http, operations, gateway] = free_ports();
        let gateway_url = format!("http://{}", address(gateway));
        let site = format!("http://{}:{http}", place.host.unwrap_or(LOOPBACK));
        let binary = Binary {
            path: find_binary(),
            processors: place.processors,
            settings: [
                ("DATABASE_URL", db.config.url.clone()),
                ("UDAAN_MODE", "demo".into()),
                ("UDAAN_LOG__FILTER", if room == Room::Crowd { "info" } else { LOGGED }.into()),
                ("UDAAN_KEYS__FILE", scratch.path("keys.toml").display().to_string()),
                ("UDAAN_HTTP__LISTEN", address(http)),
                ("UDAAN_HTTP__OPERATIONS_LISTEN", address(operations)),
                ("UDAAN_HTTP__PUBLIC_URL", site.clone()),
                ("UDAAN_GATEWAY__URL", gateway_url.clone()),
            ]
            .into_iter()
            .chain(room.settings())
            .collect(),
        };
        let first_day = tomorrow();
        binary.run(&["migrate"]).await;
        binary.run(&["import", "airports", "data/airports.csv"]).await;
        let (from, days) = (first_day.to_string(), days.to_string());
        let timetable = ["import", "timetable", "data/timetable-us.csv.gz", "--from", &from, "--days", &days];
        binary.run(&[&timetable[..], &["--fares", "data/fares-us.csv"]].concat()).await;
        let gateway = binary.start(&["gateway", "--listen", &address(gateway)], &scratch.path("gateway.log"));
        let server = binary.start(&["all"], &scratch.path("udaan.log"));
        let api = Api::new(site);
        let operations = Api::new(format!("http://{}", address(operations)));
        let airline = Self { first_day, api, gateway_url, operations, server, gateway, scratch, binary, db };
        let ready = async || airline.api.is_ready().await.then_some(());
        eventually("the server is ready", Duration::from_mins(1), ready).await;
        airline
    }

    /// A second serving process on the same database. It ends when the child is dropped.
    pub(crate) async fn second_server(&self) -> (Api, Child) {
        let [http, operations] = free_ports();
        let api = Api::new(format!("http://{}", address(http)));
        self.serve_too(self.binary.clone(), [http, operations], api).await
    }

    /// A second site on the same database, known to browsers by that name, with other settings. It ends when the child is dropped.
    pub(crate) async fn second_site(&self, host: &str, settings: &[(&'static str, &str)]) -> (Api, Child) {
        let [http, operations] = free_ports();
        let site = format!("http://{host}:{http}");
        let mut binary = self.binary.clone();
        binary.settings.retain(|(name, _)| *name != "UDAAN_HTTP__PUBLIC_URL");
        binary.settings.push(("UDAAN_HTTP__PUBLIC_URL", site.clone()));
        binary.settings.extend(settings.iter().map(|(name, value)| (*name, (*value).to_owned())));
        self.serve_too(binary, [http, operations], Api::new(site)).await
    }

    async fn serve_too(&self, mut binary: Binary, [http, operations]: [u16; 2], api: Api) -> (Api, Child) {
        for (name, value) in &mut binary.settings {
            match *name {
                "UDAAN_HTTP__LISTEN" => *value = address(http),
                "UDAAN_HTTP__OPERATIONS_LISTEN" => *value = address(operations),
                _ => {}
            }
        }
        let server = binary.start(&["serve"], &self.scratch.path("second.log"));
        let ready = async || api.is_ready().await.then_some(());
        eventually("the second server is ready", Duration::from_mins(1), ready).await;
        (api, server)
    }

    /// Files what stands in a file of ours: `["extras", "data/extras.csv"]`.
    pub(crate) async fn import(&self, what: &[&str]) {
        self.binary.run(&[&["import"], what].concat()).await;
    }

    /// Makes every account staff, as an operator with the database at hand can.
    pub(crate) async fn promote_everybody(&self) {
        let sql = self.db.db.read().await.expect("a connection");
        sql.batch("UPDATE users SET role = 'admin'").await.expect("promoted");
    }

    /// Asks the server and the gateway to stop, and says how they ended. Before, nobody's data may stand in the metrics.
    pub(crate) async fn stop(mut self) -> [ExitStatus; 2] {
        let metrics = self.operations.get_root("/metrics").await;
        let text = String::from_utf8_lossy(&metrics.bytes);
        assert!(text.contains("http_requests_total"), "{text}");
        assert_eq!(canary::in_text(&text), None, "somebody's data is in the metrics");
        [terminate(&mut self.server).await, terminate(&mut self.gateway).await]
    }
}

impl Drop for Airline {
    fn drop(&mut self) {
        if !std::thread::panicking() {
            return;
        }
        for log in ["gateway.log", "udaan.log"] {
            let text = std::fs::read_to_string(self.scratch.path(log)).unwrap_or_default();
            let lines: Vec<&str> = text.lines().collect();
            let tail = &lines[lines.len().saturating_sub(30)..];
            eprintln!("--- the end of {log}\n{}", tail.join("\n"));
        }
    }
}

async fn terminate(child: &mut Child) -> ExitStatus {
    let pid = child.id().expect("a process that still runs").to_string();
    let sent = Command::new("kill").args(["-TERM", &pid]).status().await.expect("kill");
    assert!(sent.success(), "SIGTERM was not sent to {pid}");
    let ended = tokio::time::timeout(Duration::from_secs(30), child.wait()).await;
    ended.expect("an end within 30 s of SIGTERM").expect("an exit status")
}

/// The binary with the settings of this airline and nothing else from the environment.
#[derive(Clone)]
pub(super) struct Binary {
    pub(super) path: PathBuf,
    /// Where it may run; anywhere if nothing is said.
    pub(super) processors: Option<String>,
    pub(super) settings: Vec<(&'static str, String)>,
}

impl Binary {
    fn command(&self, arguments: &[&str]) -> Command {
        let mut command = match &self.processors {
            None => Command::new(&self.path),
            Some(processors) => {
                let mut command = Command::new("/usr/bin/taskset");
                command.args(["--cpu-list", processors]).arg(&self.path);
                command
            }
        };
        let settings = self.settings.iter().map(|(name, value)| (name, value));
        command.args(arguments).current_dir(ROOT).env_clear().envs(settings);
        command.stdin(Stdio::null()).kill_on_drop(true);
        command
    }

    pub(super) async fn run(&self, arguments: &[&str]) {
        let output = self.command(arguments).output().await.expect("the binary runs");
        let (out, err) = (String::from_utf8_lossy(&output.stdout), String::from_utf8_lossy(&output.stderr));
        assert!(output.status.success(), "udaan {}: {}\n{out}{err}", arguments.join(" "), output.status);
    }

    pub(super) fn start(&self, arguments: &[&str], log: &Path) -> Child {
        let log = File::create(log).expect("a log file");
        let both = log.try_clone().expect("a second handle of the log");
        self.command(arguments).stdout(log).stderr(both).spawn().expect("the binary starts")
    }
}

/// `UDAAN_BIN`, else the binary that was built beside this test, else one built now. Building the workspace
/// (`./dev test` does) keeps it fresh.
#[expect(clippy::disallowed_methods, reason = "a test learns from the environment which binary to try")]
pub(super) fn find_binary() -> PathBuf {
    if let Ok(given) = std::env::var("UDAAN_BIN") {
        return given.into();
    }
    // …/target/<profile>/deps/journeys-<hash>
    let test = std::env::current_exe().expect("the path of this test");
    let profile = test.parent().and_then(Path::parent).expect("the folder of the profile");
    let binary = profile.join(format!("udaan{}", std::env::consts::EXE_SUFFIX));
    if !binary.exists() {
        let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".into());
        let release = profile.ends_with("release").then_some("--release");
        let mut build = std::process::Command::new(cargo);
        build.args(["build", "--locked", "--package", "udaan"]).args(release).current_dir(ROOT);
        build.arg("--target-dir").arg(profile.parent().expect("the target folder"));
        assert!(build.status().expect("cargo").success(), "udaan does not build");
    }
    binary
}

/// Ports nobody listens on; taken together, so that they differ.
pub(super) fn free_ports<const N: usize>() -> [u16; N] {
    let listeners = [(); N].map(|()| TcpListener::bind("127.0.0.1:0").expect("a free port"));
    listeners.map(|listener| listener.local_addr().expect("an address").port())
}

const LOOPBACK: &str = "127.0.0.1";

pub(super) fn address(port: u16) -> String {
    format!("{LOOPBACK}:{port}")
}

#[expect(clippy::disallowed_methods, reason = "the binary under test goes by the system's clock")]
pub(super) fn tomorrow() -> Date {
    let today = jiff::Timestamp::now().to_zoned(TimeZone::UTC).date();
    today.checked_add(1.day()).expect("a tomorrow")
}

/// A folder of this run's own.
pub(super) struct Scratch(PathBuf);

impl Scratch {
    pub(super) fn new() -> Self {
        let [port] = free_ports();
        let name = format!("udaan-e2e-{}-{port}", std::process::id());
        let path = std::env::temp_dir().join(name);
        std::fs::create_dir(&path).expect("a folder for keys and logs");
        Self(path)
    }

    pub(super) fn path(&self, file: &str) -> PathBuf {
        self.0.join(file)
    }
}

impl Drop for Scratch {
    /// Nobody's data may stand in what the processes logged, and they logged more than they would by themselves.
    fn drop(&mut self) {
        let files = std::fs::read_dir(&self.0).into_iter().flatten().flatten().map(|entry| entry.path());
        let logs: Vec<PathBuf> =
            files.filter(|path| path.extension().is_some_and(|kind| kind == "log")).collect();
        let texts: Vec<String> = logs
            .iter()
            .filter_map(|log| Some(String::from_utf8_lossy(&std::fs::read(log).ok()?).into_owned()))
            .collect();
        if let Err(error) = std::fs::remove_dir_all(&self.0) {
            eprintln!("{} stays behind: {error}", self.0.display());
        }
        let exposed: Vec<&str> = texts.iter().filter_map(|text| canary::in_text(text)).collect();
        assert!(exposed.is_empty() || std::thread::panicking(), "somebody's data is logged: {exposed:#?}");
    }
}
