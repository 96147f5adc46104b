//! Personal data where it must not be. Everybody in the tests has one of a few names, addresses, passwords and cards, so what is searched
//! for is known: after each test its whole database is searched, and what the process logged, each line there is; where the
//! real binary ran, its log files and its metrics. What is sealed or hashed does not show.

use std::io;
use std::sync::{Mutex, OnceLock, PoisonError};

use anyhow::Context;
use tokio_postgres::Client;
use tracing_subscriber::EnvFilter;
use tracing_subscriber::fmt::MakeWriter;

/// What belongs to somebody in the tests, as PostgreSQL's regular expressions: names, dates of birth, addresses, telephones, passwords,
/// cards, passports, what signs somebody in, secrets.
const PERSONAL: [&str; 15] = [
    r"\m(Asha|Rao)\M",
    r"1990-05-17",
    r"[a-z0-9._+-]{2,}@[a-z0-9-]+(\.[a-z0-9-]+)*\.(example|com)\M",
    r"\+9198[0-9]{8}\M",
    r"a password of some length",
    r"monsoon over malabar",
    r"trains under the ghats",
    // Not the decimals of a measured time.
    r"(?<![.])\m4[0-9]{15}\M",
    r"\m[zZ]1234567",
    r"eyJ[A-Za-z0-9_-]{10,}\.[A-Za-z0-9_-]{10,}\.",
    r"\mbpl_[A-Za-z0-9_-]{10,}",
    r"\mdvc_[A-Za-z0-9_-]{10,}",
    r"\mwhsec_",
    r"\msk_test_",
    r"_secret_[A-Za-z0-9]{8,}",
];
/// The same as plain texts, for logs and for bytes, in which a pattern of a few characters would be found by chance.
const PLAIN: [&str; 10] = [
    "Asha Rao",
    "\"Asha\"",
    "1990-05-17",
    "@example.com",
    "9812345678",
    "a password of some length",
    "monsoon over malabar",
    "4242424242424242",
    "Z1234567",
    "sk_test_udaan",
];
/// The log of this process, as long as it lives.
static LOG: OnceLock<&'static Captured> = OnceLock::new();

#[derive(Default)]
struct Captured(Mutex<Vec<u8>>);

impl io::Write for &Captured {
    fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).extend_from_slice(bytes);
        Ok(bytes.len())
    }

    fn flush(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl<'a> MakeWriter<'a> for &'static Captured {
    type Writer = &'a Captured;

    fn make_writer(&'a self) -> &'a Captured {
        self
    }
}

/// From now on keeps what this process logs, more of it than a server would be asked to.
pub fn keep_the_log() {
    LOG.get_or_init(|| {
        let captured: &'static Captured = Box::leak(Box::default());
        let filter = EnvFilter::new("info,server=trace,platform=trace,gateway=trace");
        let logging =
            tracing_subscriber::fmt().with_env_filter(filter).with_ansi(false).with_writer(captured);
        // Who logs already, such as a test that looks at its log itself, goes on.
        let _ = logging.try_init();
        captured
    });
}

/// The line of a text in which somebody's data stands.
pub fn in_text(text: &str) -> Option<&str> {
    text.lines().find(|line| PLAIN.iter().any(|plain| line.contains(plain)))
}

/// The same of what was logged since [`keep_the_log`].
pub fn in_the_log() -> Option<String> {
    let log = LOG.get()?.0.lock().unwrap_or_else(PoisonError::into_inner);
    in_text(&String::from_utf8_lossy(&log)).map(str::to_owned)
}

/// Whether something was logged since [`keep_the_log`] that has this in it.
pub fn has_logged(what: &str) -> bool {
    let log = LOG.get().map(|log| log.0.lock().unwrap_or_else(PoisonError::into_inner));
    log.is_some_and(|log| String::from_utf8_lossy(&log).contains(what))
}

/// Searches every column of every table; what was found, with its table.
pub async fn in_the_database(client: &Client) -> anyhow::Result<Vec<String>> {
    // What is in bytes is read as if it were text, wherever it can be.
    let columns = client
        .query(
            "SELECT c.relname::text, coalesce(string_agg(format('encode(%I, ''escape'')', a.attname), ', ') FILTER
                (WHERE a.atttypid = 'bytea'::regtype), '''''')
             FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
             WHERE c.relkind IN ('r', 'p') AND c.relnamespace = 'public'::regnamespace AND c.relname <> 'airports'
             GROUP BY c.relname ORDER BY c.relname",
            &[],
        )
        .await?;
    let each = columns.iter().map(|row| {
        let (table, bytes): (String, String) = (row.get(0), row.get(1));
        format!("SELECT '{table}', to_jsonb(t)::text, concat_ws(' ', {bytes}) FROM \"{table}\" t")
    });
    let everything = each.collect::<Vec<_>>().join(" UNION ALL ");
    if everything.is_empty() {
        return Ok(Vec::new());
    }
    let plain = PLAIN.map(|text| text.replace('.', "\\.")).join("|");
    let found = format!(
        "SELECT name, coalesce(substring(row FROM $1), substring(bytes FROM $2)) FROM ({everything}) AS rows (name, row, bytes)
         WHERE row ~ $1 OR bytes ~ $2 LIMIT 5"
    );
    let personal = format!("({})", PERSONAL.join("|"));
    let rows =
        client.query(&found, &[&personal, &format!("({plain})")]).await.context("searching the database")?;
    let found = rows.iter().map(|row| (row.get::<_, String>(0), row.get::<_, Option<String>>(1)));
    Ok(found.map(|(table, what)| format!("{table}: {}", what.unwrap_or_default())).collect())
}
