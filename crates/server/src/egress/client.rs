//! One call: one connection, to the address that was checked, no redirects, no proxy, everything bounded.

use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http_body_util::{BodyExt, Full};
use hyper::Request;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use platform::tls;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::rustls::pki_types::ServerName;
use url::Host;

use super::address::{self, Refused, Target};

/// What of an answer is read; the rest stays unread and the connection is closed.
const ANSWER_MAX: usize = 64 * 1024;

/// Finds the addresses of a name.
pub(crate) type Resolver =
    Arc<dyn Fn(String) -> BoxFuture<'static, std::io::Result<Vec<IpAddr>>> + Send + Sync>;

/// The operating system's resolver.
pub(crate) fn system_resolver() -> Resolver {
    Arc::new(|name| {
        Box::pin(async move {
            let found = tokio::net::lookup_host((name.as_str(), 0)).await?;
            Ok(found.map(|address| address.ip()).collect())
        })
    })
}

/// How calls are made.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Settings<'a> {
    /// The name of the setting and the file of certificates to trust besides the operating system's; empty for none.
    pub(crate) ca: (&'static str, &'a str),
    /// Whether plain HTTP and addresses of internal networks are allowed.
    pub(crate) allow_private: bool,
    /// Longest a call may take.
    pub(crate) answer_time: Duration,
}

/// Makes such calls. Cheap to clone.
#[derive(Clone)]
pub(crate) struct Client {
    tls: TlsConnector,
    resolver: Resolver,
    allow_private: bool,
    answer_time: Duration,
}

/// What is sent.
#[derive(Clone, Debug)]
pub(crate) struct Post {
    /// Where to.
    pub(crate) url: String,
    /// Names in lower case; those of the connection are set here.
    pub(crate) headers: Vec<(&'static str, String)>,
    /// The content.
    pub(crate) body: Bytes,
}

/// What came of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Sent {
    /// The status of the answer, if there was one.
    pub(crate) status: Option<u16>,
    /// A word for what went wrong before the answer was read.
    pub(crate) error: Option<&'static str>,
    /// The beginning of the answer.
    pub(crate) answer: Vec<u8>,
    /// How long whoever answered wants to be left alone (RFC 9110 section 10.2.3), where that is said in seconds.
    pub(crate) retry_after: Option<Duration>,
    pub(crate) took: Duration,
}

impl Sent {
    /// Whether somebody is there: it answered, and not with a failure of its own.
    pub(crate) fn is_heard(&self) -> bool {
        self.status.is_some_and(|status| status < 500 && status != 429)
    }

    /// Whether the receiver has it: it answered 2xx.
    pub(crate) fn is_success(&self) -> bool {
        self.error.is_none() && self.status.is_some_and(|status| (200..300).contains(&status))
    }
}

/// An answer: status, what is read of its content, and `Retry-After`; or a word for why there is none.
type Answer = Result<(u16, Vec<u8>, Option<Duration>), &'static str>;

impl Client {
    /// A client by the settings.
    pub(crate) fn new(settings: &Settings<'_>, resolver: Resolver) -> anyhow::Result<Self> {
        let (setting, file) = settings.ca;
        let tls = tls::client(setting, file).context("outgoing calls")?;
        Ok(Self {
            tls: TlsConnector::from(Arc::new(tls)),
            resolver,
            allow_private: settings.allow_private,
            answer_time: settings.answer_time,
        })
    }

    /// How long a call may take.
    pub(crate) fn answer_time(&self) -> Duration {
        self.answer_time
    }

    /// Whether anything may be sent to a URL, as far as its text shows: at the usual port of a service of the Internet.
    pub(crate) fn check_text(&self, url: &str) -> Result<(), Refused> {
        self.parse(url, true).map(|_| ())
    }

    fn parse(&self, url: &str, usual_port: bool) -> Result<Target, Refused> {
        let target = address::parse(url, self.allow_private)?;
        if usual_port && !self.allow_private && target.port != 443 {
            return Err(Refused::Port);
        }
        Ok(target)
    }

    /// Whether anything may be sent to a URL now.
    pub(crate) async fn check(&self, url: &str, usual_port: bool) -> Result<(), Refused> {
        let target = self.parse(url, usual_port)?;
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
    pub(crate) async fn post(&self, post: &Post) -> Sent {
        let started = Instant::now();
        let answer = match tokio::time::timeout(self.answer_time, self.exchange(post)).await {
            Ok(answer) => answer,
            Err(_) => Err("time_out"),
        };
        let took = started.elapsed();
        match answer {
            Ok((status, answer, retry_after)) => {
                let error = (300..400).contains(&status).then_some("redirect_not_followed");
                Sent { status: Some(status), error, answer, retry_after, took }
            }
            Err(error) => {
                Sent { status: None, error: Some(error), answer: Vec::new(), retry_after: None, took }
            }
        }
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
            tracing::debug!(%error, "no TLS with a receiver");
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
    let mut request =
        Request::post(&target.path).header("host", target.authority()).header("connection", "close");
    for (name, value) in &post.headers {
        request = request.header(*name, value);
    }
    let request = request.body(Full::new(post.body.clone())).map_err(|_| "url_malformed")?;
    let mut response = sender.send_request(request).await.map_err(|_| "bad_answer")?;
    let retry_after =
        response.headers().get("retry-after").and_then(|value| value.to_str().ok()?.parse().ok());
    let retry_after = retry_after.map(Duration::from_secs);
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
    Ok((response.status().as_u16(), answer, retry_after))
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

    fn post(url: &str) -> Post {
        Post { url: url.to_owned(), headers: Vec::new(), body: "{}".into() }
    }

    fn client(allow_private: bool, resolver: Resolver) -> Client {
        let settings = Settings { ca: ("ca_file", ""), allow_private, answer_time: Duration::from_secs(5) };
        Client::new(&settings, resolver).expect("a client")
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
        let sent = client(true, resolver).post(&post(&format!("http://rebinds.example:{port}/"))).await;
        assert_eq!((sent.error, asked.load(Ordering::Relaxed)), (Some("unreachable"), 1));
    }

    #[tokio::test]
    async fn a_name_with_an_internal_address_among_public_ones_is_refused() {
        let resolver: Resolver = Arc::new(|_| {
            Box::pin(async { Ok(vec![IpAddr::from([93, 184, 216, 34]), IpAddr::from([10, 0, 0, 1])]) })
        });
        let sent = client(false, resolver).post(&post("https://mixed.example/")).await;
        assert_eq!(sent.error, Some("address_refused"));
    }
}
