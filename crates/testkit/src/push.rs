//! A push service of a test, and a browser that reads what came: RFC 8291 and 8188 from their texts, with other libraries than the product's.

use std::sync::{Arc, Mutex, PoisonError};

use anyhow::Context;
use data_encoding::BASE64URL_NOPAD;
use p256::elliptic_curve::sec1::ToEncodedPoint;
use p256::{PublicKey, SecretKey, ecdh};
use platform::random::Random;
use ring::aead::{AES_128_GCM, Aad, LessSafeKey, Nonce, UnboundKey};
use ring::hkdf::{HKDF_SHA256, KeyType, Prk, Salt};
use tokio::io::{AsyncBufReadExt, AsyncReadExt, AsyncWriteExt, BufReader};
use tokio::net::{TcpListener, TcpStream};

/// A push that came.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Received {
    /// The path it was sent to: a service knows a browser by it.
    pub path: String,
    /// Names in lower case, as they came.
    pub headers: Vec<(String, String)>,
    /// The content, encrypted.
    pub body: Vec<u8>,
}

impl Received {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.iter().find(|(found, _)| found == name).map(|(_, value)| value.as_str())
    }
}

/// The service; it ends with the test's runtime.
#[derive(Clone)]
pub struct PushService {
    /// Where it listens, on loopback.
    pub port: u16,
    state: Arc<Mutex<State>>,
}

struct State {
    /// The first line of its answers after the version, and headers.
    answer: &'static str,
    received: Vec<Received>,
}

impl PushService {
    /// Starts one that takes everything.
    ///
    /// # Errors
    /// No socket.
    pub async fn start() -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0").await?;
        let state = Arc::new(Mutex::new(State { answer: "201 Created", received: Vec::new() }));
        let service = Self { port: listener.local_addr()?.port(), state };
        let serving = service.clone();
        tokio::spawn(async move {
            while let Ok((socket, _)) = listener.accept().await {
                tokio::spawn(serving.clone().serve(socket));
            }
        });
        Ok(service)
    }

    /// From now on it answers so: `410 Gone`, or `429 Too Many Requests\r\nretry-after: 60`.
    pub fn answer(&self, answer: &'static str) {
        self.locked(|state| state.answer = answer);
    }

    /// What came since this was asked the last time.
    pub fn take(&self) -> Vec<Received> {
        self.locked(|state| std::mem::take(&mut state.received))
    }

    /// Where pushes for a browser go.
    pub fn endpoint(&self, browser: &str) -> String {
        format!("http://127.0.0.1:{}/{browser}", self.port)
    }

    fn locked<T>(&self, work: impl FnOnce(&mut State) -> T) -> T {
        work(&mut self.state.lock().unwrap_or_else(PoisonError::into_inner))
    }

    async fn serve(self, socket: TcpStream) -> anyhow::Result<()> {
        let mut stream = BufReader::new(socket);
        let mut first = String::new();
        stream.read_line(&mut first).await?;
        let path = first.split(' ').nth(1).context("a path")?.to_owned();
        let mut headers = Vec::new();
        loop {
            let mut line = String::new();
            stream.read_line(&mut line).await?;
            let Some((name, value)) = line.split_once(':') else { break };
            headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
        }
        let mut received = Received { path, headers, body: Vec::new() };
        let length = received.header("content-length").context("a length")?.parse()?;
        received.body.resize(length, 0);
        stream.read_exact(&mut received.body).await?;
        let answer = self.locked(|state| {
            state.received.push(received);
            state.answer
        });
        let answer = format!("HTTP/1.1 {answer}\r\ncontent-length: 0\r\nconnection: close\r\n\r\n");
        stream.write_all(answer.as_bytes()).await?;
        Ok(())
    }
}

/// The keys of a browser.
pub struct Browser {
    secret: SecretKey,
    auth: Vec<u8>,
}

impl Browser {
    /// One of its own.
    ///
    /// # Errors
    /// The bytes are no private key, which 2^32 tries would not bring about.
    pub fn new() -> anyhow::Result<Self> {
        let secret: [u8; 32] = Random.bytes();
        Ok(Self { secret: SecretKey::from_slice(&secret)?, auth: Random.bytes::<16>().to_vec() })
    }

    /// One with these keys, base64url.
    ///
    /// # Errors
    /// They are none.
    pub fn with_keys(secret: &str, auth: &str) -> anyhow::Result<Self> {
        let secret = SecretKey::from_slice(&BASE64URL_NOPAD.decode(secret.as_bytes())?)?;
        Ok(Self { secret, auth: BASE64URL_NOPAD.decode(auth.as_bytes())? })
    }

    /// Its public key, base64url.
    pub fn p256dh(&self) -> String {
        BASE64URL_NOPAD.encode(&self.public())
    }

    /// Its secret, base64url.
    pub fn auth(&self) -> String {
        BASE64URL_NOPAD.encode(&self.auth)
    }

    fn public(&self) -> Vec<u8> {
        self.secret.public_key().to_encoded_point(false).as_bytes().to_vec()
    }

    /// What a push says.
    ///
    /// # Errors
    /// It is not for this browser, was changed, or is not written as RFC 8188 section 2 asks.
    pub fn read(&self, content: &[u8]) -> anyhow::Result<Vec<u8>> {
        let (salt, rest) = content.split_at_checked(16).context("a salt")?;
        let (size, rest) = rest.split_at_checked(4).context("a record's size")?;
        let (&length, rest) = rest.split_first().context("a key's length")?;
        let (sender, sealed) = rest.split_at_checked(length.into()).context("a key")?;
        let size = u32::from_be_bytes(size.try_into()?);
        anyhow::ensure!(sealed.len() <= usize::try_from(size)?, "one record, not longer than it says");
        let shared = ecdh::diffie_hellman(
            self.secret.to_nonzero_scalar(),
            PublicKey::from_sec1_bytes(sender)?.as_affine(),
        );
        let both = [b"WebPush: info\0".as_slice(), &self.public(), sender];
        let mixed = Salt::new(HKDF_SHA256, &self.auth).extract(shared.raw_secret_bytes());
        let keys = Salt::new(HKDF_SHA256, salt).extract(&expand(&mixed, &both, 32)?);
        let key = expand(&keys, &[b"Content-Encoding: aes128gcm\0"], 16)?;
        let nonce = expand(&keys, &[b"Content-Encoding: nonce\0"], 12)?;
        let unopened = |_| anyhow::anyhow!("it does not open");
        let key = LessSafeKey::new(UnboundKey::new(&AES_128_GCM, &key).map_err(unopened)?);
        let nonce = Nonce::try_assume_unique_for_key(&nonce).map_err(unopened)?;
        let mut sealed = sealed.to_vec();
        let plain = key.open_in_place(nonce, Aad::empty(), &mut sealed).map_err(unopened)?;
        // The last record ends with 2 and as many zeros as somebody liked.
        let end = plain.iter().rposition(|byte| *byte != 0).context("an end")?;
        anyhow::ensure!(plain[end] == 2, "it is not the last record");
        Ok(plain[..end].to_vec())
    }
}

struct Length(usize);

impl KeyType for Length {
    fn len(&self) -> usize {
        self.0
    }
}

fn expand(from: &Prk, info: &[&[u8]], length: usize) -> anyhow::Result<Vec<u8>> {
    let mut made = vec![0; length];
    let expanded = from.expand(info, Length(length)).map_err(|_| anyhow::anyhow!("too long"))?;
    expanded.fill(&mut made).map_err(|_| anyhow::anyhow!("too long"))?;
    Ok(made)
}
