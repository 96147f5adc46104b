//! Counting in this process.

use std::num::NonZeroU32;

use futures_util::future::BoxFuture;
use governor::clock::{Clock as _, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};

use super::{LimitClass, LimitStore, Principal, Rate, Verdict};
use crate::config;

/// A caller may come twice as fast as its rate for a moment.
const BURST_SECONDS: NonZeroU32 = NonZeroU32::MIN.saturating_add(1);

/// Counts in this process: each of several has its own count.
pub struct LocalStore {
    classes: Vec<Counters>,
}

struct Counters {
    class: LimitClass,
    /// Addresses and accounts.
    people: DefaultKeyedRateLimiter<Principal>,
    /// Programs, which speak for many.
    programs: DefaultKeyedRateLimiter<Principal>,
}

impl LocalStore {
    /// Nothing counted yet.
    pub fn new(limits: &config::Limits) -> Self {
        let counters = |class: LimitClass| {
            let rate = class.rate(limits);
            Counters { class, people: counter(rate, 1), programs: counter(rate, limits.client_factor) }
        };
        Self { classes: LimitClass::ALL.map(counters).into() }
    }
}

fn counter(rate: Rate, factor: u32) -> DefaultKeyedRateLimiter<Principal> {
    let times = |rate: u32| NonZeroU32::new(rate.saturating_mul(factor)).unwrap_or(NonZeroU32::MIN);
    RateLimiter::keyed(match rate {
        Rate::PerSecond(rate) => {
            let rate = times(rate);
            Quota::per_second(rate).allow_burst(rate.saturating_mul(BURST_SECONDS))
        }
        Rate::PerHour(rate) => Quota::per_hour(times(rate)),
    })
}

impl LimitStore for LocalStore {
    fn take<'a>(
        &'a self,
        class: LimitClass,
        principal: &'a Principal,
    ) -> BoxFuture<'a, anyhow::Result<Verdict>> {
        let counted = self.classes.iter().find(|counters| counters.class == class);
        let verdict = match counted {
            None => Err(anyhow::anyhow!("no counter for {class:?}")),
            Some(counters) => {
                let counter = match principal {
                    Principal::Address(_) | Principal::Account(_) => &counters.people,
                    Principal::Client(_) => &counters.programs,
                };
                Ok(counter.check_key(principal).map_or_else(
                    |until| Verdict::Wait(until.wait_time_from(DefaultClock::default().now())),
                    |()| Verdict::Pass,
                ))
            }
        };
        Box::pin(std::future::ready(verdict))
    }

    fn forget_quiet(&self) {
        for counters in &self.classes {
            counters.people.retain_recent();
            counters.programs.retain_recent();
        }
    }
}
