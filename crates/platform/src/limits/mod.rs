//! Rate limits by the generic cell rate algorithm: a steady rate and a burst, no windows that reset.
//!
//! A request is counted for everybody it comes from: its address, then the account and the program it proved to be. What it
//! counts against is its route's [`LimitClass`]. The counting is behind [`LimitStore`]: [`LocalStore`] counts in this process, a
//! shared store would count for all of them. A store that cannot answer refuses.

mod local;

use std::net::IpAddr;
use std::time::Duration;

use futures_util::future::BoxFuture;
use kernel::Category;
use uuid::Uuid;

pub use self::local::LocalStore;

use crate::admission::Worth;
use crate::config;
use crate::http::Problem;
use crate::http::client_address::household;

/// What a request counts against, and by it what it is worth under overload.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum LimitClass {
    /// Searching for flights.
    Search,
    /// Creating an account.
    Register,
    /// Signing in.
    Login,
    /// Webhooks of the gateway, which come in bursts from few addresses and prove themselves by their signature.
    Webhook,
    /// Trying a promotion code: codes are guessed otherwise.
    Codes,
    /// Holding, paying, and what else becomes money.
    Sale,
    /// Answers that take long to make and nobody waits for.
    Export,
    /// Listening to something by a socket, over all sockets of an account: each asks the database.
    Live,
    /// Everything else.
    Other,
}

impl LimitClass {
    /// Every class.
    pub const ALL: [Self; 9] = [
        Self::Search,
        Self::Register,
        Self::Login,
        Self::Webhook,
        Self::Codes,
        Self::Sale,
        Self::Export,
        Self::Live,
        Self::Other,
    ];

    /// Its name in metrics and in the OpenAPI document.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Search => "search",
            Self::Register => "register",
            Self::Login => "login",
            Self::Webhook => "webhook",
            Self::Codes => "codes",
            Self::Sale => "sale",
            Self::Export => "export",
            Self::Live => "live",
            Self::Other => "other",
        }
    }

    /// What a request of the class is worth under overload. The gateway's webhooks settle what was paid for.
    pub const fn worth(self) -> Worth {
        match self {
            Self::Sale | Self::Webhook => Worth::Sale,
            Self::Register | Self::Login | Self::Codes | Self::Live | Self::Other => Worth::Manage,
            Self::Search => Worth::Search,
            Self::Export => Worth::Export,
        }
    }

    /// How many requests in how long.
    fn rate(self, limits: &config::Limits) -> Rate {
        match self {
            Self::Search => Rate::PerSecond(limits.search_per_second),
            Self::Register | Self::Login => Rate::PerHour(limits.accounts_per_hour),
            Self::Webhook => Rate::PerSecond(limits.webhooks_per_second),
            Self::Codes => Rate::PerHour(limits.codes_per_hour),
            Self::Sale => Rate::PerSecond(limits.sales_per_second),
            Self::Export => Rate::PerHour(limits.exports_per_hour),
            Self::Live => Rate::PerSecond(limits.live_per_second),
            Self::Other => Rate::PerSecond(limits.other_per_second),
        }
    }
}

/// A rate with its burst: two seconds' worth at once, or an hour's.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rate {
    /// So many a second.
    PerSecond(u32),
    /// So many an hour.
    PerHour(u32),
}

/// Somebody a request is counted for.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Principal {
    /// An address; [`Principal::address`] makes it.
    Address(IpAddr),
    /// An account, wherever it calls from.
    Account(Uuid),
    /// A program, by its OAuth client id, whomever it speaks for.
    Client(Box<str>),
}

impl Principal {
    /// The address a request is counted for. A household has a whole /64 of IPv6 addresses, so that is one caller.
    pub fn address(address: IpAddr) -> Self {
        Self::Address(household(address))
    }

    /// What kind it is, in metrics.
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Address(_) => "address",
            Self::Account(_) => "account",
            Self::Client(_) => "client",
        }
    }
}

/// What a store says of one request more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verdict {
    /// It is counted and may pass.
    Pass,
    /// It is not counted; this long from now it could be.
    Wait(Duration),
}

/// Who counts. One call takes one request off an allowance, or says how long until there is one.
pub trait LimitStore: Send + Sync {
    /// Counts a request of `class` for `principal`.
    ///
    /// # Errors
    /// The store cannot say; the request is refused then.
    fn take<'a>(
        &'a self,
        class: LimitClass,
        principal: &'a Principal,
    ) -> BoxFuture<'a, anyhow::Result<Verdict>>;

    /// Forgets whom it has not seen for long, so that memory does not grow with every visitor.
    fn forget_quiet(&self) {}
}

/// The rate limits.
pub struct RateLimits {
    store: Box<dyn LimitStore>,
}

impl RateLimits {
    /// Limits with the configured rates, counted in this process.
    pub fn new(limits: &config::Limits) -> Self {
        Self::counted_by(LocalStore::new(limits))
    }

