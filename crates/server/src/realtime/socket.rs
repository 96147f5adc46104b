//! A socket from its opening to its end: one task, which reads, writes, and waits for nobody longer than it must.

use std::collections::HashMap;
use std::sync::Arc;
use std::time::Duration;

use axum::extract::ws::{CloseFrame, Message, WebSocket};
use platform::http::Problem;
use platform::hub::{Cut, Place, Queue};
use platform::limits::{LimitClass, Principal};
use tokio::time::{Instant, MissedTickBehavior};

use super::store;
use super::topics::Topic;
use super::wire::{self, Begun, Close, Said, Told};
use crate::access::Caller;
use crate::app::App;
use crate::identity;

/// A write that the other end does not take for so long is its last.
const WRITE_TIME: Duration = Duration::from_secs(10);
/// How long an end that was told why may take to go.
const GOING_TIME: Duration = Duration::from_secs(2);
/// More than so many messages that were missed are not told one by one.
const REPLAYED_MOST: i64 = 1_000;
/// The longest message of a client, bytes.
pub(super) const SAID_MAX: usize = 4_096;
/// Messages of a client at once, and then so many a second.
const SAID_AT_ONCE: f64 = 150.0;
const SAID_A_SECOND: f64 = 5.0;

/// What a socket is attended with.
pub(super) struct Attending {
    pub(super) app: App,
    pub(super) caller: Caller,
    pub(super) place: Arc<Place<Caller, Told>>,
}

/// How it ends: closed by us for a reason, or gone.
enum End {
    Closed(Close),
    Gone,
}

/// What a socket remembers.
struct Standing {
    /// The number each topic was told up to.
    topics: HashMap<Arc<str>, i64>,
    opened: Instant,
    heard: Instant,
    /// How much it may say.
    allowed: f64,
    counted: Instant,
}

impl Attending {
    pub(super) async fn attend(self, mut socket: WebSocket, mut queue: Queue<Told>) {
        let end = match self.converse(&mut socket, &mut queue).await {
            Ok(never) => match never {},
            Err(end) => end,
        };
        let why = match end {
            End::Gone => "gone",
            End::Closed(close) => {
                say_goodbye(&mut socket, close).await;
                close.word()
            }
        };
        metrics::counter!("live_closed_total", "why" => why).increment(1);
        tracing::debug!(user.id = %self.caller.user, why, "a socket ended");
    }

    /// Until it ends.
    async fn converse(
        &self,
        socket: &mut WebSocket,
        queue: &mut Queue<Told>,
    ) -> Result<std::convert::Infallible, End> {
        let now = Instant::now();
        let mut standing =
            Standing { topics: HashMap::new(), opened: now, heard: now, allowed: SAID_AT_ONCE, counted: now };
        let every = Duration::from_secs(self.app.config.live.ping_seconds.max(1));
        let mut tick = tokio::time::interval_at(now + every, every);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        self.send(socket, Message::Text(wire::welcome(every.as_secs()))).await?;
        loop {
            tokio::select! {
                cut = self.place.cut() => return Err(End::Closed(reason(cut))),
                Some(message) = queue.recv() => {
                    let told = standing.topics.get_mut(&message.topic).filter(|told| **told < message.number);
                    if let Some(told) = told {
                        *told = message.number;
                        self.send(socket, Message::Text(message.told.clone())).await?;
                        metrics::counter!("live_sent_total").increment(1);
                    }
                }
                received = socket.recv() => self.hear(socket, &mut standing, received).await?,
                _ = tick.tick() => self.look(socket, &standing, every).await?,
            }
        }
    }

    /// Writes, unless the other end does not read or is cut meanwhile.
    async fn send(&self, socket: &mut WebSocket, message: Message) -> Result<(), End> {
        tokio::select! {
            biased;
            cut = self.place.cut() => Err(End::Closed(reason(cut))),
            sent = tokio::time::timeout(WRITE_TIME, socket.send(message)) => match sent {
                Ok(Ok(())) => Ok(()),
                Ok(Err(_)) => Err(End::Gone),
                Err(_) => Err(End::Closed(Close::Refetch)),
            },
        }
    }

    /// Whether it is still there and may stay.
    async fn look(&self, socket: &mut WebSocket, standing: &Standing, every: Duration) -> Result<(), End> {
        if standing.heard.elapsed() > every * 2 {
            return Err(End::Closed(Close::Silent));
        }
        if standing.opened.elapsed() > Duration::from_secs(60 * self.app.config.live.life_minutes) {
            return Err(End::Closed(Close::Renew));
        }
        self.send(socket, Message::Ping(bytes::Bytes::new())).await
    }

    async fn hear(
        &self,
        socket: &mut WebSocket,
        standing: &mut Standing,
        received: Option<Result<Message, axum::Error>>,
    ) -> Result<(), End> {
        // Far too long, not UTF-8, or no frame at all: nothing more can be understood of it.
        let Some(Ok(message)) = received else { return Err(End::Gone) };
        standing.heard = Instant::now();
        if !standing.may_say() {
            return Err(End::Closed(Close::TooMuch));
        }
        match message {
            Message::Text(text) if text.len() > SAID_MAX => Err(End::Closed(Close::TooLong)),
            Message::Text(text) => self.answer(socket, standing, text.as_str()).await,
            Message::Binary(_) => Err(End::Closed(Close::NotText)),
            Message::Close(_) => Err(End::Gone),
            Message::Ping(_) | Message::Pong(_) => Ok(()),
        }
    }

