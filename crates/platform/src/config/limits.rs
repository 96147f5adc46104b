//! How much is enough: rates, room, and patience with others.

use serde::Deserialize;

/// Rate limits: for each client address, and the same again for each account.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Limits {
    /// Searches a second.
    pub search_per_second: u32,
    /// Registrations and logins an hour, each.
    pub accounts_per_hour: u32,
    /// Promotion codes tried an hour.
    pub codes_per_hour: u32,
    /// Holds, payments, changes and cancellations a second.
    pub sales_per_second: u32,
    /// Reports and exports an hour.
    pub exports_per_hour: u32,
    /// Webhooks of the payment gateway, a second: they come in bursts from few addresses, and what is refused comes again.
    pub webhooks_per_second: u32,
    /// Topics an account begins to listen to, a second, over all its sockets.
    pub live_per_second: u32,
    /// Everything else, requests a second.
    pub other_per_second: u32,
    /// Holds of an account that expire unpaid before it has to pause, and then one each half an hour; 0: it never has to.
    pub expired_holds: u16,
    /// Holds that an account gives up unpaid before it has to pause, and then one each ten minutes; 0: it never has to.
    pub given_up_holds: u16,
    /// Payments of an account that are declined before it has to pause, and then one each ten minutes; 0: it never has to.
    pub declines: u16,
    /// Locators that are guessed wrong in an hour, by everybody, before each further guess costs the guesser work; 0: it never does.
    pub record_misses_per_hour: u16,
    /// A program (OAuth client) has so many times as much, because it speaks for many.
    pub client_factor: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            search_per_second: 10,
            accounts_per_hour: 30,
            codes_per_hour: 60,
            sales_per_second: 5,
            exports_per_hour: 60,
            webhooks_per_second: 500,
            live_per_second: 50,
            other_per_second: 20,
            expired_holds: 3,
            given_up_holds: 10,
            declines: 8,
            record_misses_per_hour: 200,
            client_factor: 10,
        }
    }
}

impl Limits {
    /// Wide enough for a small crowd behind one address.
    pub const DEMO: Self = Self {
        search_per_second: 50,
        accounts_per_hour: 200,
        codes_per_hour: 600,
        sales_per_second: 100,
        exports_per_hour: 600,
        webhooks_per_second: 500,
        live_per_second: 200,
        other_per_second: 100,
        expired_holds: 0,
        given_up_holds: 0,
        declines: 0,
        record_misses_per_hour: 200,
        client_factor: 10,
    };
}

/// How much may be under way at once in a process, and who gives way first.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Admission {
    /// Most requests inside while nobody waits.
    pub most: usize,
    /// And however long they wait.
    pub least: usize,
    /// Beyond this wait for a processor or a database connection fewer are let in, milliseconds.
    pub target_ms: u64,
    /// Reports and exports come in while less than so much of it is taken, percent.
    pub export_percent: u8,
    /// Searches.
    pub search_percent: u8,
    /// Everything but selling.
    pub manage_percent: u8,
    /// Searches that run at one time for each processor.
    pub searches_per_processor: usize,
    /// How long a search waits for its turn before it is refused, milliseconds; a quarter of that once there was a queue for a while.
    pub search_wait_ms: u64,
}

impl Default for Admission {
    fn default() -> Self {
        Self {
            most: 512,
            least: 16,
            target_ms: 20,
            export_percent: 40,
            search_percent: 70,
            manage_percent: 90,
            searches_per_processor: 1,
            search_wait_ms: 40,
        }
    }
}

/// Circuit breakers of outgoing calls: the payment gateway, and each webhook's receiver.
#[derive(Clone, Debug, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Breakers {
    /// How long a call counts, seconds.
    pub window_seconds: u64,
    /// Fewer calls in the window say nothing.
    pub calls_min: u32,
    /// Share of failures that opens a circuit, percent.
    pub error_percent: u32,
    /// How long it stays open, seconds; twice as long after each probe that failed.
    pub open_seconds: u64,
    /// And at most so long.
    pub open_seconds_most: u64,
}

impl Default for Breakers {
    fn default() -> Self {
        Self { window_seconds: 10, calls_min: 10, error_percent: 50, open_seconds: 5, open_seconds_most: 60 }
    }
}
