//! Circuit breakers: whoever does not answer is left alone for a while, so that we do not wait for it and it can recover.
//!
//! Closed, calls pass and are counted over a window; when enough were made and enough of them failed the circuit opens. Open, calls
//! are refused at once. After a while it is half open: one call passes, the probe; its success closes the circuit, its failure opens
//! it for twice as long. Calls that began before a change of state say nothing about the state after it.
//!
//! [`Circuit`] is the machine alone, told the time; [`Breaker`] is one that many tasks share.

use std::sync::{Arc, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::config;

/// Parts of the window: the oldest is forgotten as a whole.
const SLOTS: u32 = 10;

/// What a circuit goes by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Settings {
    /// How long a call counts.
    pub window: Duration,
    /// Fewer calls in the window say nothing.
    pub calls_min: u32,
    /// Share of failures that opens it, percent.
    pub error_percent: u32,
    /// How long it stays open; twice as long after each probe that failed.
    pub open: Duration,
    /// And at most so long.
    pub open_most: Duration,
}

impl From<&config::Breakers> for Settings {
    fn from(config: &config::Breakers) -> Self {
        Self {
            window: Duration::from_secs(config.window_seconds),
            calls_min: config.calls_min,
            error_percent: config.error_percent,
            open: Duration::from_secs(config.open_seconds),
            open_most: Duration::from_secs(config.open_seconds_most),
        }
    }
}

impl Settings {
    /// The same for somebody who is called seldom and may take seconds: a third of the calls within six windows say enough.
    #[must_use]
    pub fn for_receivers(self) -> Self {
        Self { window: self.window * 6, calls_min: (self.calls_min / 3).max(1), ..self }
    }
}

/// What became of a call.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Outcome {
    /// It was answered, be it with a refusal.
    Answered,
    /// It was not, or with a failure of the other side.
    Failed,
    /// Nobody knows, because we stopped waiting ourselves.
    Dropped,
}

/// A call that may be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Permission {
    generation: u64,
    probe: bool,
}

impl Permission {
    /// Whether the call decides if the circuit closes.
    pub fn is_probe(self) -> bool {
        self.probe
    }
}

/// Where the circuit is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum State {
    /// Calls pass.
    Closed,
    /// One call is under way and decides.
    HalfOpen,
    /// Calls are refused.
    Open,
}

impl State {
    /// Its name.
    pub const fn as_str(self) -> &'static str {
        match self {
            Self::Closed => "closed",
            Self::HalfOpen => "half_open",
            Self::Open => "open",
        }
    }

    /// Its number in the metric `circuit_state`.
    const fn level(self) -> f64 {
        match self {
            Self::Closed => 0.0,
            Self::HalfOpen => 1.0,
            Self::Open => 2.0,
        }
    }
}

/// Calls of a part of the window.
#[derive(Clone, Copy, Debug, Default)]
struct Slot {
    number: u64,
    calls: u32,
    failures: u32,
}

/// The machine. Times are since any fixed moment and never go back.
#[derive(Clone, Debug)]
pub struct Circuit {
    settings: Settings,
    state: State,
    slots: [Slot; SLOTS as usize],
    /// When an open circuit lets a probe pass.
    until: Duration,
    /// How often it opened without closing in between.
    openings: u32,
    /// Goes up with each change of state.
    generation: u64,
}

impl Circuit {
    /// A closed circuit that has seen nothing.
    pub fn new(settings: Settings) -> Self {
        let slots = [Slot::default(); SLOTS as usize];
        Self { settings, state: State::Closed, slots, until: Duration::ZERO, openings: 0, generation: 0 }
    }

    /// Where it is.
    pub fn state(&self) -> State {
        self.state
    }

    /// Lets a call pass, or says how long until it makes sense to ask again.
    pub fn enter(&mut self, now: Duration) -> Result<Permission, Duration> {
        match self.state {
            State::Closed => Ok(Permission { generation: self.generation, probe: false }),
            State::Open if now >= self.until => {
                self.change(State::HalfOpen);
                Ok(Permission { generation: self.generation, probe: true })
            }
            State::Open => Err(self.until.saturating_sub(now)),
            State::HalfOpen => Err(self.settings.open),
        }
    }

    /// How long calls are refused from now on; nothing when one would pass. It changes nothing.
    pub fn refuses_for(&self, now: Duration) -> Option<Duration> {
        match self.state {
            State::Closed => None,
            State::Open => Some(self.until.saturating_sub(now)).filter(|wait| !wait.is_zero()),
            State::HalfOpen => Some(self.settings.open),
        }
    }

    /// A call that was let pass has ended. `spread` is 0 to 255: by up to a fifth longer it stays open, so that many circuits do
    /// not try again together.
    pub fn report(&mut self, now: Duration, call: Permission, outcome: Outcome, spread: u8) {
        if call.generation != self.generation {
            return;
        }
        match (self.state, outcome) {
            (State::Closed, Outcome::Dropped) | (State::Open, _) => {}
            (State::Closed, outcome) => {
                self.count(now, outcome == Outcome::Failed);
                let (calls, failures) = self.counted(now);
                let enough = calls >= self.settings.calls_min.max(1);
                if enough
                    && u64::from(failures) * 100 >= u64::from(calls) * u64::from(self.settings.error_percent)
                {
                    self.open(now, spread);
                }
            }
            (State::HalfOpen, Outcome::Answered) => {
                self.change(State::Closed);
                self.openings = 0;
                self.slots = [Slot::default(); SLOTS as usize];
            }
            (State::HalfOpen, Outcome::Failed) => self.open(now, spread),
            // The probe said nothing: the next call is another.
            (State::HalfOpen, Outcome::Dropped) => {
                self.change(State::Open);
                self.until = now;
            }
        }
    }

