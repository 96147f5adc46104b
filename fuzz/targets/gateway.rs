//! What the payment gateway answers, and what comes to the address of its webhooks: read, and never taken for more than was said. The first
//! two bytes are the status.

#![no_main]

use jiff::Timestamp;
use libfuzzer_sys::fuzz_target;
use server::payments::api::{is_signed, read_answer};

fuzz_target!(|data: &[u8]| {
    let Some((status, body)) = data.split_first_chunk() else { return };
    let status = 100 + u16::from_be_bytes(*status) % 500;
    assert!(read_answer(status, body), "{status}: more was heard than was said");
    let (header, body) = body.split_at(body.len() / 2);
    let header = String::from_utf8_lossy(header);
    assert!(!is_signed(&header, body, "whsec_nobody_knows_it", Timestamp::UNIX_EPOCH), "nobody signed this");
});
