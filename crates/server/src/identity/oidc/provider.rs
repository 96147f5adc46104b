//! A provider: what the settings say of it, and conversations with it. Each call has a time-out and goes through the provider's
//! circuit breaker; answers are short, redirects are not followed, and no connection of the database is held meanwhile.

use std::net::SocketAddr;
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

use anyhow::{Context, ensure};
use jiff::{SignedDuration, Timestamp};
use jsonwebtoken::{Algorithm, DecodingKey};
use platform::breaker::{self, Breaker};
use platform::config::{self, Config, Mode};
use platform::tls;
use reqwest::RequestBuilder;
use reqwest::dns::{Addrs, Name, Resolve, Resolving};
use serde::Deserialize;
use serde_json::Value;
use url::form_urlencoded::byte_serialize;

use super::id_token::{self, About, Expected};
use super::keys::Keys;
use super::metadata::{ClientAuth, Metadata, Reach};

/// Longest answer that is read.
const ANSWER_MAX: usize = 64 * 1024;
/// How long what a provider says of itself, and its keys, are believed.
const BELIEVED: SignedDuration = SignedDuration::from_hours(1);
/// A key that is not among those that were read less than this ago is nobody's; later they are read again.
const KEYS_REST: SignedDuration = SignedDuration::from_mins(1);

/// Why a conversation came to nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Trouble {
    /// No answer, or none that says anything; how long to wait, in seconds, where that is known.
    Away(u64),
    /// An answer that cannot be believed, in a word.
    Untrue(&'static str),
}

impl Trouble {
    /// The word for logs.
    pub(super) const fn word(self) -> &'static str {
        match self {
            Self::Away(_) => "away",
            Self::Untrue(word) => word,
        }
    }
}

/// What a browser brought back, and what it is checked with.
pub(super) struct Returned<'a> {
    pub(super) code: &'a str,
    /// Who the answer says it is from (RFC 9207).
    pub(super) iss: Option<&'a str>,
    pub(super) nonce: &'a str,
    pub(super) verifier: &'a str,
    pub(super) redirect_uri: &'a str,
}

/// A provider that people may sign in with.
pub(super) struct Provider {
    pub(super) id: String,
    pub(super) label: String,
    pub(super) issuer: String,
    pub(super) client_id: String,
    pub(super) scope: String,
    secret: String,
    reach: Reach,
    http: reqwest::Client,
    breaker: Breaker,
    metadata: Mutex<Option<(Timestamp, Arc<Metadata>)>>,
    keys: Mutex<Option<(Timestamp, Arc<Keys>)>>,
}

/// The token endpoint's answer (RFC 6749 section 5.1).
#[derive(Deserialize)]
struct TokenAnswer {
    access_token: String,
    token_type: String,
    id_token: String,
}

