//! A mail server of a test: it takes mails, or answers as it is told to.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use tokio::io::{AsyncBufReadExt, AsyncRead, AsyncWrite, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};
use tokio_rustls::TlsAcceptor;

/// A mail that was taken.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// Of the envelope.
    pub from: String,
    /// Of the envelope.
    pub to: Vec<String>,
    /// Headers and body, as they came.
    pub data: String,
    /// Whether the connection was protected, and the argument of AUTH if somebody signed in.
    pub protected: bool,
    /// What somebody signed in with.
    pub auth: Option<String>,
}

impl Received {
    /// The value of a header, unfolded, as it came.
    pub fn header(&self, name: &str) -> Option<String> {
        let head = self.data.split("\r\n\r\n").next()?.replace("\r\n ", " ").replace("\r\n\t", " ");
        head.lines().find_map(|line| {
            let (found, value) = line.split_once(':')?;
            found.eq_ignore_ascii_case(name).then(|| value.trim().to_owned())
        })
    }

    /// The body with quoted-printable undone (RFC 2045 section 6.7), which is how texts travel.
    pub fn body(&self) -> String {
        let bytes = self.data.replace("=\r\n", "").into_bytes();
        let mut text = Vec::with_capacity(bytes.len());
        let mut at = 0;
        while let Some(&byte) = bytes.get(at) {
            let hex = (byte == b'=').then(|| bytes.get(at + 1..at + 3)).flatten();
            let value = hex.and_then(|hex| u8::from_str_radix(std::str::from_utf8(hex).ok()?, 16).ok());
            text.push(value.unwrap_or(byte));
            at += if value.is_some() { 3 } else { 1 };
        }
        String::from_utf8_lossy(&text).into_owned()
    }
}

