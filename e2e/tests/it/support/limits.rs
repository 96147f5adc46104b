//! How much room a test has. The one place in which tests of the binary get more than production gives: a demo, which they are, would be
//! wide by itself, so both kinds say each limit.

use platform::config::Config;

/// Limits on rates, connections and holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Room {
    /// What production has. Whoever asks too fast is told to wait, and waits.
    Production,
    /// As good as none: for races and faults, in which one account at one address does what a crowd does.
    Wide,
    /// A crowd behind one address: rates and connections are wide, what is under way at one time is limited as in production.
    Crowd,
}

const WIDE: u32 = 100_000;

impl Room {
    /// As settings of the binary.
    pub(crate) fn settings(self) -> Vec<(&'static str, String)> {
        let Config { limits, admission, http, booking, .. } = Config::default();
        let rate = |production: u32| if self == Self::Production { production } else { WIDE };
        let holds = if self == Self::Production { booking.live_holds } else { 0 };
        let pause = |after: u16| if self == Self::Production { after } else { 0 };
        let mut settings = vec![
            ("UDAAN_LIMITS__SEARCH_PER_SECOND", rate(limits.search_per_second).to_string()),
            ("UDAAN_LIMITS__ACCOUNTS_PER_HOUR", rate(limits.accounts_per_hour).to_string()),
            ("UDAAN_LIMITS__CODES_PER_HOUR", rate(limits.codes_per_hour).to_string()),
            ("UDAAN_LIMITS__SALES_PER_SECOND", rate(limits.sales_per_second).to_string()),
            ("UDAAN_LIMITS__EXPORTS_PER_HOUR", rate(limits.exports_per_hour).to_string()),
            ("UDAAN_LIMITS__LIVE_PER_SECOND", rate(limits.live_per_second).to_string()),
            ("UDAAN_LIMITS__OTHER_PER_SECOND", rate(limits.other_per_second).to_string()),
            ("UDAAN_BOOKING__LIVE_HOLDS", holds.to_string()),
            ("UDAAN_LIMITS__EXPIRED_HOLDS", pause(limits.expired_holds).to_string()),
            ("UDAAN_LIMITS__DECLINES", pause(limits.declines).to_string()),
        ];
        if self != Self::Wide {
            settings.extend([
                ("UDAAN_ADMISSION__MOST", admission.most.to_string()),
                ("UDAAN_ADMISSION__LEAST", admission.least.to_string()),
                ("UDAAN_ADMISSION__SEARCH_WAIT_MS", admission.search_wait_ms.to_string()),
            ]);
        }
        if self == Self::Production {
            settings.push(("UDAAN_HTTP__CONNECTIONS_PER_ADDRESS", http.connections_per_address.to_string()));
        }
        settings
    }
}