impl Provider {
    /// By its settings.
    ///
    /// # Errors
    /// A setting cannot be; the error names it.
    pub(super) fn new(set: &config::Provider, config: &Config) -> anyhow::Result<Self> {
        let reach = Reach { private: set.allow_private, plain_loopback: config.mode == Mode::Demo };
        let is_id = set.id.starts_with(|first: char| first.is_ascii_lowercase())
            && set.id.len() <= 30
            && !set.id.contains("__")
            && set.id.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'_');
        ensure!(is_id, "id: it has up to 30 small letters, digits and single underscores, a letter first");
        ensure!(
            !set.label.trim().is_empty() && set.label.chars().count() <= 60,
            "label: it has 1 to 60 characters"
        );
        ensure!(
            reach.url(&set.issuer).is_some_and(|url| url.query().is_none()),
            "issuer {:?}: it must begin with https:// (in demo mode also http://127.0.0.1), have no query, and be no address of an \
             internal network unless allow_private says so",
            set.issuer
        );
        ensure!(!set.client_id.is_empty(), "client_id: it is what the provider calls us");
        for scope in ["openid", "email"] {
            ensure!(set.scopes.iter().any(|asked| asked == scope), "scopes: {scope} must be among them");
        }
        // A sign-in may need four answers: discovery, tokens, keys, userinfo.
        let handler_ms = config.http.handler_seconds.saturating_mul(1_000);
        ensure!(
            set.timeout_ms > 0 && set.timeout_ms.saturating_mul(4) < handler_ms,
            "timeout_ms: four of it must be shorter than http.handler_seconds"
        );
        let secret = secret(set, config)?;
        let time = Duration::from_millis(set.timeout_ms);
        let http = reqwest::Client::builder()
            .no_proxy()
            .tls_backend_preconfigured(tls::client("ca_file", &set.ca_file)?)
            .timeout(time)
            .redirect(reqwest::redirect::Policy::none())
            .dns_resolver(Arc::new(Names(reach)));
        Ok(Self {
            id: set.id.clone(),
            label: set.label.trim().to_owned(),
            issuer: set.issuer.clone(),
            client_id: set.client_id.clone(),
            scope: set.scopes.join(" "),
            secret,
            reach,
            http: http.build()?,
            breaker: Breaker::new(
                format!("provider_{}", set.id),
                breaker::Settings::from(&config.breakers).for_receivers(),
            ),
            metadata: Mutex::new(None),
            keys: Mutex::new(None),
        })
    }

    /// Whether it answers and has keys to sign with.
    ///
    /// # Errors
    /// It does not, in a word.
    pub(super) async fn check(&self, now: Timestamp) -> Result<(), Trouble> {
        let metadata = self.metadata(now).await?;
        self.read_keys(&metadata, now).await.map(|_| ())
    }

    /// Where everything is; asked for once an hour.
    pub(super) async fn metadata(&self, now: Timestamp) -> Result<Arc<Metadata>, Trouble> {
        if let Some(known) = believed(&self.metadata, now) {
            return Ok(known);
        }
        let address = format!("{}/.well-known/openid-configuration", self.issuer.trim_end_matches('/'));
        let document = self.answer(self.http.get(address)).await?;
        let read = Metadata::read(&document, &self.issuer, self.reach).map_err(Trouble::Untrue)?;
        Ok(keep(&self.metadata, read, now))
    }

    /// Who the provider says came back: the code is exchanged, the ID token checked, and userinfo asked where the token names no
    /// address.
    pub(super) async fn vouch(&self, returned: &Returned<'_>, now: Timestamp) -> Result<About, Trouble> {
        let metadata = self.metadata(now).await?;
        // Before anything is sent: a code of another provider's is not shown to this one.
        let named = returned.iss.map_or(!metadata.names_itself, |iss| iss == self.issuer);
        if !named {
            return Err(Trouble::Untrue("answer_issuer"));
        }
        let tokens = self.exchange(&metadata, returned).await?;
        let signed = id_token::signed(&tokens.id_token).map_err(Trouble::Untrue)?;
        let key = self.key(&metadata, signed.kid.as_deref(), signed.alg, now).await?;
        let expected = Expected {
            issuer: &self.issuer,
            client_id: &self.client_id,
            nonce: returned.nonce,
            access_token: &tokens.access_token,
        };
        let about = id_token::check(&tokens.id_token, (signed.alg, &key), &expected, now);
        let about = about.map_err(Trouble::Untrue)?;
        if about.email.is_some() {
            return Ok(about);
        }
        let Some(userinfo) = &metadata.userinfo else { return Ok(about) };
        let more = self.answer(self.http.get(userinfo.clone()).bearer_auth(&tokens.access_token)).await?;
        let more = About::deserialize(more).map_err(|_| Trouble::Untrue("userinfo_malformed"))?;
        // Section 5.3.2: only then it is about the same person.
        if more.sub != about.sub {
            return Err(Trouble::Untrue("userinfo_subject"));
        }
        Ok(About { name: more.name.or(about.name), ..more })
    }

    async fn exchange(&self, metadata: &Metadata, returned: &Returned<'_>) -> Result<TokenAnswer, Trouble> {
        let mut form = vec![
            ("grant_type", "authorization_code"),
            ("code", returned.code),
            ("redirect_uri", returned.redirect_uri),
            ("code_verifier", returned.verifier),
        ];
        let request = self.http.post(metadata.token.clone());
        let request = match metadata.client_auth {
            ClientAuth::Basic => request.basic_auth(encoded(&self.client_id), Some(encoded(&self.secret))),
            ClientAuth::Post => {
                form.extend([
                    ("client_id", self.client_id.as_str()),
                    ("client_secret", self.secret.as_str()),
                ]);
                request
            }
        };
        let answer = self.answer(request.form(&form)).await?;
        let tokens = TokenAnswer::deserialize(answer).map_err(|_| Trouble::Untrue("tokens_malformed"))?;
        if !tokens.token_type.eq_ignore_ascii_case("bearer") {
            return Err(Trouble::Untrue("tokens_malformed"));
        }
        Ok(tokens)
    }

    /// The key a token names. Keys are read again for one that is not known, once a minute at most.
    async fn key(
        &self,
        metadata: &Metadata,
        kid: Option<&str>,
        alg: Algorithm,
        now: Timestamp,
    ) -> Result<DecodingKey, Trouble> {
        let unknown = Trouble::Untrue("id_token_key");
        if let Some(known) = believed(&self.keys, now) {
            if let Some(key) = known.find(kid, alg) {
                return Ok(key.clone());
            }
            let read_at = locked(&self.keys).as_ref().map(|(at, _)| *at);
            if read_at.is_some_and(|at| now.duration_since(at) < KEYS_REST) {
                return Err(unknown);
            }
        }
        self.read_keys(metadata, now).await?.find(kid, alg).cloned().ok_or(unknown)
    }

    async fn read_keys(&self, metadata: &Metadata, now: Timestamp) -> Result<Arc<Keys>, Trouble> {
        let document = self.answer(self.http.get(metadata.keys.clone())).await?;
        let keys = Keys::read(&document).ok_or(Trouble::Untrue("keys_malformed"))?;
        Ok(keep(&self.keys, keys, now))
    }

    /// The JSON of an answer that is one.
    async fn answer(&self, request: RequestBuilder) -> Result<Value, Trouble> {
        let call = self.breaker.enter().map_err(|refused| {
            self.count("left_alone");
            Trouble::Away(refused.retry_in.as_secs() + 1)
        })?;
        let request = request.header("accept", "application/json");
        let (status, body) = match self.exchange_bytes(request).await {
            Ok((status, _)) if status >= 500 || status == 429 => {
                call.failed();
                self.count("failed");
                return Err(Trouble::Away(1));
            }
            Ok(answer) => answer,
            Err(error) => {
                call.failed();
                self.count(if error.is_timeout() { "time_out" } else { "unreachable" });
                tracing::warn!(provider = self.id, error = %error.without_url(), "a provider did not answer");
                return Err(Trouble::Away(1));
            }
        };
        call.answered();
        self.count(if status == 200 { "ok" } else { "refused" });
        let body = body.ok_or(Trouble::Untrue("answer_too_long"))?;
        match status {
            200 => serde_json::from_slice(&body).map_err(|_| Trouble::Untrue("answer_malformed")),
            300..400 => Err(Trouble::Untrue("redirect_not_followed")),
            _ => Err(Trouble::Untrue("request_refused")),
        }
    }

    /// The status and, unless it is too long, the body.
    async fn exchange_bytes(&self, request: RequestBuilder) -> reqwest::Result<(u16, Option<Vec<u8>>)> {
        let mut response = request.send().await?;
        let (status, mut body) = (response.status().as_u16(), Vec::new());
        while let Some(chunk) = response.chunk().await? {
            if body.len() + chunk.len() > ANSWER_MAX {
                return Ok((status, None));
            }
            body.extend_from_slice(&chunk);
        }
        Ok((status, Some(body)))
    }

    fn count(&self, outcome: &'static str) {
        metrics::counter!("provider_calls_total", "provider" => self.id.clone(), "outcome" => outcome)
            .increment(1);
    }
}

