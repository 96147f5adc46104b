//! A browser's answer to a ceremony of passkeys: read or refused, and never taken for the answer to a challenge it has not seen.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::identity::api::read_passkey;

fuzz_target!(|data: &[u8]| assert!(!read_passkey(data), "nobody has seen the challenge"));
