//! What an `OpenID` provider sends: its document, its keys and a token, a line each. No address is taken from it that only we can reach, and
//! no token is believed that no key signed.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use server::identity::api::{read_id_token, read_provider};

fuzz_target!(|data: &[u8]| {
    let mut lines = data.splitn(3, |byte| *byte == b'\n');
    let (document, keys) = (lines.next().unwrap_or_default(), lines.next().unwrap_or_default());
    let token = String::from_utf8_lossy(lines.next().unwrap_or_default());
    assert!(read_provider(document, "https://id.example"), "an address that only we can reach");
    assert!(!read_id_token(keys, &token, Timestamp::UNIX_EPOCH), "nobody signed this");
});