    fn open(&mut self, now: Duration, spread: u8) {
        let doubled = 2_u32.saturating_pow(self.openings);
        let base = self.settings.open.saturating_mul(doubled).min(self.settings.open_most);
        self.until = now + base + base * u32::from(spread) / (5 * u32::from(u8::MAX));
        self.openings = self.openings.saturating_add(1);
        self.change(State::Open);
    }

    fn change(&mut self, to: State) {
        self.state = to;
        self.generation += 1;
    }

    /// The number of the window's part in which `now` is.
    fn slot_at(&self, now: Duration) -> u64 {
        let each = (self.settings.window / SLOTS).as_nanos().max(1);
        u64::try_from(now.as_nanos() / each).unwrap_or(u64::MAX)
    }

    fn count(&mut self, now: Duration, failed: bool) {
        let number = self.slot_at(now);
        let index = usize::try_from(number % u64::from(SLOTS)).unwrap_or(0);
        let slot = &mut self.slots[index];
        if slot.number != number {
            *slot = Slot { number, calls: 0, failures: 0 };
        }
        slot.calls = slot.calls.saturating_add(1);
        slot.failures = slot.failures.saturating_add(u32::from(failed));
    }

    /// Calls and failures in the window.
    fn counted(&self, now: Duration) -> (u32, u32) {
        let number = self.slot_at(now);
        let recent = self.slots.iter().filter(|slot| slot.number + u64::from(SLOTS) > number);
        recent.fold((0, 0), |(calls, failures), slot| (calls + slot.calls, failures + slot.failures))
    }
}

/// A circuit that many tasks share, with its metrics `circuit_state` (0 closed, 1 half open, 2 open), `circuit_opened_total` and
/// `circuit_refused_total`. Cheap to clone.
#[derive(Clone)]
pub struct Breaker(Arc<Inner>);

struct Inner {
    name: String,
    started: Instant,
    circuit: Mutex<Circuit>,
}

/// The circuit is open.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the circuit is open for {} ms more", .retry_in.as_millis())]
pub struct Refused {
    /// How long until it makes sense to ask again.
    pub retry_in: Duration,
}

impl Breaker {
    /// A closed circuit; `name` is the label `circuit` of its metrics.
    pub fn new(name: impl Into<String>, settings: Settings) -> Self {
        let breaker = Self(Arc::new(Inner {
            name: name.into(),
            started: Instant::now(),
            circuit: Mutex::new(Circuit::new(settings)),
        }));
        breaker.0.tell(State::Closed);
        breaker
    }

    /// Lets a call pass. What the call became must be said to the [`Call`]; dropped, it was given up by us.
    pub fn enter(&self) -> Result<Call, Refused> {
        let entered = self.0.locked(Circuit::enter);
        match entered {
            Ok(permission) => Ok(Call { breaker: Arc::clone(&self.0), permission, told: false }),
            Err(retry_in) => {
                metrics::counter!("circuit_refused_total", "circuit" => self.0.name.clone()).increment(1);
                Err(Refused { retry_in })
            }
        }
    }

    /// Whether a call would pass, for those who would rather not begin.
    pub fn check(&self) -> Result<(), Refused> {
        match self.0.locked(|circuit, now| circuit.refuses_for(now)) {
            Some(retry_in) => Err(Refused { retry_in }),
            None => Ok(()),
        }
    }

    /// Where the circuit is.
    pub fn state(&self) -> State {
        self.0.locked(|circuit, _| circuit.state())
    }
}

impl Inner {
    /// Does something with the circuit, and tells when its state changed.
    fn locked<T>(&self, work: impl FnOnce(&mut Circuit, Duration) -> T) -> T {
        let mut circuit = self.circuit.lock().unwrap_or_else(PoisonError::into_inner);
        let before = circuit.state();
        let done = work(&mut circuit, self.started.elapsed());
        let after = circuit.state();
        drop(circuit);
        if before != after {
            self.tell(after);
        }
        done
    }

    fn tell(&self, state: State) {
        metrics::gauge!("circuit_state", "circuit" => self.name.clone()).set(state.level());
        match state {
            State::Open => {
                metrics::counter!("circuit_opened_total", "circuit" => self.name.clone()).increment(1);
                tracing::warn!(
                    circuit = self.name,
                    "circuit open: calls are refused until a probe is answered"
                );
            }
            State::HalfOpen => tracing::debug!(circuit = self.name, "circuit half open"),
            State::Closed => tracing::debug!(circuit = self.name, "circuit closed"),
        }
    }
}

/// A call under way.
pub struct Call {
    breaker: Arc<Inner>,
    permission: Permission,
    told: bool,
}

impl Call {
    /// Whether this call decides if the circuit closes.
    pub fn is_probe(&self) -> bool {
        self.permission.is_probe()
    }

    /// The other side answered, be it with a refusal.
    pub fn answered(self) {
        self.tell(Outcome::Answered);
    }

    /// It did not, or it failed.
    pub fn failed(self) {
        self.tell(Outcome::Failed);
    }

    fn tell(mut self, outcome: Outcome) {
        self.told = true;
        self.report(outcome);
    }

    fn report(&self, outcome: Outcome) {
        // Any number will do that differs from process to process.
        let spread = (Arc::as_ptr(&self.breaker).addr() >> 4).to_le_bytes()[0]
            ^ self.breaker.started.elapsed().as_nanos().to_le_bytes()[1];
        self.breaker.locked(|circuit, now| circuit.report(now, self.permission, outcome, spread));
    }
}

impl Drop for Call {
    fn drop(&mut self) {
        if !self.told {
            self.report(Outcome::Dropped);
        }
    }
}

#[cfg(test)]
mod tests;
