//! Hostility by rate: which calls and webhooks go wrong, drawn from a seed, and how many did.
//!
//! A draw depends on the seed, the fault, its subject (an idempotency key, a path, an event) and how often that subject
//! came by, and not on what other callers do at the same time: the same calls meet the same faults.

use std::collections::{BTreeMap, HashMap};
use std::fmt::Write as _;
use std::str::FromStr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

use serde_json::{Value, json};

/// What can go wrong by rate.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Fault {
    /// A charge that would have succeeded is declined, for one of the usual reasons.
    Decline,
    /// No answer for as long as `Config::hang`, and nothing was done.
    TimeoutBefore,
    /// No answer for as long as `Config::hang`, and it was done.
    TimeoutAfter,
    /// HTTP 503, and nothing was done.
    ErrorBefore,
    /// HTTP 500, and it was done; the key gives that 500 again, as Stripe's keys do.
    ErrorAfter,
    /// The connection is reset, and nothing was done.
    ResetBefore,
    /// The connection is reset, and it was done.
    ResetAfter,
    /// No answer ever, and nothing was done.
    Hang,
    /// A refund is pending first, and succeeds later.
    RefundPending,
    /// A refund is pending first, and fails later.
    RefundFailed,
    /// A webhook comes late by `late_ms`.
    WebhookLate,
    /// A webhook comes twice.
    WebhookDuplicated,
    /// A webhook is held back for up to `reorder_ms`, so that later ones overtake it.
    WebhookReordered,
    /// A webhook never comes.
    WebhookLost,
}

/// Faults of calls; a call meets one of them at most.
const OF_CALLS: [Fault; 7] = [
    Fault::TimeoutBefore,
    Fault::TimeoutAfter,
    Fault::ErrorBefore,
    Fault::ErrorAfter,
    Fault::ResetBefore,
    Fault::ResetAfter,
    Fault::Hang,
];

impl Fault {
    /// Every one, in the order they are printed in.
    pub const ALL: [Self; 14] = [
        Self::Decline,
        Self::TimeoutBefore,
        Self::TimeoutAfter,
        Self::ErrorBefore,
        Self::ErrorAfter,
        Self::ResetBefore,
        Self::ResetAfter,
        Self::Hang,
        Self::RefundPending,
        Self::RefundFailed,
        Self::WebhookLate,
        Self::WebhookDuplicated,
        Self::WebhookReordered,
        Self::WebhookLost,
    ];

    /// The name it is set and counted under.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Decline => "decline",
            Self::TimeoutBefore => "timeout_before",
            Self::TimeoutAfter => "timeout_after",
            Self::ErrorBefore => "error_before",
            Self::ErrorAfter => "error_after",
            Self::ResetBefore => "reset_before",
            Self::ResetAfter => "reset_after",
            Self::Hang => "hang",
            Self::RefundPending => "refund_pending",
            Self::RefundFailed => "refund_failed",
            Self::WebhookLate => "webhook_late",
            Self::WebhookDuplicated => "webhook_duplicated",
            Self::WebhookReordered => "webhook_reordered",
            Self::WebhookLost => "webhook_lost",
        }
    }

    /// True where nothing is done.
    pub(crate) const fn is_before_effect(self) -> bool {
        matches!(self, Self::TimeoutBefore | Self::ErrorBefore | Self::ResetBefore | Self::Hang)
    }
}

/// How hostile the gateway is: a probability for each fault, from 0 to 1.
#[derive(Clone, Debug, PartialEq)]
pub struct Hostility {
    /// Another seed draws other calls.
    pub seed: u64,
    /// How late a late webhook is.
    pub late: Duration,
    /// How long a reordered webhook is held back at most.
    pub reorder: Duration,
    rates: BTreeMap<Fault, f64>,
}

impl Default for Hostility {
    /// None at all.
    fn default() -> Self {
        let rates = BTreeMap::new();
        Self { seed: 1, late: Duration::from_secs(5), reorder: Duration::from_millis(500), rates }
    }
}

impl Hostility {
    /// With one rate more. A rate is a probability.
    pub fn with(mut self, fault: Fault, rate: f64) -> Self {
        self.rates.insert(fault, rate);
        self
    }

    /// The probability of a fault.
    pub fn rate(&self, fault: Fault) -> f64 {
        self.rates.get(&fault).copied().unwrap_or(0.0)
    }

