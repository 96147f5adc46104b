//! The mail server: how it is reached, a connection to it, and what its answers mean.

use std::str::FromStr;
use std::time::Duration;

use anyhow::Context;
use jiff::Timestamp;
use lettre::message::header::{ContentType, HeaderName, HeaderValue};
use lettre::message::{Attachment, Mailbox, Message, MultiPart};
use lettre::transport::smtp::authentication::{Credentials, Mechanism};
use lettre::transport::smtp::client::{AsyncSmtpConnection, Certificate, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use platform::breaker::{self, Breaker};
use platform::config;
use url::Url;
use uuid::Uuid;

use super::letter::Written;

/// How the connection is protected.
#[derive(Clone)]
enum Protection {
    /// `smtps://`: TLS from the first byte.
    Tls(TlsParameters),
    /// `smtp://`: STARTTLS, or nothing is said.
    StartTls(TlsParameters),
    /// `smtp+plain://`: none.
    None,
}

struct Server {
    host: String,
    port: u16,
    protection: Protection,
    credentials: Option<Credentials>,
}

/// Sends mails.
pub struct Mailer {
    server: Option<Server>,
    from: Mailbox,
    /// Our own name: in greetings and Message-IDs.
    host: String,
    timeout: Duration,
    /// Leaves a mail server alone that does not answer.
    pub(super) breaker: Breaker,
}

/// What became of a mail.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Sent {
    /// The mail server has it.
    Yes,
    /// Refused for good, with this code: another try would change nothing.
    Refused(String),
    /// What it was to tell is not so any more.
    Withdrawn,
    /// Not now: the code, `time_out` or `connection`.
    NotNow(String),
}

impl Mailer {
    /// For these settings.
    ///
    /// # Errors
    /// `mail.url`, `mail.from` or `mail.ca_file` cannot be used.
    pub fn new(config: &config::Mail, public_url: &str, breakers: &config::Breakers) -> anyhow::Result<Self> {
        let from = Mailbox::from_str(&config.from).with_context(|| format!("mail.from {:?}", config.from))?;
        let host = Url::parse(public_url).ok().and_then(|url| url.host_str().map(str::to_owned));
        // The URL may have a password in it, so it is not said.
        let server = (!config.url.is_empty())
            .then(|| server(&config.url, &config.ca_file))
            .transpose()
            .context("mail.url")?;
        Ok(Self {
            server,
            from,
            host: host.unwrap_or_else(|| "localhost".to_owned()),
            timeout: Duration::from_millis(config.timeout_ms),
            breaker: Breaker::new("mail", breaker::Settings::from(breakers).for_receivers()),
        })
    }

    /// Whether there is a mail server.
    pub fn is_configured(&self) -> bool {
        self.server.is_some()
    }

    /// How long one mail may take.
    pub(super) fn timeout(&self) -> Duration {
        self.timeout
    }

    /// Whether the mail server takes us: it is greeted and left.
    ///
    /// # Errors
    /// It does not, or there is none (setting `mail.url`).
    pub async fn check(&self) -> anyhow::Result<()> {
        let mut connection = self.connect().await?;
        let _left = tokio::time::timeout(self.timeout, connection.quit()).await;
        Ok(())
    }

    /// A connection on which mails can be sent, protected and signed in as the settings want it.
    pub(super) async fn connect(&self) -> anyhow::Result<AsyncSmtpConnection> {
        let server = self.server.as_ref().context("there is no mail server (mail.url)")?;
        let connected = tokio::time::timeout(self.timeout, connect(server, &self.host, self.timeout)).await;
        connected.map_err(|_| anyhow::anyhow!("no answer within {} ms", self.timeout.as_millis()))?
    }

    /// Sends one on a connection, which is good for no more unless the answer is [`Sent::Yes`].
    pub(super) async fn send(
        &self,
        connection: &mut AsyncSmtpConnection,
        (id, written_at): (Uuid, Timestamp),
        to: &str,
        written: Written,
    ) -> Sent {
        let Ok(message) = self.message((id, written_at), to, written) else {
            return Sent::Refused("address".to_owned());
        };
        let bytes = message.formatted();
        let sending = connection.send(message.envelope(), &bytes);
        let answer = match tokio::time::timeout(self.timeout, Box::pin(sending)).await {
            Ok(answer) => answer.map(|_| ()),
            Err(_) => return Sent::NotNow("time_out".to_owned()),
        };
        match answer {
            Ok(()) => Sent::Yes,
            Err(error) => {
                let code = error.status().map_or_else(|| "connection".to_owned(), |code| code.to_string());
                // 5yz about the mail (RFC 5321 section 4.2.1), or an address this server cannot take.
                if error.is_permanent() || error.is_client() {
                    Sent::Refused(code)
                } else {
                    Sent::NotNow(code)
                }
            }
        }
    }

    fn message(
        &self,
        (id, written_at): (Uuid, Timestamp),
        to: &str,
        written: Written,
    ) -> anyhow::Result<Message> {
        // RFC 3834: no out-of-office answers, please.
        let auto = header("Auto-Submitted", "auto-generated".to_owned());
        let mut message = Message::builder()
            .from(self.from.clone())
            .to(Mailbox::new(None, to.parse()?))
            .subject(written.subject)
            .date(written_at.into())
            .message_id(Some(format!("<{}@{}>", id.simple(), self.host)))
            .raw_header(auto);
        if let Some(end) = written.end {
            message = message.raw_header(header("List-Unsubscribe", format!("<{end}>")));
            // Mail programs do it by themselves only where nobody listens in (RFC 8058 section 3.1).
            if end.starts_with("https://") {
                let one_click = "List-Unsubscribe=One-Click".to_owned();
                message = message.raw_header(header("List-Unsubscribe-Post", one_click));
            }
        }
        if let Some(thread) = written.thread {
            message = message.references(format!("<{thread}@{}>", self.host));
        }
        let texts = MultiPart::alternative_plain_html(written.text, written.html);
        if written.attachments.is_empty() {
            return Ok(message.multipart(texts)?);
        }
        let mut parts = MultiPart::mixed().multipart(texts);
        for file in written.attachments {
            let kind = ContentType::parse(file.media_type)?;
            parts = parts.singlepart(Attachment::new(file.name).body(file.bytes, kind));
        }
        Ok(message.multipart(parts)?)
    }
}

