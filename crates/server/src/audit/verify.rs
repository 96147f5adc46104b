//! Looking whether what was recorded is still what is there.

use std::fmt;

use jiff::{SignedDuration, Timestamp};
use kernel::AuditId;
use platform::db::{Db, DbError};
use platform::seal::Sealer;

use super::chain::{Head, link};
use super::store;

const PAGE: i64 = 1_000;
/// The job links within seconds; what waits longer means that it does not run, or that somebody put a record there.
const LINKED_WITHIN: SignedDuration = SignedDuration::from_mins(10);

/// What was found.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Report {
    /// So many links fit, from the first on.
    pub sound: i64,
    /// The last link that fits; what to keep elsewhere and to expect next time.
    pub head: Head,
    /// The first that does not fit.
    pub broken: Option<Broken>,
}

/// What is wrong with the first link or record that is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Broken {
    /// The link is gone.
    LinkMissing {
        /// Its position.
        position: i64,
    },
    /// The record of a link is gone.
    RecordMissing {
        /// The link's position.
        position: i64,
        /// The record.
        record: AuditId,
    },
    /// The record is not what was linked there.
    Changed {
        /// The link's position.
        position: i64,
        /// The record.
        record: AuditId,
        /// When it says it was recorded.
        recorded_at: Timestamp,
    },
    /// Records that should have a link have none.
    NeverLinked {
        /// How many.
        count: i64,
        /// The first of them.
        first: AuditId,
    },
    /// The chain ends before a head that was kept elsewhere, or is another one there.
    NotAsExpected {
        /// The position that was expected.
        position: i64,
        /// Where the chain ends.
        ends: i64,
    },
}

impl fmt::Display for Broken {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::LinkMissing { position } => write!(f, "link {position} is missing"),
            Self::RecordMissing { position, record } => {
                write!(f, "record {record} of link {position} is missing")
            }
            Self::Changed { position, record, recorded_at } => write!(
                f,
                "record {record} of link {position}, dated {recorded_at}, is not what was recorded there: it or the link was changed \
                 or moved, or the keys are of another installation"
            ),
            Self::NeverLinked { count, first } => write!(
                f,
                "{count} records have no link, the first is {first}: no process does `udaan work`, or somebody put them there"
            ),
            Self::NotAsExpected { position, ends } => write!(
                f,
                "link {position} is not the expected one, and the chain ends with {ends}: its end was cut off or written anew"
            ),
        }
    }
}

/// Goes through the whole chain of one moment, from the first link on. `expected` is a head that was kept elsewhere: without one
/// nobody can tell that the newest records were removed together with their links.
pub async fn verify(
    db: &Db,
    sealer: &Sealer,
    now: Timestamp,
    expected: Option<&Head>,
) -> Result<Report, DbError> {
    let tx = db.snapshot().await?;
    let (mut head, mut met) = (Head::origin(), expected.is_none_or(|expected| *expected == Head::origin()));
    loop {
        let links = store::links_after(&tx, head.position, PAGE).await?;
        if links.is_empty() {
            break;
        }
        for found in links {
            let position = head.position + 1;
            let broken = |broken| Report { sound: position - 1, head: head.clone(), broken: Some(broken) };
            if found.position != position {
                return Ok(broken(Broken::LinkMissing { position }));
            }
            let Some(content) = found.content else {
                return Ok(broken(Broken::RecordMissing { position, record: found.record }));
            };
            let right = link(sealer, &head, &content);
            if right.hash != found.hash {
                let (record, recorded_at) = (found.record, content.recorded_at);
                return Ok(broken(Broken::Changed { position, record, recorded_at }));
            }
            head = right;
            met |= expected == Some(&head);
        }
    }
    let (count, first) = store::never_linked(&tx, now - LINKED_WITHIN).await?;
    let never_linked = first.map(|first| Broken::NeverLinked { count, first });
    let unmet = expected.filter(|_| !met);
    let unmet =
        unmet.map(|expected| Broken::NotAsExpected { position: expected.position, ends: head.position });
    Ok(Report { sound: head.position, head, broken: unmet.or(never_linked) })
}