    fn set(&mut self, name: &str, value: &str) -> Result<(), String> {
        let number = || value.parse::<u64>().map_err(|_| format!("{name} is a whole number, not '{value}'"));
        match name {
            "seed" => self.seed = number()?,
            "late_ms" => self.late = Duration::from_millis(number()?),
            "reorder_ms" => self.reorder = Duration::from_millis(number()?),
            _ => {
                let known = Fault::ALL.into_iter().find(|fault| fault.name() == name);
                let fault = known.ok_or_else(|| format!("there is no fault '{name}'; {}", names()))?;
                let rate: f64 = value.parse().map_err(|_| format!("{name} is a rate, not '{value}'"))?;
                if !(0.0..=1.0).contains(&rate) {
                    return Err(format!("{name} is a probability, from 0 to 1"));
                }
                self.rates.insert(fault, rate);
            }
        }
        Ok(())
    }

    /// Reads `name`, `value` pairs: the faults' rates, `seed`, `late_ms` and `reorder_ms`.
    pub(crate) fn from_pairs<'a>(pairs: impl Iterator<Item = (&'a str, &'a str)>) -> Result<Self, String> {
        let mut hostility = Self::default();
        for (name, value) in pairs {
            hostility.set(name, value)?;
        }
        let calls: f64 = OF_CALLS.iter().map(|fault| hostility.rate(*fault)).sum();
        if calls > 1.0 {
            return Err(
                "a call meets one fault at most: the rates of time-outs, errors, resets and hang add up to \
                        more than 1"
                    .to_owned(),
            );
        }
        Ok(hostility)
    }
}

fn names() -> String {
    let mut names = String::from("known are");
    for fault in Fault::ALL {
        // Writing to a String cannot fail.
        let _ = write!(names, " {}", fault.name());
    }
    names
}

impl FromStr for Hostility {
    type Err = String;

    /// `timeout_after=0.05,webhook_lost=0.05,seed=7`.
    fn from_str(text: &str) -> Result<Self, String> {
        let pairs: Vec<&str> = text.split(',').map(str::trim).filter(|pair| !pair.is_empty()).collect();
        if let Some(pair) = pairs.iter().find(|pair| !pair.contains('=')) {
            return Err(format!("'{pair}' is not name=value"));
        }
        Self::from_pairs(pairs.iter().filter_map(|pair| pair.split_once('=')))
    }
}

#[derive(Clone, Copy, Default)]
struct Tally {
    chances: u64,
    injected: u64,
}

#[derive(Default)]
struct Drawing {
    hostility: Hostility,
    tallies: BTreeMap<Fault, Tally>,
    /// How often a subject was drawn for, so that a repeated call is a new draw.
    turns: HashMap<u64, u64>,
}

/// Draws faults and counts them.
pub(crate) struct Faults(Mutex<Drawing>);

impl Faults {
    pub(crate) fn new(hostility: Hostility) -> Self {
        Self(Mutex::new(Drawing { hostility, ..Drawing::default() }))
    }

    /// From now on these rates, counted from nothing.
    pub(crate) fn set(&self, hostility: Hostility) {
        *self.drawing() = Drawing { hostility, ..Drawing::default() };
    }

    pub(crate) fn hostility(&self) -> Hostility {
        self.drawing().hostility.clone()
    }

    /// The fault that a call meets, if any. It counts as injected when [`Faults::injected`] says so.
    pub(crate) fn of_call(&self, subject: &str) -> Option<Fault> {
        let mut drawing = self.drawing();
        let mut luck = drawing.draw("call", subject);
        for fault in OF_CALLS {
            let rate = drawing.chance(fault);
            if luck < rate {
                return Some(fault);
            }
            luck -= rate;
        }
        None
    }

    /// Counts a fault that took place.
    pub(crate) fn injected(&self, fault: Fault) {
        self.drawing().tallies.entry(fault).or_default().injected += 1;
    }

    /// Whether a fault befalls a subject; counted.
    pub(crate) fn befalls(&self, fault: Fault, subject: &str) -> bool {
        let mut drawing = self.drawing();
        let rate = drawing.chance(fault);
        if rate <= 0.0 {
            return false;
        }
        let hit = drawing.draw(fault.name(), subject) < rate;
        if hit {
            drawing.tallies.entry(fault).or_default().injected += 1;
        }
        hit
    }

    /// A number below `many` that goes with the subject.
    pub(crate) fn pick(&self, what: &str, subject: &str, many: u64) -> u64 {
        mix(self.drawing().hostility.seed, what, subject, 0) % many.max(1)
    }