/// The secret of the file or of the table: one of them.
fn secret(set: &config::Provider, config: &Config) -> anyhow::Result<String> {
    let given = config.auth.provider_secrets.get(&set.id);
    let secret = match (given, set.client_secret_file.as_str()) {
        (Some(secret), "") => secret.clone(),
        (None, file) if !file.is_empty() => std::fs::read_to_string(file)
            .with_context(|| format!("client_secret_file {file}"))?
            .trim_end()
            .to_owned(),
        (Some(_), _) => anyhow::bail!("client_secret_file: auth.provider_secrets has a secret as well"),
        (None, _) => anyhow::bail!("it has no secret; see client_secret_file and auth.provider_secrets"),
    };
    ensure!(!secret.is_empty(), "its secret is empty");
    Ok(secret)
}

/// Before they are a user name and a password they are form-encoded (RFC 6749 section 2.3.1).
fn encoded(text: &str) -> String {
    byte_serialize(text.as_bytes()).collect()
}

fn locked<T>(kept: &Mutex<T>) -> std::sync::MutexGuard<'_, T> {
    kept.lock().unwrap_or_else(PoisonError::into_inner)
}

/// What was kept, if it is not too old.
fn believed<T>(kept: &Mutex<Option<(Timestamp, Arc<T>)>>, now: Timestamp) -> Option<Arc<T>> {
    let kept = locked(kept);
    kept.as_ref().filter(|(at, _)| now.duration_since(*at) < BELIEVED).map(|(_, value)| Arc::clone(value))
}

fn keep<T>(kept: &Mutex<Option<(Timestamp, Arc<T>)>>, value: T, now: Timestamp) -> Arc<T> {
    let value = Arc::new(value);
    *locked(kept) = Some((now, Arc::clone(&value)));
    value
}

/// The operating system's resolver. A name that leads to an address which may not be called leads nowhere, and connections go to the
/// very addresses that were looked at.
struct Names(Reach);

impl Resolve for Names {
    fn resolve(&self, name: Name) -> Resolving {
        let reach = self.0;
        Box::pin(async move {
            let found: Vec<SocketAddr> = tokio::net::lookup_host((name.as_str(), 0)).await?.collect();
            if found.iter().all(|address| reach.allows(address.ip())) {
                return Ok(Box::new(found.into_iter()) as Addrs);
            }
            Err(format!("{} is of an internal or special network", name.as_str()).into())
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// What a document names is looked at as it stands there; where a name leads shows only when it is resolved.
    #[tokio::test]
    async fn a_name_that_leads_inside_leads_nowhere() {
        let resolve = |private| {
            let names = Names(Reach { private, plain_loopback: false });
            names.resolve("localhost".parse().expect("a name"))
        };
        assert!(resolve(false).await.is_err());
        assert!(resolve(true).await.is_ok());
    }
}
