//! Query strings of search, calendar and airports, through the whole router: an answer or a refusal, never a defect. The
//! first byte says whom to ask.

#![no_main]

use std::sync::LazyLock;

use libfuzzer_sys::fuzz_target;
use server::search::api::FuzzedAirline;

static AIRLINE: LazyLock<FuzzedAirline> = LazyLock::new(|| FuzzedAirline::new().expect("an airline"));

fuzz_target!(|data: &[u8]| {
    let Some((whom, query)) = data.split_first() else { return };
    let path = ["/search", "/search/calendar", "/airports", "/flights/nothing"][usize::from(*whom % 4)];
    if let Some(status) = AIRLINE.get(path, query) {
        assert!(status == 200 || (400..500).contains(&status), "{path}: {status}");
    }
});