    /// Rates, chances and what was injected.
    pub(crate) fn json(&self) -> Value {
        let drawing = self.drawing();
        let mut faults = serde_json::Map::new();
        for fault in Fault::ALL {
            let tally = drawing.tallies.get(&fault).copied().unwrap_or_default();
            let (chances, injected) = (tally.chances, tally.injected);
            let rate = drawing.hostility.rate(fault);
            faults.insert(
                fault.name().into(),
                json!({ "rate": rate, "chances": chances, "injected": injected }),
            );
        }
        let Hostility { seed, late, reorder, .. } = &drawing.hostility;
        let millis = |span: &Duration| u64::try_from(span.as_millis()).unwrap_or(u64::MAX);
        json!({ "seed": seed, "late_ms": millis(late), "reorder_ms": millis(reorder), "faults": faults })
    }

    fn drawing(&self) -> MutexGuard<'_, Drawing> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Drawing {
    /// Counts a chance of a fault whose rate is set, and gives the rate.
    fn chance(&mut self, fault: Fault) -> f64 {
        let rate = self.hostility.rate(fault);
        if rate > 0.0 {
            self.tallies.entry(fault).or_default().chances += 1;
        }
        rate
    }

    /// A number from 0 up to 1, another one each time the subject comes by.
    fn draw(&mut self, what: &str, subject: &str) -> f64 {
        let turn = self.turns.entry(mix(0, what, subject, 0)).or_default();
        *turn += 1;
        let bits = mix(self.hostility.seed, what, subject, *turn) >> 11;
        // 53 bits fit a float exactly.
        bits as f64 / (1_u64 << 53) as f64
    }
}

/// FNV-1a over the parts, then the finisher of `SplitMix64`, which spreads its low bits.
fn mix(seed: u64, what: &str, subject: &str, turn: u64) -> u64 {
    let numbers = seed.to_le_bytes().into_iter().chain(turn.to_le_bytes());
    let bytes = numbers.chain(what.bytes()).chain([0]).chain(subject.bytes());
    let hash = bytes.fold(0xcbf2_9ce4_8422_2325_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0000_0100_0000_01b3)
    });
    let hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
    let hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
    hash ^ (hash >> 31)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn rates_are_met_within_four_sigma_and_a_seed_repeats_them() {
        let hostility: Hostility = "timeout_after=0.05,error_after=0.05,seed=3".parse().expect("rates");
        let drawn = |hostility: &Hostility| {
            let faults = Faults::new(hostility.clone());
            (0..20_000).map(|call| faults.of_call(&format!("pay_{call}"))).collect::<Vec<_>>()
        };
        let first = drawn(&hostility);
        assert_eq!(first, drawn(&hostility));
        assert_ne!(first, drawn(&Hostility { seed: 4, ..hostility.clone() }));
        for fault in [Fault::TimeoutAfter, Fault::ErrorAfter] {
            let hits = first.iter().filter(|drawn| **drawn == Some(fault)).count();
            assert!((877..=1_123).contains(&hits), "{hits} of 1,000 expected, sigma 31");
        }
        assert_eq!(drawn(&Hostility::default()), vec![None; 20_000]);
    }

    #[test]
    fn a_repeated_call_is_drawn_anew_and_only_what_took_place_counts() {
        let faults = Faults::new("error_before=0.5".parse().expect("rates"));
        let turns: Vec<_> = (0..64).map(|_| faults.of_call("the same")).collect();
        assert!(turns.contains(&None) && turns.contains(&Some(Fault::ErrorBefore)));
        let tally = |faults: &Faults| faults.json()["faults"]["error_before"].clone();
        assert_eq!((&tally(&faults)["chances"], &tally(&faults)["injected"]), (&64.into(), &0.into()));
        faults.injected(Fault::ErrorBefore);
        assert_eq!(tally(&faults)["injected"], 1);
        faults.set(Hostility::default());
        assert_eq!(tally(&faults)["chances"], 0);
    }

    #[test]
    fn names_and_rates_are_checked() {
        for (text, accepted) in [
            ("", true),
            ("seed=7, late_ms=100, reorder_ms=20, webhook_lost=1", true),
            ("timeout_before=0.6,hang=0.5", false),
            ("timeout=0.1", false),
            ("hang=1.1", false),
            ("hang=-0.1", false),
            ("hang=NaN", false),
            ("hang", false),
            ("seed=x", false),
        ] {
            assert_eq!(text.parse::<Hostility>().is_ok(), accepted, "{text}");
        }
    }
}