    /// Limits counted by a store.
    pub fn counted_by(store: impl LimitStore + 'static) -> Self {
        Self { store: Box::new(store) }
    }

    /// Lets the request pass or says when to come back.
    pub async fn check(&self, class: LimitClass, principal: &Principal) -> Result<(), Problem> {
        match self.store.take(class, principal).await {
            Ok(Verdict::Pass) => Ok(()),
            Ok(Verdict::Wait(wait)) => {
                refused(class, principal.kind());
                let seconds = (wait.as_secs() + u64::from(wait.subsec_nanos() > 0)).max(1);
                Err(Problem::new(Category::TooMany, "too_many_requests")
                    .arg("seconds", seconds.to_string())
                    .retry_after(seconds))
            }
            // Without a count there would be no limit on guesses.
            Err(error) => {
                refused(class, "store_failed");
                tracing::error!(
                    error = format!("{error:#}"),
                    "rate limits cannot be counted; requests are refused"
                );
                Err(Problem::new(Category::Unavailable, "busy").retry_after(2))
            }
        }
    }

    /// Forgets whom it has not seen for long.
    pub fn forget_quiet(&self) {
        self.store.forget_quiet();
    }
}

fn refused(class: LimitClass, by: &'static str) {
    metrics::counter!("requests_limited_total", "class" => class.as_str(), "by" => by).increment(1);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn address(text: &str) -> Principal {
        Principal::address(text.parse().expect("an address"))
    }

    fn limits(change: impl FnOnce(&mut config::Limits)) -> RateLimits {
        let mut limits = config::Limits::default();
        change(&mut limits);
        RateLimits::new(&limits)
    }

    #[tokio::test]
    async fn refuses_beyond_the_burst_and_tells_when_to_return() {
        let limits = limits(|limits| limits.accounts_per_hour = 3);
        let here = address("203.0.113.9");
        for _ in 0..3 {
            assert!(limits.check(LimitClass::Login, &here).await.is_ok());
        }
        let problem = limits.check(LimitClass::Login, &here).await.expect_err("the fourth");
        assert_eq!(problem.code, "too_many_requests");
        assert_eq!(problem.seconds_to_wait(), Some(1_200));
        assert!(limits.check(LimitClass::Register, &here).await.is_ok(), "each class has its own allowance");
        assert!(limits.check(LimitClass::Login, &address("203.0.113.10")).await.is_ok());
    }

    #[tokio::test]
    async fn a_household_of_ipv6_addresses_is_one_caller() {
        let limits = limits(|limits| limits.accounts_per_hour = 1);
        assert!(limits.check(LimitClass::Login, &address("2001:db8::1")).await.is_ok());
        assert!(limits.check(LimitClass::Login, &address("2001:db8::2")).await.is_err());
        assert!(limits.check(LimitClass::Login, &address("2001:db8:0:1::1")).await.is_ok());
        // One address in both ways of writing it.
        assert!(limits.check(LimitClass::Login, &address("::ffff:198.51.100.7")).await.is_ok());
        assert!(limits.check(LimitClass::Login, &address("198.51.100.7")).await.is_err());
    }

    #[tokio::test]
    async fn accounts_and_programs_have_allowances_of_their_own() {
        let limits = limits(|limits| (limits.codes_per_hour, limits.client_factor) = (1, 3));
        let (account, program) = (Principal::Account(Uuid::nil()), Principal::Client("cli_1".into()));
        assert!(limits.check(LimitClass::Codes, &account).await.is_ok());
        assert!(limits.check(LimitClass::Codes, &account).await.is_err());
        for _ in 0..3 {
            assert!(limits.check(LimitClass::Codes, &program).await.is_ok());
        }
        assert!(limits.check(LimitClass::Codes, &program).await.is_err());
        assert!(limits.check(LimitClass::Codes, &Principal::Client("cli_2".into())).await.is_ok());
    }

    struct Broken;

    impl LimitStore for Broken {
        fn take<'a>(&'a self, _: LimitClass, _: &'a Principal) -> BoxFuture<'a, anyhow::Result<Verdict>> {
            Box::pin(async { anyhow::bail!("the shared store is away") })
        }
    }

    #[tokio::test]
    async fn a_store_that_cannot_answer_refuses() {
        let limits = RateLimits::counted_by(Broken);
        let problem = limits.check(LimitClass::Search, &address("203.0.113.9")).await.expect_err("refused");
        assert_eq!((problem.code, problem.status().as_u16()), ("busy", 503));
    }

    #[test]
    fn money_is_worth_more_than_looking() {
        assert!(LimitClass::Sale.worth() > LimitClass::Other.worth());
        assert!(LimitClass::Other.worth() > LimitClass::Search.worth());
        assert!(LimitClass::Search.worth() > LimitClass::Export.worth());
    }
}
