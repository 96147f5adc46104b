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
