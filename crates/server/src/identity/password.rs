//! Password hashes: Argon2id (RFC 9106) behind a bounded pool, so that a flood of logins cannot starve search.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use argon2::password_hash::phc::PasswordHash;
use argon2::password_hash::{PasswordHasher, PasswordVerifier};
use argon2::{Algorithm, Argon2, Params, Version};
use kernel::Category;
use platform::config;
use platform::http::Problem;
use tokio::sync::Semaphore;

use super::password_rules::normal;

/// Hashes and checks passwords, a bounded number at a time.
#[derive(Clone)]
pub struct Hasher(Arc<Inner>);

struct Inner {
    argon2: Argon2<'static>,
    running: Semaphore,
    waiting: AtomicUsize,
    queue: usize,
    /// The hash of no password anybody has: checked for unknown accounts, so that they cost the same.
    decoy: String,
}

impl Hasher {
    /// A pool with the configured cost.
    pub fn new(config: &config::Auth) -> anyhow::Result<Self> {
        let params = Params::new(config.hash_memory_kib, config.hash_passes, 1, None)
            .map_err(|error| anyhow::anyhow!("auth.hash_memory_kib, auth.hash_passes: {error}"))?;
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let decoy = hash(&argon2, "nobody's password")?;
        Ok(Self(Arc::new(Inner {
            argon2,
            running: Semaphore::new(config.hash_parallel.max(1)),
            waiting: AtomicUsize::new(0),
            queue: config.hash_queue,
            decoy,
        })))
    }

    /// The hash to store of a new password.
    pub async fn hash(&self, password: String) -> Result<String, Problem> {
        self.run(move |inner| hash(&inner.argon2, &normal(&password))).await?.map_err(Problem::internal)
    }

    /// Whether the password fits the stored hash; without one the same work is done and the answer is no.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<Fit, Problem> {
        // An account without a password has the hash of none.
        let stored = stored.filter(|hash| !hash.is_empty());
        self.run(move |inner| {
            let (text, password) = (stored.as_deref().unwrap_or(&inner.decoy), normal(&password));
            let parsed = PasswordHash::new(text).ok();
            let fits = parsed
                .as_ref()
                .is_some_and(|parsed| inner.argon2.verify_password(password.as_bytes(), parsed).is_ok());
            if !fits || stored.is_none() {
                return anyhow::Ok(Fit::No);
            }
            let of_today = parsed.is_some_and(|parsed| inner.made_as_today(&parsed));
            let anew = if of_today { None } else { Some(hash(&inner.argon2, &password)?) };
            Ok(Fit::Yes { anew })
        })
        .await?
        .map_err(Problem::internal)
    }

    /// Runs one hash on a thread of its own when its turn comes; refuses when too many wait already.
    async fn run<T: Send + 'static>(
        &self,
        work: impl FnOnce(&Inner) -> T + Send + 'static,
    ) -> Result<T, Problem> {
        let waiting = Waiting::join(&self.0)?;
        let permit = self.0.running.acquire().await.map_err(Problem::internal)?;
        drop(waiting);
        let inner = Arc::clone(&self.0);
        let result = tokio::task::spawn_blocking(move || work(&inner)).await.map_err(Problem::internal);
        drop(permit);
        result
    }
}

/// What became of a check.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    /// The password does not fit, or there is none.
    No,
    /// It does.
    Yes {
        /// Its hash by today's cost, if the stored one was made by another.
        anew: Option<String>,
    },
}

impl Fit {
    /// Whether it fits.
    pub fn is_yes(&self) -> bool {
        *self != Self::No
    }
}

impl Inner {
    /// Whether a hash was made by the cost that is configured now.
    fn made_as_today(&self, stored: &PasswordHash) -> bool {
        let ours = self.argon2.params();
        let same = |params: Params| {
            (params.m_cost(), params.t_cost(), params.p_cost())
                == (ours.m_cost(), ours.t_cost(), ours.p_cost())
        };
        stored.algorithm.as_str() == "argon2id" && Params::try_from(stored).is_ok_and(same)
    }
}

/// A place in the queue, given back however the wait ends.
struct Waiting<'a>(&'a Inner);