    async fn answer(&self, socket: &mut WebSocket, standing: &mut Standing, text: &str) -> Result<(), End> {
        let said = wire::read(text);
        let told = match said {
            None => wire::refused(wire::topic_of(text).as_deref(), "malformed"),
            Some(Said::Ping) => wire::pong(),
            Some(Said::Unsubscribe { topic }) => {
                if let Some(known) = Topic::parse(&topic, &self.caller) {
                    self.place.leave(&known.key());
                    standing.topics.remove(&known.key());
                }
                wire::left(&topic)
            }
            Some(Said::Subscribe { topic, after }) => {
                return match self.subscribe(standing, &topic, after).await {
                    Ok((begun, missed)) => {
                        self.send(socket, Message::Text(wire::begun(&topic, begun))).await?;
                        for message in missed {
                            self.send(socket, Message::Text(message)).await?;
                        }
                        Ok(())
                    }
                    Err(problem) => {
                        if let Some(cause) = problem.cause() {
                            tracing::error!(cause = format!("{cause:#}"), "a subscription failed");
                        }
                        self.send(socket, Message::Text(wire::refused(Some(&topic), problem.code))).await
                    }
                };
            }
        };
        self.send(socket, Message::Text(told)).await
    }

    /// Listens to a topic, and reads what was missed since a number. The hub tells what comes after the number it says; the log has what
    /// is up to it.
    async fn subscribe(
        &self,
        standing: &mut Standing,
        word: &str,
        after: Option<i64>,
    ) -> Result<(Begun, Vec<Told>), Problem> {
        let topic = Topic::parse(word, &self.caller).ok_or_else(Problem::not_found)?;
        // What was missed is not told either while it is not known whose session has ended.
        if !identity::api::knows_who_is_on(&self.app) || identity::api::has_ended(&self.app, &self.caller) {
            return Err(Problem::new(kernel::Category::Unavailable, "busy").retry_after(1));
        }
        // It is a request as others are: counted for the account, whichever of its sockets it comes by, and let in where there is room.
        self.app.limits.check(LimitClass::Live, &Principal::Account(self.caller.user.uuid())).await?;
        let _inside = self.app.admission.enter(LimitClass::Live.worth())?;
        let sql = self.app.db.read().await?;
        topic.allow(&self.app, &sql, &self.caller).await?;
        let key = topic.key();
        let full = || Problem::new(kernel::Category::TooMany, "too_many_topics");
        let told = self.place.listen(&key).ok_or_else(full)?;
        let Some(after) = after else {
            standing.topics.insert(key, told);
            return Ok((Begun::After(told), Vec::new()));
        };
        // What cannot be told whole is not read; a number nobody has given is of another database.
        let (head, floor) = store::head(&sql).await?;
        if after < floor || after > head {
            standing.topics.insert(key, told);
            return Ok((Begun::Refetch(told), Vec::new()));
        }
        let missed = store::of_topic(&sql, &key, (after, told), REPLAYED_MOST + 1).await?;
        // Once more: what was forgotten while the rows were read is seen to be.
        let (_, floor) = store::head(&sql).await?;
        let too_many = i64::try_from(missed.len()).is_ok_and(|count| count > REPLAYED_MOST);
        if after < floor || too_many {
            standing.topics.insert(key, told);
            return Ok((Begun::Refetch(told), Vec::new()));
        }
        // It may come from a process that is ahead of this one: it is not told again what it has.
        standing.topics.insert(key, told.max(after));
        Ok((Begun::After(after), missed.iter().map(wire::told).collect()))
    }
}

impl Standing {
    /// Counts a message; whether it may be.
    fn may_say(&mut self) -> bool {
        let now = Instant::now();
        let earned = now.duration_since(self.counted).as_secs_f64() * SAID_A_SECOND;
        self.counted = now;
        self.allowed = (self.allowed + earned).min(SAID_AT_ONCE) - 1.0;
        self.allowed >= 0.0
    }
}

const fn reason(cut: Cut) -> Close {
    match cut {
        Cut::Slow | Cut::Lost => Close::Refetch,
        Cut::Ended => Close::Ended,
        Cut::Stopping => Close::Restart,
    }
}

/// Says why, and lets the other end answer for a moment: what it sent meanwhile must not make its system throw our word away.
async fn say_goodbye(socket: &mut WebSocket, close: Close) {
    let frame = CloseFrame { code: close.code(), reason: close.word().into() };
    let going = async {
        if socket.send(Message::Close(Some(frame))).await.is_ok() {
            while let Some(Ok(_)) = socket.recv().await {}
        }
    };
    let _ = tokio::time::timeout(GOING_TIME, going).await;
}
