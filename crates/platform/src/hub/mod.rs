//! A hub of sockets: who listens to which topic, and a queue of bounded length to each.
//!
//! Messages have numbers without a gap, and come to the hub in their order. Telling never waits: a socket whose queue is full is cut,
//! and told nothing more, so that what it was told is all there was up to some number. Whoever begins to listen learns from which
//! number on; what lay before is read elsewhere. The hub knows neither what messages say nor who may hear them.

#[cfg(test)]
mod tests;

use std::collections::{HashMap, HashSet};
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use tokio::sync::mpsc::{self, Receiver, Sender};
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;
use tokio_util::task::task_tracker::TaskTrackerToken;
use uuid::Uuid;

/// How much of everything.
#[derive(Clone, Copy, Debug)]
pub struct Limits {
    /// Sockets in all.
    pub sockets: usize,
    /// Sockets of one account.
    pub of_account: usize,
    /// Topics of one socket.
    pub topics: usize,
    /// Messages that wait for one socket.
    pub queue: usize,
}

/// Something to tell whoever listens to a topic.
#[derive(Debug)]
pub struct Message<T> {
    /// Its number.
    pub number: i64,
    /// What it is about.
    pub topic: Arc<str>,
    /// What to tell, made once for all.
    pub told: T,
}

/// Why a socket is cut from outside.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Cut {
    /// It read so slowly that its queue was full.
    Slow,
    /// Messages are gone that nobody was told.
    Lost,
    /// Whoever it is may hear nothing any more.
    Ended,
    /// The process stops.
    Stopping,
}

/// Why somebody cannot come in.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refused {
    /// As many sockets are open as there may be, or the process stops or has just begun.
    Full,
    /// As many of the account are.
    TooMany,
}

/// The hub. `W` is what is known of whoever is at a socket, `T` what they are told.
pub struct Hub<W, T> {
    state: Mutex<State<W, T>>,
    limits: Limits,
    tasks: TaskTracker,
}

struct State<W, T> {
    /// The number that everybody was told up to; nothing before the first.
    told: Option<i64>,
    next: u64,
    stopping: bool,
    sockets: HashMap<u64, Listener<W, T>>,
    accounts: HashMap<Uuid, usize>,
    topics: HashMap<Arc<str>, HashSet<u64>>,
}

struct Listener<W, T> {
    account: Uuid,
    who: W,
    queue: Sender<Arc<Message<T>>>,
    topics: HashSet<Arc<str>>,
    cut: Arc<Cord>,
    /// Messages that went into its queue, and those that had come out when it was looked at last.
    put: usize,
    taken: usize,
}

/// What a socket is cut by: why, once, and the signal.
#[derive(Default)]
struct Cord {
    why: OnceLock<Cut>,
    signal: CancellationToken,
}

impl Cord {
    fn pull(&self, why: Cut) {
        // The first reason counts.
        let _ = self.why.set(why);
        self.signal.cancel();
    }
}

/// A socket's place; given back when it is dropped.
pub struct Place<W, T> {
    hub: Arc<Hub<W, T>>,
    id: u64,
    cut: Arc<Cord>,
    _open: TaskTrackerToken,
}

/// What waits for a socket, in order.
pub type Queue<T> = Receiver<Arc<Message<T>>>;

impl<W, T> Hub<W, T> {
    /// An empty one.
    pub fn new(limits: Limits) -> Self {
        let state = State {
            told: None,
            next: 0,
            stopping: false,
            sockets: HashMap::new(),
            accounts: HashMap::new(),
            topics: HashMap::new(),
        };
        Self { state: Mutex::new(state), limits, tasks: TaskTracker::new() }
    }

    fn lock(&self) -> MutexGuard<'_, State<W, T>> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A place for one more socket of the account.
    pub fn enter(self: &Arc<Self>, account: Uuid, who: W) -> Result<(Place<W, T>, Queue<T>), Refused> {
        let mut state = self.lock();
        if state.stopping || state.told.is_none() || state.sockets.len() >= self.limits.sockets {
            return Err(Refused::Full);
        }
        let count = state.accounts.entry(account).or_default();
        if *count >= self.limits.of_account {
            return Err(Refused::TooMany);
        }
        *count += 1;
        let (sender, queue) = mpsc::channel(self.limits.queue);
        let (id, cut) = (state.next, Arc::new(Cord::default()));
        state.next += 1;
        let listener = Listener {
            account,
            who,
            queue: sender,
            topics: HashSet::new(),
            cut: Arc::clone(&cut),
            put: 0,
            taken: 0,
        };
        state.sockets.insert(id, listener);
        Ok((Place { hub: Arc::clone(self), id, cut, _open: self.tasks.token() }, queue))
    }

    /// How many sockets are open.
    pub fn open(&self) -> usize {
        self.lock().sockets.len()
    }

    /// The number up to which everybody was told; nothing before the first.
    pub fn told(&self) -> Option<i64> {
        self.lock().told
    }

