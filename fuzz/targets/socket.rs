//! What a client says on a socket: understood or refused, and a topic by the one name it has.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::realtime::api::read_said;

fuzz_target!(|text: &str| assert!(read_said(text), "another name for a topic: {text}"));
