//! A client of sockets.

use std::net::SocketAddr;
use std::time::Duration;

use futures_util::{SinkExt, StreamExt};
use serde_json::{Value, json};
use tokio::net::TcpStream;
use tokio_tungstenite::WebSocketStream;
use tokio_tungstenite::tungstenite::client::IntoClientRequest;
use tokio_tungstenite::tungstenite::http::HeaderValue;
use tokio_tungstenite::tungstenite::{Error, Message};

/// Long against what a local answer takes.
const PATIENCE: Duration = Duration::from_secs(20);

/// An open socket.
pub(super) struct Client {
    stream: WebSocketStream<TcpStream>,
}

/// How a socket ended.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Ended {
    With(u16),
    Gone,
}

impl Client {
    /// Opened with an access token.
    pub(super) async fn open(address: SocketAddr, token: &str) -> Result<Self, u16> {
        Self::with(address, &[("authorization", &format!("Bearer {token}"))]).await
    }

    /// Opened with these headers, or refused with a status.
    pub(super) async fn with(address: SocketAddr, headers: &[(&'static str, &str)]) -> Result<Self, u16> {
        let mut request = format!("ws://{address}/api/v1/live").into_client_request().expect("a request");
        for (name, value) in headers {
            request.headers_mut().append(*name, HeaderValue::from_str(value).expect("a value"));
        }
        let socket = TcpStream::connect(address).await.expect("a connection");
        match tokio_tungstenite::client_async(request, socket).await {
            Ok((stream, _)) => {
                let mut client = Self { stream };
                assert_eq!(client.next().await["type"], "welcome");
                Ok(client)
            }
            Err(Error::Http(answer)) => Err(answer.status().as_u16()),
            Err(error) => panic!("{error}"),
        }
    }

    pub(super) async fn say(&mut self, what: Value) {
        self.send(Message::text(what.to_string())).await;
    }

    pub(super) async fn send(&mut self, message: Message) {
        // What a server that has hung up does not read any more is no matter.
        let _ = self.stream.send(message).await;
    }

    /// The next thing it is told.
    pub(super) async fn next(&mut self) -> Value {
        match self.hear().await {
            Ok(told) => told,
            Err(ended) => panic!("it ended: {ended:?}"),
        }
    }

    async fn hear(&mut self) -> Result<Value, Ended> {
        loop {
            let message = tokio::time::timeout(PATIENCE, self.stream.next()).await.expect("something comes");
            match message {
                Some(Ok(Message::Text(text))) => {
                    return Ok(serde_json::from_str(text.as_str()).expect("JSON"));
                }
                Some(Ok(Message::Close(frame))) => {
                    return Err(frame.map_or(Ended::Gone, |frame| Ended::With(frame.code.into())));
                }
                Some(Ok(_)) => {}
                Some(Err(_)) | None => return Err(Ended::Gone),
            }
        }
    }

    /// Listens, and says how that began.
    pub(super) async fn listen(&mut self, topic: &str, after: Option<i64>) -> Value {
        self.say(json!({"type": "subscribe", "topic": topic, "after": after})).await;
        loop {
            let told = self.next().await;
            if told["type"] != "event" {
                return told;
            }
        }
    }

    /// All that came by now: what a ping overtakes nothing of is answered last.
    pub(super) async fn all(&mut self) -> Vec<Value> {
        self.say(json!({"type": "ping"})).await;
        let mut told = Vec::new();
        loop {
            match self.next().await {
                pong if pong["type"] == "pong" => return told,
                message => told.push(message),
            }
        }
    }

    /// The next so many.
    pub(super) async fn take(&mut self, count: usize) -> Vec<Value> {
        let mut told = Vec::new();
        while told.len() < count {
            told.push(self.next().await);
        }
        told
    }

    /// How it ends, and what comes before.
    pub(super) async fn until_end(&mut self, told: &mut Vec<Value>) -> Ended {
        loop {
            match self.hear().await {
                Ok(message) => told.push(message),
                Err(ended) => return ended,
            }
        }
    }

    /// How it ends, whatever comes before.
    pub(super) async fn end(&mut self) -> Ended {
        loop {
            if let Err(ended) = self.hear().await {
                return ended;
            }
        }
    }
}
