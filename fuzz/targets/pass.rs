//! Boarding passes as a gate reads them: any text there is; and none that we did not sign is ours.

#![no_main]

use std::collections::BTreeMap;
use std::sync::LazyLock;

use iata::bcbp::BoardingPass;
use libfuzzer_sys::fuzz_target;
use platform::keys::Secret;
use server::boarding::api::BoardingKeys;

static KEYS: LazyLock<BoardingKeys> =
    LazyLock::new(|| BoardingKeys::new(&BTreeMap::from([(1, Secret::new([7; 32]))])).expect("a key"));

fuzz_target!(|text: &str| {
    assert!(KEYS.verify(text).is_err(), "nobody signed this");
    let Ok(pass) = BoardingPass::parse(text) else { return };
    // What is read can be written, and says the same then.
    let printed = pass.print().expect("it was a pass");
    assert_eq!(BoardingPass::parse(&printed).as_ref(), Ok(&pass), "{printed:?}");
    let signed = KEYS.sign(pass).expect("it was a pass");
    let ours = KEYS.verify(&signed).expect("we signed this");
    assert_eq!(KEYS.sign(ours.pass).as_deref(), Ok(signed.as_str()));
});