/// How it behaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Manner {
    /// Takes everything.
    Takes,
    /// Answers each RCPT with this line, such as `550 5.1.1 no such user`.
    AnswersRcpt(&'static str),
    /// Takes the mail, and hangs up before it says so.
    HangsUpAfterData,
    /// Says nothing at all.
    Silent,
    /// Greets with this line and ends.
    Greets(&'static str),
}

/// The server; it ends with the test's runtime.
#[derive(Clone)]
pub struct SmtpServer {
    /// Where it listens, on loopback.
    pub port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    manner: Manner,
    mails: Vec<Received>,
    connections: u32,
}

impl SmtpServer {
    /// Starts one without protection.
    ///
    /// # Errors
    /// No socket.
    pub async fn start() -> anyhow::Result<Self> {
        Self::listen(None, false).await
    }

    /// Starts one with these files (PEM): TLS from the first byte, or STARTTLS.
    ///
    /// # Errors
    /// No socket, or the files cannot be read.
    pub async fn start_protected(certificates: &Path, key: &Path, at_once: bool) -> anyhow::Result<Self> {
        Self::listen(Some(crate::tls::acceptor(certificates, key)?), at_once).await
    }

    async fn listen(tls: Option<TlsAcceptor>, at_once: bool) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let state = Arc::new(Mutex::new(State { manner: Manner::Takes, mails: Vec::new(), connections: 0 }));
        let server = Self { port: listener.local_addr()?.port(), state };
        let serving = server.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(socket, tls.clone(), at_once));
            }
        });
        Ok(server)
    }

    /// From now on it behaves so.
    pub fn behave(&self, manner: Manner) {
        self.locked(|state| state.manner = manner);
    }

    /// What it has taken so far.
    pub fn mails(&self) -> Vec<Received> {
        self.locked(|state| state.mails.clone())
    }

    /// How many connections were made to it.
    pub fn connections(&self) -> u32 {
        self.locked(|state| state.connections)
    }

    fn locked<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn serve(self, socket: TcpStream, tls: Option<TlsAcceptor>, at_once: bool) -> anyhow::Result<()> {
        self.locked(|state| state.connections += 1);
        match (tls, at_once) {
            (Some(tls), true) => {
                let mut stream = BufReader::new(tls.accept(socket).await?);
                self.speak(&mut stream, true, false).await.map(|_| ())
            }
            (Some(tls), false) => {
                let mut stream = BufReader::new(socket);
                if self.speak(&mut stream, false, true).await? {
                    let mut stream = BufReader::new(tls.accept(stream.into_inner()).await?);
                    self.commands(&mut stream, true, false).await?;
                }
                Ok(())
            }
            (None, _) => self.speak(&mut BufReader::new(socket), false, false).await.map(|_| ()),
        }
    }

    async fn speak<S>(&self, stream: &mut BufReader<S>, protected: bool, offers: bool) -> anyhow::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        match self.locked(|state| state.manner) {
            Manner::Silent => {
                tokio::time::sleep(Duration::from_mins(1)).await;
                Ok(false)
            }
            Manner::Greets(line) => {
                stream.write_all(format!("{line}\r\n").as_bytes()).await?;
                Ok(false)
            }
            _ => {
                stream.write_all(b"220 mail.test ESMTP\r\n").await?;
                self.commands(stream, protected, offers).await
            }
        }
    }

    /// Whether it ended with STARTTLS.
    async fn commands<S>(
        &self,
        stream: &mut BufReader<S>,
        protected: bool,
        offers: bool,
    ) -> anyhow::Result<bool>
    where
        S: AsyncRead + AsyncWrite + Unpin,
    {
        let mut mail =
            Received { from: String::new(), to: Vec::new(), data: String::new(), protected, auth: None };
        loop {
            let mut line = String::new();
            if stream.read_line(&mut line).await? == 0 {
                return Ok(false);
            }
            let line = line.trim_end();
            let upper = line.to_ascii_uppercase();
            let manner = self.locked(|state| state.manner);
            let answer = if upper.starts_with("EHLO") {
                let more = if offers { "250-STARTTLS\r\n" } else { "" };
                format!("250-mail.test\r\n{more}250-AUTH PLAIN\r\n250 8BITMIME")
            } else if upper == "STARTTLS" {
                stream.write_all(b"220 go on\r\n").await?;
                return Ok(true);
            } else if upper.starts_with("AUTH") {
                mail.auth = Some(line[4..].trim().to_owned());
                "235 welcome".to_owned()
            } else if upper.starts_with("MAIL FROM:") {
                (mail.from, mail.to) = (address(line), Vec::new());
                "250 ok".to_owned()
            } else if upper.starts_with("RCPT TO:") {
                if let Manner::AnswersRcpt(answer) = manner {
                    answer.to_owned()
                } else {
                    mail.to.push(address(line));
                    "250 ok".to_owned()
                }
            } else if upper == "DATA" {
                stream.write_all(b"354 go on\r\n").await?;
                mail.data = data(stream).await?;
                self.locked(|state| state.mails.push(mail.clone()));
                if manner == Manner::HangsUpAfterData {
                    return Ok(false);
                }
                "250 taken".to_owned()
            } else if upper == "QUIT" {
                stream.write_all(b"221 bye\r\n").await?;
                return Ok(false);
            } else {
                "250 ok".to_owned()
            };
            stream.write_all(format!("{answer}\r\n").as_bytes()).await?;
        }
    }
}

/// What stands between the angle brackets.
fn address(line: &str) -> String {
    line.split(['<', '>']).nth(1).unwrap_or_default().to_owned()
}

/// The lines up to the single dot, with the dots that were doubled made single (RFC 5321 section 4.5.2).
async fn data<S: AsyncRead + Unpin>(stream: &mut BufReader<S>) -> anyhow::Result<String> {
    let mut whole = String::new();
    loop {
        let mut line = String::new();
        if stream.read_line(&mut line).await? == 0 || line == ".\r\n" {
            return Ok(whole);
        }
        whole.push_str(line.strip_prefix('.').unwrap_or(&line));
    }
}
