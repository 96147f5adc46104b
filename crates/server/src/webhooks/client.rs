//! Sending one webhook: one connection, to the address that was checked, no redirects, no proxy, everything bounded.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use kernel::WebhookId;
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use platform::breaker::{self, Breaker};
use platform::config;
use platform::tls;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Host;

use super::address::{self, Refused, Target};

/// What of an answer is read; the rest stays unread and the connection is closed.
const ANSWER_MAX: usize = 64 * 1024;
/// Circuits that are remembered.
const CIRCUITS_MAX: u64 = 20_000;

/// Finds the addresses of a name.
pub type Resolver = Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The operating system's resolver.
pub fn system_resolver() -> Resolver {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// Sends webhooks. Cheap to clone.
#[derive(Clone)]
pub struct Sender {
    tls: TlsConnector,
    resolver: Resolver,
    allow_private: bool,
    answer_time: Duration,
    breakers: breaker::Settings,
    /// The latest used: who is not asked for long is forgotten.
    circuits: Cache<WebhookId, Breaker>,
}

/// What is sent.
#[derive(Clone, Debug)]
pub struct Post {
    /// Where to.
    pub url: String,
    /// Names in lower case.
    pub headers: Vec<(&'static str, String)>,
    /// JSON.
    pub body: String,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sent {
    /// The status of the answer, if there was one.
    pub(super) status: Option<u16>,
    /// A word for what went wrong before the answer was read.
    pub(super) error: Option<&'static str>,
    /// The beginning of the answer.
    pub(super) answer: Vec<u8>,
    pub(super) took: Duration,
}

impl Sent {
    /// Whether somebody is there: it answered, and not with a failure of its own.
    pub(super) fn is_heard(&self) -> bool {
        self.status.is_some_and(|status| status < 500 && status != 429)
    }

    /// Whether the receiver has it: it answered 2xx.
    pub(super) fn is_success(&self) -> bool {
        self.error.is_none() && self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// How far a request came.
type Answer = Result<(u16, Vec<u8>), &'static str>;

impl Sender {
    /// A sender by the settings.
    pub fn new(
        config: &config::Webhooks,
        breakers: &config::Breakers,
        resolver: Resolver,
    ) -> anyhow::Result<Self> {
        let tls = tls::client("webhooks.ca_file", &config.ca_file)?;
        Ok(Self {
            tls: TlsConnector::from(Arc::new(tls)),
            resolver,
            allow_private: config.allow_private,
            answer_time: Duration::from_millis(config.answer_ms),
            breakers: breaker::Settings::from(breakers).for_receivers(),
            circuits: Cache::builder()
                .max_capacity(CIRCUITS_MAX)
                .eviction_policy(EvictionPolicy::lru())
                .build(),
        })
    }

    /// The circuit of a webhook's receiver. Those of programs have one name together in the metrics: there may be any number.
    pub(super) fn circuit(&self, webhook: WebhookId, of_a_program: bool) -> Breaker {
        let breaker = || {
            let name = if of_a_program { "webhooks_of_programs".to_owned() } else { webhook.to_string() };
            Breaker::new(name, self.breakers)
        };
        self.circuits.get_with(webhook, breaker)
    }

    /// How long a try may take.
    pub(super) fn answer_time(&self) -> Duration {
        self.answer_time
    }

    /// Whether anything may be sent to a URL now.
    pub(super) async fn check(&self, url: &str, usual_port: bool) -> Result<(), Refused> {
        let target = address::parse(url, self.allow_private)?;
        if usual_port && !self.allow_private && target.port != 443 {
            return Err(Refused::Port);
        }
        match tokio::time::timeout(self.answer_time, self.resolve(&target)).await {
            Ok(found) => found.map(|_| ()),
            Err(_) => Err(Refused::NoAddress),
        }
    }

    /// The addresses to connect to.
    async fn resolve(&self, target: &Target) -> Result<Vec<SocketAddr>, Refused> {
        let found = match &target.host {
            Host::Ipv4(address) => vec![IpAddr::V4(*address)],
            Host::Ipv6(address) => vec![IpAddr::V6(*address)],
            Host::Domain(name) => (self.resolver)(name.clone()).await.map_err(|_| Refused::NoAddress)?,
        };
        address::check(&found, self.allow_private)?;
        Ok(found.into_iter().map(|address| SocketAddr::new(address, target.port)).collect())
    }

    /// Sends, and reads the beginning of the answer, within the time an answer may take.
    pub(super) async fn post(&self, post: &Post) -> Sent {
        let started = Instant::now();
        let answer = match tokio::time::timeout(self.answer_time, self.exchange(post)).await {
            Ok(answer) => answer,
            Err(_) => Err("time_out"),
        };
        let (status, error, answer) = match answer {
            Ok((status, answer)) => {
                let redirect = (300..400).contains(&status).then_some("redirect_not_followed");
                (Some(status), redirect, answer)
            }
            Err(error) => (None, Some(error), Vec::new()),
        };
        Sent { status, error, answer, took: started.elapsed() }
    }

    async fn exchange(&self, post: &Post) -> Answer {
        let target = address::parse(&post.url, self.allow_private).map_err(Refused::word)?;
        let addresses = self.resolve(&target).await.map_err(Refused::word)?;
        let stream = TcpStream::connect(&addresses[..]).await.map_err(|_| "unreachable")?;
        if !target.tls {
            return request(stream, &target, post).await;
        }
        let name = ServerName::try_from(target.host.to_string().trim_matches(['[', ']']).to_owned());
        let stream = self.tls.connect(name.map_err(|_| "tls")?, stream).await.map_err(|error| {
            tracing::debug!(%error, "no TLS with a receiver of webhooks");
            "tls"
        })?;
        request(stream, &target, post).await
    }
}

/// One request on a fresh connection.
async fn request<S>(stream: S, target: &Target, post: &Post) -> Answer
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(|_| "bad_answer")?;
    // The connection ends with this function, also when its time is up.
    let _connection = Abort(tokio::spawn(async move {
        let _ended = connection.await;
    }));
    let mut request = Request::post(&target.path)
        .header("host", target.authority())
        .header("connection", "close")
        .header("content-type", "application/json")
        .header("user-agent", concat!("Udaan-Webhooks/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &post.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(Bytes::from(post.body.clone()))).map_err(|_| "url_malformed")?;
    let mut response = sender.send_request(request).await.map_err(|_| "bad_answer")?;
    let mut answer = Vec::new();
    // The status is the answer; a body that breaks off or never ends changes nothing about it.
    while let Some(Ok(frame)) = response.frame().await {
        if let Some(data) = frame.data_ref() {
            answer.extend_from_slice(&data[..data.len().min(ANSWER_MAX - answer.len())]);
        }
        if answer.len() >= ANSWER_MAX {
            break;
        }
    }
    Ok((response.status().as_u16(), answer))
}

/// A task that ends with the value.
struct Abort(tokio::task::JoinHandle<()>);

impl Drop for Abort {
    fn drop(&mut self) {
        self.0.abort();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::atomic::{AtomicUsize, Ordering};

    use tokio::net::TcpListener;

    use super::*;

    fn post(url: String) -> Post {
        Post { url, headers: Vec::new(), body: "{}".into() }
    }

    /// A name may resolve otherwise a moment after it was looked at. Whoever asks again to connect is led there.
    #[tokio::test]
    async fn a_name_is_resolved_once_and_the_connection_goes_where_that_said() {
        let listener = TcpListener::bind("127.0.0.1:0").await.expect("a socket");
        let port = listener.local_addr().expect("an address").port();
        let asked = Arc::new(AtomicUsize::new(0));
        let counted = Arc::clone(&asked);
        let resolver: Resolver = Arc::new(move |_| {
            // First an address where nobody listens, then the one where somebody does.
            let address =
                if counted.fetch_add(1, Ordering::Relaxed) == 0 { [127, 0, 0, 2] } else { [127, 0, 0, 1] };
            Box::pin(async move { Ok(vec![IpAddr::from(address)]) })
        });
        let config = config::Webhooks { allow_private: true, ..config::Webhooks::default() };
        let sender = Sender::new(&config, &config::Breakers::default(), resolver).expect("a sender");
        let sent = sender.post(&post(format!("http://rebinds.example:{port}/"))).await;
        assert_eq!((sent.error, asked.load(Ordering::Relaxed)), (Some("unreachable"), 1));
    }

    #[tokio::test]
    async fn a_name_with_an_internal_address_among_public_ones_is_refused() {
        let resolver: Resolver = Arc::new(|_| {
            Box::pin(async { Ok(vec![IpAddr::from([93, 184, 216, 34]), IpAddr::from([10, 0, 0, 1])]) })
        });
        let sender = Sender::new(&config::Webhooks::default(), &config::Breakers::default(), resolver)
            .expect("a sender");
        let sent = sender.post(&post("https://mixed.example/".into())).await;
        assert_eq!(sent.error, Some("address_refused"));
    }
}
