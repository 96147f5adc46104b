//! Offer tokens: the content behind the signature, and the signature.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::search::api::read_offer;

fuzz_target!(|data: &[u8]| assert!(read_offer(data)));
