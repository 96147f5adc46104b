//! Cursors of search.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::search::api::read_cursor;

fuzz_target!(|data: &[u8]| {
    if let Ok(text) = std::str::from_utf8(data) {
        assert!(read_cursor(text));
    }
});
