//! `udaan audit verify`: whether what staff did is still recorded as it was.

use std::process::ExitCode;
use std::str::FromStr;
use std::sync::Arc;

use anyhow::Context;
use kernel::Clock;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::db::Db;
use platform::random::Random;
use platform::seal::Sealer;
use server::audit::api::{Head, verify};

use crate::keys;

/// A head that was kept elsewhere: `812:9f2c…`.
#[derive(Clone, Debug)]
pub(crate) struct Expected(Head);

impl FromStr for Expected {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        let wrong = || "it is a position and 64 hexadecimal digits, such as 812:9f2c…".to_owned();
        let (position, digits) = text.split_once(':').ok_or_else(wrong)?;
        let digit = |pair: &[u8]| {
            let pair = std::str::from_utf8(pair).ok()?;
            pair.bytes().all(|digit| digit.is_ascii_hexdigit()).then(|| u8::from_str_radix(pair, 16).ok())?
        };
        let hash: Option<Vec<u8>> = digits.as_bytes().chunks(2).map(digit).collect();
        let hash = hash.filter(|hash| hash.len() == 32).ok_or_else(wrong)?;
        Ok(Self(Head { position: position.parse().map_err(|_| wrong())?, hash }))
    }
}

/// Prints what was found. Fails if anything is not as it was.
pub(crate) async fn run(config: &Config, expected: Option<&Expected>) -> anyhow::Result<ExitCode> {
    let sealer = Sealer::new(Arc::new(keys::load(config)?), Random);
    let expected = expected.map(|expected| &expected.0);
    let db = Db::new(&config.database)?;
    let report =
        verify(&db, &sealer, SystemClock.now(), expected).await.context("reading the audit records")?;
    let head = report.head.hash.iter().map(|byte| format!("{byte:02x}")).collect::<String>();
    println!(
        "{} audit records are as they were recorded; head {}:{head}",
        report.sound, report.head.position
    );
    let Some(broken) = report.broken else { return Ok(ExitCode::SUCCESS) };
    println!("BROKEN: {broken}");
    Ok(ExitCode::FAILURE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_head_reads_back_and_a_mistake_is_explained() {
        let digits = "0f".repeat(32);
        let Expected(head) = format!("812:{digits}").parse().expect("a head");
        assert_eq!((head.position, head.hash), (812, vec![15; 32]));
        for wrong in ["", "812", "x:00", "812:00", &format!("812:{}", "+f".repeat(32))] {
            assert!(wrong.parse::<Expected>().is_err(), "{wrong}");
        }
    }
}
