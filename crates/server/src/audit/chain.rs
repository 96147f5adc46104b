//! The chain's arithmetic.

use platform::seal::Sealer;

use super::store::RecordRow;

/// What the keyed hash is of, so that it is no other's.
const PURPOSE: &str = "audit_links";

/// The end of the chain.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// How many links there are.
    pub position: i64,
    /// The hash of the last; 32 zero bytes of an empty chain.
    pub hash: Vec<u8>,
}

impl Head {
    /// The end of an empty chain.
    pub fn origin() -> Self {
        Self { position: 0, hash: vec![0; 32] }
    }
}

/// The end of the chain once `record` is linked to it.
pub(super) fn link(sealer: &Sealer, head: &Head, record: &RecordRow) -> Head {
    let position = head.position + 1;
    let content = [&head.hash[..], &position.to_be_bytes(), &bytes_of(record)].concat();
    Head { position, hash: sealer.fingerprint(PURPOSE, &content) }
}

/// Every member of a record, each with its length before it, so that no two records have the same bytes.
fn bytes_of(record: &RecordRow) -> Vec<u8> {
    let mut bytes = Vec::new();
    let mut put = |member: Option<&[u8]>| match member {
        None => bytes.push(0),
        Some(member) => {
            bytes.push(1);
            bytes.extend_from_slice(&(member.len() as u64).to_be_bytes());
            bytes.extend_from_slice(member);
        }
    };
    put(Some(record.id.uuid().as_bytes()));
    put(Some(&record.recorded_at.as_microsecond().to_be_bytes()));
    put(Some(record.actor.uuid().as_bytes()));
    for text in [&record.role, &record.address, &record.request_id, &record.action, &record.object] {
        put(Some(text.as_bytes()));
    }
    for text in [&record.client, &record.before, &record.after] {
        put(text.as_deref().map(str::as_bytes));
    }
    bytes
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use jiff::Timestamp;
    use kernel::{AuditId, UserId};
    use platform::keys::KeyFile;
    use platform::random::Random;

    use super::*;

    fn record() -> RecordRow {
        RecordRow {
            id: AuditId::new(Timestamp::UNIX_EPOCH, [1; 10]),
            recorded_at: Timestamp::UNIX_EPOCH,
            actor: UserId::new(Timestamp::UNIX_EPOCH, [2; 10]),
            role: "admin".into(),
            client: None,
            address: "203.0.113.9".into(),
            request_id: "req_1".into(),
            action: "flight.update".into(),
            object: "flt_1".into(),
            before: Some("{}".into()),
            after: None,
        }
    }

    #[test]
    fn every_member_counts_and_so_does_the_place() {
        let sealer = Sealer::new(Arc::new(KeyFile::generate(Random)), Random);
        let head = Head::origin();
        let linked = link(&sealer, &head, &record());
        assert_eq!(link(&sealer, &head, &record()), linked, "the same gives the same");
        let changes: [fn(&mut RecordRow); 13] = [
            |row| row.id = AuditId::new(Timestamp::UNIX_EPOCH, [3; 10]),
            |row| row.recorded_at = Timestamp::from_microsecond(1).expect("an instant"),
            |row| row.actor = UserId::new(Timestamp::UNIX_EPOCH, [3; 10]),
            |row| row.role = "support".into(),
            |row| row.client = Some("cli_1".into()),
            |row| row.client = Some(String::new()),
            |row| row.address = "203.0.113.8".into(),
            |row| row.request_id = "req_2".into(),
            |row| row.action = "flight.delete".into(),
            |row| row.object = "flt_2".into(),
            |row| row.before = Some("{ }".into()),
            |row| row.before = None,
            |row| row.after = Some("{}".into()),
        ];
        for (number, change) in changes.iter().enumerate() {
            let mut other = record();
            change(&mut other);
            assert_ne!(link(&sealer, &head, &other), linked, "change {number}");
        }
        // What moves from one member to its neighbour is another record.
        let shifted = RecordRow { action: "flight.updatef".into(), object: "lt_1".into(), ..record() };
        assert_ne!(link(&sealer, &head, &shifted), linked);
        assert_ne!(link(&sealer, &linked, &record()).hash, linked.hash, "elsewhere in the chain");
        let other_key = Sealer::new(Arc::new(KeyFile::generate(Random)), Random);
        assert_ne!(link(&other_key, &head, &record()), linked, "without the key nobody makes a link");
    }
}
