//! Requests that clients send without waiting for one another, and what became of them.

use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::Value;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;
use tokio::sync::Mutex;
use tokio::task::JoinSet;

/// What is not answered within this counts as lost.
const PATIENCE: Duration = Duration::from_secs(10);
/// Connections that wait for somebody to use them; whoever finds none opens one.
type Idle = Arc<Mutex<Vec<TcpStream>>>;

/// What became of one request.
#[derive(Clone, Copy)]
struct Answered {
    status: u16,
    retry_after: bool,
    /// From when it was due, not from when it could be sent.
    took: Duration,
}

/// What became of all of them.
pub(crate) struct Outcome {
    /// Requests a second, and those of them that were answered with 200.
    pub(crate) offered: f64,
    pub(crate) useful: f64,
    /// How long those took, sorted; and how long the refusals.
    pub(crate) accepted: Vec<Duration>,
    pub(crate) refused: Vec<Duration>,
    /// Without an answer, or with one that is neither.
    pub(crate) lost: usize,
    /// Refusals that do not say when to come again.
    pub(crate) silent: usize,
}

impl Outcome {
    fn of(answers: &[Answered], lasted: Duration) -> Self {
        let times = |status: u16| {
            let fitting = answers.iter().filter(|one| one.status == status);
            let mut times: Vec<Duration> = fitting.map(|one| one.took).collect();
            times.sort();
            times
        };
        let accepted = times(200);
        Self {
            offered: answers.len() as f64 / lasted.as_secs_f64(),
            useful: accepted.len() as f64 / lasted.as_secs_f64(),
            accepted,
            refused: times(503),
            lost: answers.iter().filter(|one| ![200, 503].contains(&one.status)).count(),
            silent: answers.iter().filter(|one| one.status == 503 && !one.retry_after).count(),
        }
    }

    pub(crate) fn say(&self, name: &str) {
        println!(
            "{name}: {:.0} a second asked, {:.0} answered, p50 {:.1?}, p99 {:.1?}; {} refused, p99 {:.1?}; {} lost, {} silent",
            self.offered,
            self.useful,
            quantile(&self.accepted, 0.5),
            quantile(&self.accepted, 0.99),
            self.refused.len(),
            quantile(&self.refused, 0.99),
            self.lost,
            self.silent,
        );
    }
}

/// Below it is so much of the whole.
#[expect(clippy::cast_possible_truncation, clippy::cast_sign_loss, reason = "a place in the list")]
pub(crate) fn quantile(sorted: &[Duration], share: f64) -> Duration {
    let last = sorted.len().saturating_sub(1);
    sorted.get((last as f64 * share) as usize).copied().unwrap_or_default()
}

/// One request, for as many as want to send it.
#[derive(Clone)]
pub(crate) struct Load {
    address: String,
    request: Arc<Vec<u8>>,
    idle: Idle,
}

impl Load {
    /// A POST of this to a path of the API at the site (`http://…`).
    pub(crate) fn post(site: &str, path: &str, body: &Value) -> Self {
        let (address, body) = (site.trim_start_matches("http://").to_owned(), body.to_string());
        let request = format!(
            "POST /api/v1{path} HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
            body.len()
        );
        Self { address, request: Arc::new(request.into_bytes()), idle: Idle::default() }
    }

    /// Closes the connections nobody uses: the server would, some seconds later, perhaps while somebody sends.
    pub(crate) async fn hang_up(&self) {
        self.idle.lock().await.clear();
    }

    async fn one(self, due: Instant) -> Answered {
        let answer = tokio::time::timeout(PATIENCE, self.exchange()).await;
        let (status, retry_after) = answer.ok().flatten().unwrap_or((0, false));
        Answered { status, retry_after, took: due.elapsed() }
    }

    /// So many a second, each at its own moment, whatever became of those before.
    pub(crate) async fn open_loop(&self, rate: f64, lasts: Duration) -> Outcome {
        let (mut running, mut answers) = (JoinSet::new(), Vec::new());
        let began = Instant::now();
        let mut sent = 0_u32;
        while began.elapsed() < lasts {
            let due = began + Duration::from_secs_f64(f64::from(sent) / rate);
            if let Some(wait) = due.checked_duration_since(Instant::now()) {
                tokio::time::sleep(wait).await;
            }
            running.spawn(self.clone().one(due));
            sent += 1;
            while let Some(answer) = running.try_join_next() {
                answers.push(answer.expect("a client"));
            }
        }
        let lasted = began.elapsed();
        answers.extend(running.join_all().await);
        Outcome::of(&answers, lasted)
    }

    /// Clients who ask again as soon as they have their answer.
    pub(crate) async fn closed_loop(&self, clients: usize, lasts: Duration) -> Outcome {
        let began = Instant::now();
        let mut running = JoinSet::new();
        for _ in 0..clients {
            let load = self.clone();
            running.spawn(async move {
                let mut answers = Vec::new();
                while began.elapsed() < lasts {
                    answers.push(load.clone().one(Instant::now()).await);
                }
                answers
            });
        }
        let answers = running.join_all().await.concat();
        Outcome::of(&answers, began.elapsed())
    }

    /// Status, and whether it says when to come again. A connection that the server closed while nobody used it is replaced, as every
    /// client does.
    async fn exchange(&self) -> Option<(u16, bool)> {
        let kept = self.idle.lock().await.pop();
        if let Some(kept) = kept
            && let Some(answer) = self.exchange_on(kept).await
        {
            return Some(answer);
        }
        self.exchange_on(TcpStream::connect(&self.address).await.ok()?).await
    }

    async fn exchange_on(&self, mut stream: TcpStream) -> Option<(u16, bool)> {
        stream.write_all(&self.request).await.ok()?;
        let mut data = Vec::with_capacity(16_384);
        let (head, length) = loop {
            if stream.read_buf(&mut data).await.ok()? == 0 {
                return None;
            }
            if let Some(end) = data.windows(4).position(|four| four == b"\r\n\r\n") {
                let head = String::from_utf8_lossy(&data[..end]).to_lowercase();
                let length =
                    head.lines().find_map(|line| line.strip_prefix("content-length: ")?.parse().ok());
                break (head, end + 4 + length.unwrap_or(0));
            }
        };
        while data.len() < length {
            if stream.read_buf(&mut data).await.ok()? == 0 {
                return None;
            }
        }
        let status = head.get(9..12)?.parse().ok()?;
        self.idle.lock().await.push(stream);
        Some((status, head.contains("\r\nretry-after: ")))
    }
}