    /// Begins after a number, or goes on to it while nobody is there to be told; whether it did.
    pub fn begin_after(&self, number: i64) -> bool {
        let mut state = self.lock();
        let may = state.sockets.is_empty();
        if may {
            state.told = Some(number);
        }
        may
    }

    /// What lies up to a number is gone, and nobody knows who should have been told what: all are cut.
    pub fn lost_until(&self, number: i64) {
        let mut state = self.lock();
        state.told = Some(number);
        let ids: Vec<u64> = state.sockets.keys().copied().collect();
        for id in ids {
            state.cut(id, Cut::Lost);
        }
    }

    /// Tells a message to whoever listens, without waiting; how many that were. One that was told is not told again.
    pub fn tell(&self, message: &Arc<Message<T>>) -> usize {
        let mut state = self.lock();
        if state.told.is_some_and(|told| message.number <= told) {
            return 0;
        }
        state.told = Some(message.number);
        let State { topics, sockets, .. } = &mut *state;
        let ids = topics.get(&message.topic);
        let tell = |id: &u64| {
            let listener = sockets.get_mut(id)?;
            listener.put += 1;
            listener.queue.try_send(Arc::clone(message)).is_err().then_some(*id)
        };
        let count = ids.map_or(0, HashSet::len);
        let slow: Vec<u64> = ids.into_iter().flatten().filter_map(tell).collect();
        for id in &slow {
            state.cut(*id, Cut::Slow);
        }
        count - slow.len()
    }

    /// Whether somebody's queue is half full who reads: has taken something out of it since this was asked last.
    pub fn is_crowded(&self) -> bool {
        let mut state = self.lock();
        let mut crowded = false;
        for listener in state.sockets.values_mut() {
            let waiting = listener.queue.max_capacity() - listener.queue.capacity();
            let taken = listener.put.saturating_sub(waiting);
            crowded |= waiting * 2 > listener.queue.max_capacity() && taken > listener.taken;
            listener.taken = taken;
        }
        crowded
    }

    /// Cuts whoever may hear nothing any more; how many those were.
    pub fn end(&self, is_over: impl Fn(&W) -> bool) -> usize {
        let mut state = self.lock();
        let over = state.sockets.iter().filter(|(_, listener)| is_over(&listener.who));
        let over: Vec<u64> = over.map(|(id, _)| *id).collect();
        for id in &over {
            state.cut(*id, Cut::Ended);
        }
        over.len()
    }

    /// Lets nobody in any more, cuts all, and waits until they are gone.
    pub async fn stop(&self) {
        {
            let mut state = self.lock();
            state.stopping = true;
            let ids: Vec<u64> = state.sockets.keys().copied().collect();
            for id in ids {
                state.cut(id, Cut::Stopping);
            }
        }
        self.tasks.close();
        self.tasks.wait().await;
    }
}

impl<W, T> State<W, T> {
    /// It is told nothing from here on. It keeps its place until it is gone.
    fn cut(&mut self, id: u64, why: Cut) {
        let Some(listener) = self.sockets.get_mut(&id) else { return };
        listener.cut.pull(why);
        for topic in std::mem::take(&mut listener.topics) {
            self.forget(&topic, id);
        }
    }

    fn forget(&mut self, topic: &Arc<str>, id: u64) {
        if let Some(ids) = self.topics.get_mut(topic) {
            ids.remove(&id);
            if ids.is_empty() {
                self.topics.remove(topic);
            }
        }
    }
}

impl<W, T> Place<W, T> {
    /// Listens to a topic: what has a higher number than the one returned comes by the queue. `None` if it listens to as many as it may.
    pub fn listen(&self, topic: &Arc<str>) -> Option<i64> {
        let mut state = self.hub.lock();
        let told = state.told.unwrap_or(0);
        let listener = state.sockets.get_mut(&self.id)?;
        // Whoever was cut is told nothing, and hears of it at once.
        if self.cut.signal.is_cancelled() {
            return Some(told);
        }
        if !listener.topics.contains(topic) && listener.topics.len() >= self.hub.limits.topics {
            return None;
        }
        listener.topics.insert(Arc::clone(topic));
        state.topics.entry(Arc::clone(topic)).or_default().insert(self.id);
        Some(told)
    }

    /// Listens to it no more.
    pub fn leave(&self, topic: &Arc<str>) {
        let mut state = self.hub.lock();
        if state.sockets.get_mut(&self.id).is_some_and(|listener| listener.topics.remove(topic)) {
            state.forget(topic, self.id);
        }
    }

    /// Waits until it is cut, and says why.
    pub async fn cut(&self) -> Cut {
        self.cut.signal.cancelled().await;
        self.cut.why.get().copied().unwrap_or(Cut::Stopping)
    }
}

impl<W, T> Drop for Place<W, T> {
    fn drop(&mut self) {
        let mut state = self.hub.lock();
        let Some(listener) = state.sockets.remove(&self.id) else { return };
        for topic in &listener.topics {
            state.forget(topic, self.id);
        }
        if let Some(count) = state.accounts.get_mut(&listener.account) {
            *count -= 1;
            if *count == 0 {
                state.accounts.remove(&listener.account);
            }
        }
    }
}
