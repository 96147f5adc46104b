//! `udaan gate verify`: whether boarding passes are ours, without a network or a database.

use std::io::{BufRead, stdin};
use std::path::Path;

use anyhow::Context;
use jiff::tz::TimeZone;
use kernel::Clock;
use platform::clock::SystemClock;
use server::boarding::api::{published_keys, verify};

/// Looks at the texts of bar codes: those that are given, or else one a line from standard input. Fails if one is not ours.
pub(crate) fn run(keys: &Path, texts: &[String]) -> anyhow::Result<()> {
    let text = std::fs::read_to_string(keys).with_context(|| format!("cannot read {}", keys.display()))?;
    let keys = published_keys(&text).with_context(|| keys.display().to_string())?;
    let today = SystemClock.now().to_zoned(TimeZone::UTC).date();
    let (mut seen, mut refused) = (0, 0);
    let mut look = |text: &str| {
        seen += 1;
        match verify(&keys, text) {
            Ok(verified) => println!("ours: {}", verified.told(today)),
            Err(error) => {
                refused += 1;
                println!("refused: {error}");
            }
        }
    };
    if texts.is_empty() {
        for line in stdin().lock().lines() {
            // A scanner ends a line as it likes; blanks at the end may belong to the pass.
            look(line?.trim_end_matches('\r'));
        }
    } else {
        for text in texts {
            look(text);
        }
    }
    anyhow::ensure!(refused == 0, "{refused} of {seen} refused");
    Ok(())
}
