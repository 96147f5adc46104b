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
        self.run(move |inner| hash(&inner.argon2, &password)).await?.map_err(Problem::internal)
    }

    /// Whether the password fits the stored hash; without one the same work is done and the answer is no.
    pub async fn verify(&self, password: String, stored: Option<String>) -> Result<bool, Problem> {
        self.run(move |inner| {
            let text = stored.as_deref().unwrap_or(&inner.decoy);
            let fits = PasswordHash::new(text)
                .is_ok_and(|parsed| inner.argon2.verify_password(password.as_bytes(), &parsed).is_ok());
            fits && stored.is_some()
        })
        .await
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
