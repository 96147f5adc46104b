//! Which sessions ended before their time, known to every process within seconds: an access token is good for a quarter of an
//! hour, and nobody wants to look up a row for each request to find that it no longer is.
//!
//! Each process reads the latest ends each second. While it cannot, it does not know, and asks for each request instead.

use std::collections::HashSet;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{PoisonError, RwLock};
use std::time::Duration;

use jiff::Timestamp;
use kernel::{ClientId, SessionId};
use moka::policy::EvictionPolicy;
use moka::sync::Cache;
use platform::http::Problem;
use platform::jobs::Job;

use super::Speaker;
use crate::app::App;
use crate::identity::store::{oauth, sessions as store};

/// How often a process reads.
const EVERY: Duration = Duration::from_secs(1);
/// After so long without reading, what is known is too old.
const TRUSTED: i64 = 4_000;
/// What is read again each time: longer than a transaction that ends a session can take to commit.
const OVERLAP: f64 = 60.0;
/// What ended is remembered so much longer than an access token lives.
const MARGIN: Duration = Duration::from_mins(2);
const MOST: u64 = 1_000_000;

/// The sessions that ended lately.
pub struct EndedSessions {
    ended: Cache<SessionId, ()>,
    /// Programs that are disabled, with all their sessions.
    disabled: RwLock<HashSet<ClientId>>,
    /// When they were last read, in milliseconds of the process' own steady clock; 0 is never.
    read_at: AtomicI64,
    began: std::time::Instant,
    kept: Duration,
}

impl EndedSessions {
    /// For access tokens of this life.
    pub fn new(token_life: Duration) -> Self {
        let kept = token_life + MARGIN;
        Self {
            ended: remembered(MOST, kept),
            disabled: RwLock::default(),
            read_at: AtomicI64::new(0),
            began: std::time::Instant::now(),
            kept,
        }
    }

    /// These ended: this process knows at once.
    pub(in crate::identity) fn add(&self, sessions: &[SessionId]) {
        for session in sessions {
            self.ended.insert(*session, ());
        }
    }

    /// Takes for true from now on that what is known is all there is: where no database says more.
    pub(crate) fn believe(&self) {
        self.read_at.store(i64::MAX, Ordering::Relaxed);
    }

    /// A program was disabled, or enabled again: this process knows at once.
    pub(in crate::identity) fn disable(&self, client: ClientId, disabled: bool) {
        let mut known = self.disabled.write().unwrap_or_else(PoisonError::into_inner);
        if disabled {
            known.insert(client);
        } else {
            known.remove(&client);
        }
    }

    fn is_disabled(&self, client: ClientId) -> bool {
        self.disabled.read().unwrap_or_else(PoisonError::into_inner).contains(&client)
    }

    /// Whether its end was heard of.
    pub(in crate::identity) fn heard_of(&self, session: SessionId) -> bool {
        self.ended.contains_key(&session)
    }

    /// Whether what is known is fresh enough to say who is on.
    pub(in crate::identity) fn knows(&self) -> bool {
        let read_at = self.read_at.load(Ordering::Relaxed);
        read_at > 0 && self.millis() - read_at < TRUSTED
    }

    /// Whether the end of the session, or of its program, was heard of.
    pub(in crate::identity) fn is_over(&self, session: SessionId, client: Option<ClientId>) -> bool {
        self.heard_of(session) || client.is_some_and(|client| self.is_disabled(client))
    }

    /// Whether it ended, as far as is known; `None` when what is known is too old to say.
    fn has(&self, session: SessionId) -> Option<bool> {
        if self.heard_of(session) {
            return Some(true);
        }
        self.knows().then_some(false)
    }

    fn millis(&self) -> i64 {
        i64::try_from(self.began.elapsed().as_millis()).unwrap_or(i64::MAX).saturating_add(1)
    }

    async fn follow(&self, app: &App) -> anyhow::Result<()> {
        let now = self.millis();
        // What ended since the last time, however long ago that is; before the first, as long as a token lives.
        let seconds = match self.read_at.load(Ordering::Relaxed) {
            0 => self.kept.as_secs_f64(),
            read_at => (now - read_at) as f64 / 1_000.0 + OVERLAP,
        };
        let sql = app.db.read().await?;
        self.add(&store::ended_within(&sql, seconds).await?);
        let disabled = oauth::disabled(&sql).await?.into_iter().collect();
        *self.disabled.write().unwrap_or_else(PoisonError::into_inner) = disabled;
        self.read_at.store(now, Ordering::Relaxed);
        Ok(())
    }
}

/// The latest of them, whatever is asked for: the policy that is usual turns away what is new for what is asked for often, and of
/// sessions that ended none may be turned away.
fn remembered(most: u64, kept: Duration) -> Cache<SessionId, ()> {
    Cache::builder().max_capacity(most).time_to_live(kept).eviction_policy(EvictionPolicy::lru()).build()
}

/// Whether the session an access token belongs to is still on.
pub(in crate::identity) async fn is_on(
    app: &App,
    speaker: &Speaker,
    now: Timestamp,
) -> Result<bool, Problem> {
    if speaker.client.is_some_and(|client| app.ended.is_disabled(client)) {
        return Ok(false);
    }
    if let Some(ended) = app.ended.has(speaker.session) {
        return Ok(!ended);
    }
    let sql = app.db.read().await?;
    Ok(store::find(&sql, (speaker.user, speaker.session), now).await?.is_some())
}

/// The job of a serving process that keeps it knowing.
pub fn follow_job(app: &App) -> Job {
    let app = app.clone();
    Job::new("follow_ended_sessions", EVERY, move || {
        let app = app.clone();
        async move {
            app.ended.follow(&app).await?;
            Ok(0)
        }
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_that_just_ended_is_never_turned_away() {
        let session = |number: u8| SessionId::new(Timestamp::UNIX_EPOCH, [number; 10]);
        let ended = remembered(10, Duration::from_mins(15));
        for number in 0..10 {
            ended.insert(session(number), ());
        }
        for _ in 0..100 {
            assert!(
                (0..10)
                    .all(|number| ended.contains_key(&session(number))
                        && ended.get(&session(number)).is_some())
            );
        }
        ended.run_pending_tasks();
        ended.insert(session(10), ());
        ended.run_pending_tasks();
        assert!(ended.contains_key(&session(10)));
    }
}