impl<'a> Waiting<'a> {
    fn join(inner: &'a Inner) -> Result<Self, Problem> {
        if inner.waiting.fetch_add(1, Ordering::Relaxed) >= inner.queue {
            inner.waiting.fetch_sub(1, Ordering::Relaxed);
            return Err(Problem::new(Category::Unavailable, "busy").retry_after(2));
        }
        Ok(Self(inner))
    }
}

impl Drop for Waiting<'_> {
    fn drop(&mut self) {
        self.0.waiting.fetch_sub(1, Ordering::Relaxed);
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> anyhow::Result<String> {
    let hash =
        argon2.hash_password(password.as_bytes()).map_err(|error| anyhow::anyhow!("hashing: {error}"))?;
    Ok(hash.to_string())
}

#[cfg(test)]
mod tests {
    use std::sync::mpsc;

    use super::*;

    const PARALLEL: usize = 2;
    const QUEUE: usize = 3;

    fn pool() -> Hasher {
        let cheap = config::Auth {
            hash_memory_kib: 64,
            hash_passes: 1,
            hash_parallel: PARALLEL,
            hash_queue: QUEUE,
            ..config::Auth::default()
        };
        Hasher::new(&cheap).expect("a pool")
    }

    /// Each piece of work says that it has begun, and ends when it is told to: however long the machine takes, the numbers are the same.
    #[tokio::test(flavor = "multi_thread")]
    async fn so_many_are_made_at_once_so_many_wait_and_the_rest_is_refused() {
        let (pool, running) = (pool(), Arc::new(AtomicUsize::new(0)));
        let (begun, begins) = mpsc::channel();
        let mut ends = Vec::new();
        let mut at_work = Vec::new();
        let mut start = || {
            let (end, ended) = mpsc::channel::<()>();
            ends.push(end);
            let (pool, running, begun) = (pool.clone(), Arc::clone(&running), begun.clone());
            tokio::spawn(async move {
                pool.run(move |_| {
                    let at_once = running.fetch_add(1, Ordering::SeqCst) + 1;
                    begun.send(at_once).expect("heard");
                    ended.recv().expect("told to end");
                    running.fetch_sub(1, Ordering::SeqCst);
                })
                .await
            })
        };
        for _ in 0..PARALLEL {
            at_work.push(start());
            begins.recv().expect("it begins");
        }
        for waiting in 1..=QUEUE {
            at_work.push(start());
            while pool.0.waiting.load(Ordering::SeqCst) < waiting {
                tokio::task::yield_now().await;
            }
        }
        assert!(begins.try_recv().is_err(), "whoever waits has not begun");
        for _ in 0..3 {
            let refused = pool.run(|_| ()).await.expect_err("the queue is full");
            assert_eq!((refused.code, refused.category), ("busy", Category::Unavailable));
        }
        assert_eq!(pool.0.waiting.load(Ordering::SeqCst), QUEUE, "who was refused does not wait");
        // One after the other comes to its turn, never more than there may be.
        for end in &ends {
            end.send(()).expect("it waits for it");
        }
        for work in at_work {
            work.await.expect("it ended").expect("it was let in");
        }
        let most = begins.try_iter().max();
        assert!(most.is_some_and(|most| most <= PARALLEL), "{most:?}");
        assert_eq!((pool.0.waiting.load(Ordering::SeqCst), running.load(Ordering::SeqCst)), (0, 0));
        pool.run(|_| ()).await.expect("there is room again");
    }

    #[tokio::test]
    async fn who_stops_waiting_gives_the_place_back() {
        let pool = pool();
        let all =
            pool.0.running.acquire_many(u32::try_from(PARALLEL).expect("a few")).await.expect("permits");
        for _ in 0..2 * QUEUE {
            let waits = tokio::time::timeout(std::time::Duration::from_millis(1), pool.run(|_| ())).await;
            assert!(waits.is_err(), "nothing is free");
        }
        assert_eq!(pool.0.waiting.load(Ordering::SeqCst), 0);
        drop(all);
        pool.run(|_| ()).await.expect("there is room");
    }
}
