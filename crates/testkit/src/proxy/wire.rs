//! As much of PostgreSQL's protocol (version 3, "Message Formats" in its manual) as it takes to see where statements begin and
//! where their answers end.

use std::collections::HashMap;
use std::io;
use std::sync::Arc;

use tokio::io::{AsyncRead, AsyncReadExt};

/// A message of either side: a type byte, a length that counts itself, and the rest.
pub(super) struct Message {
    pub(super) kind: u8,
    /// As it travelled, with type and length.
    pub(super) bytes: Vec<u8>,
}

impl Message {
    /// The next message; `None` when the other side has closed between two messages.
    pub(super) async fn read(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Option<Self>> {
        let mut head = [0; 5];
        if from.read(&mut head[..1]).await? == 0 {
            return Ok(None);
        }
        from.read_exact(&mut head[1..]).await?;
        let length = u32::from_be_bytes([head[1], head[2], head[3], head[4]]) as usize;
        let mut bytes = head.to_vec();
        bytes.resize(length + 1, 0);
        from.read_exact(&mut bytes[5..]).await?;
        Ok(Some(Self { kind: head[0], bytes }))
    }

    /// A statement without parameters.
    pub(super) fn query(sql: &str) -> Self {
        let text = [sql.as_bytes(), &[0]].concat();
        let length = u32::try_from(text.len() + 4).unwrap_or(u32::MAX).to_be_bytes();
        Self { kind: b'Q', bytes: [&b"Q"[..], &length, &text].concat() }
    }

    fn body(&self) -> &[u8] {
        &self.bytes[5..]
    }

    /// The process of the server, in its `BackendKeyData`.
    pub(super) fn backend(&self) -> Option<i32> {
        let pid = self.body().get(..4)?;
        (self.kind == b'K').then(|| i32::from_be_bytes([pid[0], pid[1], pid[2], pid[3]]))
    }
}

/// The first message of a client has no type.
pub(super) async fn read_startup(from: &mut (impl AsyncRead + Unpin)) -> io::Result<Vec<u8>> {
    let mut bytes = vec![0; 4];
    from.read_exact(&mut bytes).await?;
    let length = u32::from_be_bytes([bytes[0], bytes[1], bytes[2], bytes[3]]) as usize;
    bytes.resize(length, 0);
    from.read_exact(&mut bytes[4..]).await?;
    Ok(bytes)
}

/// The statements a connection has prepared, by name.
#[derive(Default)]
pub(super) struct Prepared(HashMap<Vec<u8>, Arc<str>>);

impl Prepared {
    /// The statement that this message has the server run, if it does.
    pub(super) fn statement(&mut self, message: &Message) -> Option<Arc<str>> {
        let mut texts = message.body().split(|byte| *byte == 0);
        match message.kind {
            b'Q' => Some(text(texts.next()?)),
            b'P' => {
                let name = texts.next()?.to_vec();
                self.0.insert(name, text(texts.next()?));
                None
            }
            b'B' => {
                let _portal = texts.next()?;
                self.0.get(texts.next()?).cloned()
            }
            _ => None,
        }
    }
}

fn text(bytes: &[u8]) -> Arc<str> {
    String::from_utf8_lossy(bytes).split_whitespace().collect::<Vec<_>>().join(" ").into()
}