fn header(name: &'static str, value: String) -> HeaderValue {
    HeaderValue::new(HeaderName::new_from_ascii_str(name), value)
}

async fn connect(server: &Server, us: &str, timeout: Duration) -> anyhow::Result<AsyncSmtpConnection> {
    let hello = ClientId::Domain(us.to_owned());
    let at_once = match &server.protection {
        Protection::Tls(parameters) => Some(parameters.clone()),
        Protection::StartTls(_) | Protection::None => None,
    };
    let to = (server.host.as_str(), server.port);
    let mut connection =
        AsyncSmtpConnection::connect_tokio1(to, Some(timeout), &hello, at_once, None).await?;
    if let Protection::StartTls(parameters) = &server.protection {
        anyhow::ensure!(connection.can_starttls(), "the mail server offers no STARTTLS");
        connection.starttls(parameters.clone(), &hello).await?;
    }
    if let Some(credentials) = &server.credentials {
        connection.auth(&[Mechanism::Plain, Mechanism::Login], credentials).await?;
    }
    Ok(connection)
}

fn server(url: &str, ca_file: &str) -> anyhow::Result<Server> {
    let url = Url::parse(url).context("it must be a URL, such as smtp://name:password@mail.example:587")?;
    let host = url.host_str().context("it names no host")?.trim_matches(['[', ']']).to_owned();
    let parameters = || -> anyhow::Result<TlsParameters> {
        let mut builder = TlsParameters::builder(host.clone());
        if !ca_file.is_empty() {
            let named = || format!("mail.ca_file {ca_file}");
            let pem = std::fs::read(ca_file).with_context(named)?;
            builder = builder.add_root_certificate(Certificate::from_pem(&pem).with_context(named)?);
        }
        Ok(builder.build_rustls()?)
    };
    let (protection, port) = match url.scheme() {
        "smtps" => (Protection::Tls(parameters()?), 465),
        "smtp" => (Protection::StartTls(parameters()?), 587),
        "smtp+plain" => (Protection::None, 25),
        other => anyhow::bail!("{other}:// is none of smtps://, smtp:// (STARTTLS) and smtp+plain://"),
    };
    let credentials = match (url.username(), url.password()) {
        ("", _) => None,
        (name, password) => {
            anyhow::ensure!(
                !matches!(protection, Protection::None),
                "a password is not sent unprotected: use smtps:// or smtp://"
            );
            Some(Credentials::new(decoded(name)?, decoded(password.unwrap_or(""))?))
        }
    };
    Ok(Server { port: url.port().unwrap_or(port), host, protection, credentials })
}

/// A part of a URL without its percent signs.
fn decoded(part: &str) -> anyhow::Result<String> {
    let pairs = format!("v={}", part.replace('+', "%2B"));
    let value = url::form_urlencoded::parse(pairs.as_bytes()).next().map(|(_, value)| value.into_owned());
    value.context("the name or the password cannot be read")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn mails_end_with_one_click_only_where_nobody_listens_in() {
        let config =
            config::Mail { from: "Udaan <no-reply@udaan.example>".into(), ..config::Mail::default() };
        let mailer =
            Mailer::new(&config, "https://udaan.example", &config::Breakers::default()).expect("a mailer");
        for (link, one_click) in
            [("https://udaan.example/unsubscribe?token=nun_x", true), ("http://127.0.0.1/u", false)]
        {
            let written = Written {
                subject: "S".into(),
                text: "T".into(),
                html: "H".into(),
                attachments: Vec::new(),
                thread: None,
                end: Some(link.into()),
            };
            let message = mailer.message((Uuid::nil(), Timestamp::UNIX_EPOCH), "a@b.co", written);
            let text = String::from_utf8(message.expect("a message").formatted()).expect("a text");
            assert!(text.contains(&format!("List-Unsubscribe: <{link}>\r\n")), "{text}");
            let said = text.contains("List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n");
            assert_eq!(said, one_click, "{text}");
        }
    }

    #[test]
    fn urls_say_how_the_connection_is_protected() {
        let at = |url: &str| server(url, "").map(|server| (server.host.clone(), server.port, server));
        let (host, port, tls) = at("smtps://mail.example").expect("a server");
        assert_eq!((host.as_str(), port), ("mail.example", 465));
        assert!(matches!(tls.protection, Protection::Tls(_)) && tls.credentials.is_none());
        let (_, port, start) = at("smtp://a%40b.co:p%2Fw+1@mail.example").expect("a server");
        assert!(matches!(start.protection, Protection::StartTls(_)) && port == 587);
        assert_eq!(start.credentials, Some(Credentials::new("a@b.co".into(), "p/w+1".into())));
        assert!(matches!(
            at("smtp+plain://127.0.0.1:1025").expect("a server").2.protection,
            Protection::None
        ));
        for wrong in ["mail.example", "http://mail.example", "smtp+plain://a:b@mail.example", "smtp:"] {
            let error = server(wrong, "").err().map(|error| format!("{error:#}"));
            assert!(error.is_some_and(|error| !error.contains("a:b")), "{wrong}");
        }
        assert!(server("smtps://mail.example", "/nowhere.pem").is_err());
    }
}
