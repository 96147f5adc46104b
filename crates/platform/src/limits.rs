//! Rate limits per client address, by the generic cell rate algorithm: a steady rate and a burst, no windows that
//! reset. Local to the process; a shared store takes the same place when there are several.

use std::net::{IpAddr, Ipv6Addr};
use std::num::NonZeroU32;
use std::time::Duration;

use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use kernel::Category;

use crate::config;
use crate::http::Problem;

/// What a request counts against.
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
    /// Everything else.
    Other,
}

/// The limiters of a process.
pub struct RateLimits {
    search: DefaultKeyedRateLimiter<IpAddr>,
    register: DefaultKeyedRateLimiter<IpAddr>,
    login: DefaultKeyedRateLimiter<IpAddr>,
    webhook: DefaultKeyedRateLimiter<IpAddr>,
    codes: DefaultKeyedRateLimiter<IpAddr>,
    other: DefaultKeyedRateLimiter<IpAddr>,
}

/// A caller may come twice as fast as its rate for a moment.
const BURST_SECONDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

impl RateLimits {
    /// Limiters with the configured rates; a burst of two seconds' worth, or an hour's for accounts and codes.
    pub fn new(limits: &config::Limits) -> Self {
        let rate = |rate: u32| NonZeroU32::new(rate).unwrap_or(NonZeroU32::MIN);
        let steady = |per_second: u32| {
            let burst = rate(per_second).saturating_mul(BURST_SECONDS);
            RateLimiter::keyed(Quota::per_second(rate(per_second)).allow_burst(burst))
        };
        let hourly = |per_hour: u32| RateLimiter::keyed(Quota::per_hour(rate(per_hour)));
        Self {
            search: steady(limits.search_per_second),
            register: hourly(limits.accounts_per_hour),
            login: hourly(limits.accounts_per_hour),
            webhook: steady(limits.webhooks_per_second),
            codes: hourly(limits.codes_per_hour),
            other: steady(limits.other_per_second),
        }
    }

    /// Lets the request pass or says when to come back.
    pub fn check(&self, class: LimitClass, address: IpAddr) -> Result<(), Problem> {
        let limiter = match class {
            LimitClass::Search => &self.search,
            LimitClass::Register => &self.register,
            LimitClass::Login => &self.login,
            LimitClass::Webhook => &self.webhook,
            LimitClass::Codes => &self.codes,
            LimitClass::Other => &self.other,
        };
        limiter.check_key(&bucket(address)).map_err(|until| {
            let wait = until.wait_time_from(DefaultClock::default().now());
            let seconds = (wait.as_secs() + u64::from(wait > Duration::from_secs(wait.as_secs()))).max(1);
            Problem::new(Category::TooMany, "too_many_requests")
                .arg("seconds", seconds.to_string())
                .retry_after(seconds)
        })
    }

    /// Forgets addresses that have been quiet, so that memory does not grow with every visitor.
    pub fn forget_quiet(&self) {
        for limiter in [&self.search, &self.register, &self.login, &self.webhook, &self.codes, &self.other] {
            limiter.retain_recent();
        }
    }
}

/// A household has a whole /64 of IPv6 addresses, so that is what counts as one caller.
fn bucket(address: IpAddr) -> IpAddr {
    match address.to_canonical() {
        IpAddr::V6(v6) => {
            let [a, b, c, d, ..] = v6.segments();
            IpAddr::V6(Ipv6Addr::new(a, b, c, d, 0, 0, 0, 0))
        }
        v4 => v4,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn refuses_beyond_the_burst_and_tells_when_to_return() {
        let limits = RateLimits::new(&config::Limits { accounts_per_hour: 3, ..config::Limits::default() });
        let address = "203.0.113.9".parse().expect("an address");
        for _ in 0..3 {
            assert!(limits.check(LimitClass::Login, address).is_ok());
        }
        let problem = limits.check(LimitClass::Login, address).expect_err("the fourth");
        assert_eq!(problem.code, "too_many_requests");
        assert!(limits.check(LimitClass::Register, address).is_ok(), "each class has its own allowance");
        assert!(limits.check(LimitClass::Login, "203.0.113.10".parse().expect("an address")).is_ok());
    }

    #[test]
    fn a_household_of_ipv6_addresses_is_one_caller() {
        let limits = RateLimits::new(&config::Limits { accounts_per_hour: 1, ..config::Limits::default() });
        assert!(limits.check(LimitClass::Login, "2001:db8::1".parse().expect("an address")).is_ok());
        assert!(limits.check(LimitClass::Login, "2001:db8::2".parse().expect("an address")).is_err());
    }
}
