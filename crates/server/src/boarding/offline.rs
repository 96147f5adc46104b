//! A pass looked at with public keys alone, and what it says in a line.

use std::collections::BTreeMap;

use anyhow::Context;
use ed25519_dalek::VerifyingKey;
use iata::bcbp::{date_of, date_of_digit};
use jiff::civil::Date;
use serde::Deserialize;

use super::keys::{PublicKey, Verified, public_keys};

/// What `GET /boarding-keys` answers.
#[derive(Deserialize)]
struct Published {
    keys: Vec<PublicKey>,
}

/// The keys in an answer of `GET /boarding-keys` that was kept.
pub fn published_keys(json: &str) -> anyhow::Result<BTreeMap<i16, VerifyingKey>> {
    let published: Published =
        serde_json::from_str(json).context("it is not what GET /api/v1/boarding-keys answers")?;
    public_keys(&published.keys)
}

impl Verified {
    /// What the pass says, in a line. The year of a flight is the one that brings it closest to the day of issue, and that of the day of
    /// issue, of which the pass has the last digit, the one that brings it closest to `today`: a pass of last year's flight of the same
    /// number says last year.
    pub fn told(&self, today: Date) -> String {
        let mut told = self.pass.name.clone();
        let issued = self.pass.once.as_ref().and_then(|once| once.issued_on);
        let issued = issued.and_then(|(digit, day)| date_of_digit(digit, day, today));
        let near = issued.unwrap_or(today);
        for leg in &self.pass.legs {
            let suffix = leg.suffix.map(String::from).unwrap_or_default();
            let date =
                date_of(leg.day, near).map_or_else(|| format!("day {}", leg.day), |date| date.to_string());
            told.push_str(&format!(
                ", {}{}{suffix} {}-{} on {date}, {}, seat {}, sequence {}, version {}",
                leg.carrier,
                leg.flight,
                leg.from,
                leg.to,
                leg.locator,
                leg.seat,
                leg.sequence.unwrap_or(0),
                leg.own.trim_start_matches('V'),
            ));
        }
        if let Some(issued) = issued {
            told.push_str(&format!(", issued {issued}"));
        }
        format!("{told}, key {}", self.key)
    }
}

#[cfg(test)]
mod tests {
    use iata::bcbp::{BcbpError, BoardingPass};
    use jiff::civil::date;
    use platform::keys::Secret;

    use super::super::keys::{BoardingKeys, VerifyError, verify};
    use super::*;

    const TEXT: &str = "M1RAO/ASHA            EKX7Q2M ABEATLKR 0001 161Y012A0017 113>80B0WW6160BKR 00V3";

    #[test]
    fn a_pass_is_told_in_a_line_and_a_changed_one_is_refused() {
        let signing = BoardingKeys::new(&BTreeMap::from([(4, Secret::new([7; 32]))])).expect("a key");
        let answer = serde_json::json!({"keys": signing.public()}).to_string();
        let keys = published_keys(&answer).expect("keys");
        let unsigned = BoardingPass::parse(TEXT).expect("a pass");
        let text = signing.sign(unsigned).expect("signed");
        let verified = verify(&keys, &text).expect("ours");
        let told = "RAO/ASHA, KR1 ABE-ATL on 2026-06-10, KX7Q2M, seat 12A, sequence 17, version 3, issued 2026-06-09, key 4";
        // A year later a flight of the same number leaves on the same day of the year: this pass is not for it.
        for today in [date(2026, 6, 9), date(2026, 6, 10), date(2027, 6, 10), date(2025, 1, 1)] {
            assert_eq!(verified.told(today), told, "{today}");
        }
        let changed = text.replacen("012A", "001A", 1);
        assert_eq!(verify(&keys, &changed), Err(VerifyError::Signature));
        assert_eq!(verify(&keys, TEXT), Err(VerifyError::NotSigned));
        assert_eq!(verify(&keys, ""), Err(VerifyError::Text(BcbpError::Short("the format"))));
        assert!(published_keys("[]").is_err());
    }
}
