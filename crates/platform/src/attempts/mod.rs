//! Attempts that are counted for all processes together, in PostgreSQL: guesses of a password or a code, mails to an address.
//!
//! The generic cell rate algorithm, as in [`crate::limits`]: so many at once, and then one after each pause. What is counted is known
//! by a keyed hash, so the table says nothing of whom it is about. Losing the last moments in a crash loses some counts,
//! so nobody waits for the disk.

mod store;

use std::time::Duration;

use jiff::{SignedDuration, Timestamp};

use crate::db::{Db, DbError, Sql, Tx};
use crate::seal::Sealer;

/// How often something may be tried: `burst` at once, then one `every` so long. In any hour that is at most
/// `burst + 3600 s / every`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rule {
    /// Keeps different things apart.
    pub name: &'static str,
    /// At once.
    pub burst: i32,
    /// Then one each so long.
    pub every: SignedDuration,
}

/// An attempt that was counted.
#[derive(Clone, Debug)]
pub struct Attempt {
    rule: Rule,
    subject: Vec<u8>,
}

/// Too many: wait so long.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Wait(pub Duration);

impl Wait {
    /// In whole seconds, rounded up.
    pub fn seconds(self) -> u64 {
        self.0.as_secs() + u64::from(self.0.subsec_nanos() > 0)
    }
}

impl Attempt {
    /// Of this rule, on `who`: any bytes, such as a blind index.
    pub fn new(sealer: &Sealer, rule: Rule, who: &[u8]) -> Self {
        let subject = sealer.fingerprint("attempt", &[rule.name.as_bytes(), b"|", who].concat());
        Self { rule, subject }
    }

    /// Counts it if it may be made now. What is refused costs a look and no write.
    pub async fn take(&self, db: &Db, now: Timestamp) -> Result<Result<(), Wait>, DbError> {
        let Rule { burst, every, .. } = self.rule;
        let latest = now + every * burst;
        let tx = db.begin_unflushed().await?;
        let free_at = store::free_at(&tx, &self.subject).await?.map_or(now, |at| at.max(now));
        if free_at + every <= latest
            && store::take(&tx, &self.subject, every.as_secs_f64(), now, latest).await?
        {
            tx.commit().await?;
            return Ok(Ok(()));
        }
        Ok(Err(Self::until(free_at + every, latest)))
    }

    /// Counts something that has happened, in the transaction in which it did: at most until one more than the rule lets would have to wait.
    pub async fn count(&self, tx: &Tx, now: Timestamp) -> Result<(), DbError> {
        let Rule { burst, every, .. } = self.rule;
        store::count(tx, &self.subject, every.as_secs_f64(), now, now + every * burst).await
    }

    /// How long to wait until there is room for another one, if there is none now. It counts nothing.
    pub async fn look(&self, sql: &Sql, now: Timestamp) -> Result<Option<Wait>, DbError> {
        let Rule { burst, every, .. } = self.rule;
        let free_at = store::free_at(sql, &self.subject).await?.map_or(now, |at| at.max(now));
        let latest = now + every * burst;
        Ok((free_at + every > latest).then(|| Self::until(free_at + every, latest)))
    }

    fn until(at: Timestamp, from: Timestamp) -> Wait {
        Wait(Duration::try_from(at.duration_since(from)).unwrap_or_default().max(Duration::from_secs(1)))
    }

    /// Takes the count back: it was no guess.
    pub async fn give_back(&self, db: &Db) -> Result<(), DbError> {
        let tx = db.begin_unflushed().await?;
        store::give_back(&tx, &self.subject, self.rule.every.as_secs_f64()).await?;
        tx.commit().await
    }
}

/// Forgets what no longer counts, some at a time; how many.
pub async fn prune(sql: &Sql, now: Timestamp, most: i64) -> Result<u64, DbError> {
    store::prune(sql, now, most).await
}
