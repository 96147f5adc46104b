//! Ranked lists that were shown in part, kept some minutes so that the next page goes on where the last one ended,
//! whatever prices and seats do meanwhile.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::Duration;

use itinerary::{Journey, Rank, SortKey};
use moka::sync::Cache;
use tokio::sync::Mutex;
use uuid::Uuid;

/// How long a list is kept after it was last read.
const KEPT: Duration = Duration::from_mins(10);
/// Journeys of all lists together; about a quarter of a kilobyte each.
const JOURNEYS_MAX: u64 = 300_000;

/// A list as far as it was needed.
pub(super) struct List {
    pub(super) journeys: Arc<Vec<Journey>>,
    /// The question it answers: a cursor is not signed, and nobody may read it with another question's cabin or party.
    pub(super) question: u64,
    /// Whether everything was looked at so far.
    pub(super) complete: bool,
    /// The feed number it was made at.
    pub(super) as_of: u64,
    /// Whether there is nothing behind it.
    pub(super) ended: bool,
}

impl List {
    /// Appends what a later search found and this list does not have. What was shown stays where it was; what got cheaper
    /// or dearer meanwhile is neither repeated nor lost.
    pub(super) fn extend(&mut self, journeys: impl Iterator<Item = Journey>) {
        let flights = |journey: &Journey| SortKey { rank: Rank::default(), ..journey.key() };
        let known: HashSet<SortKey> = self.journeys.iter().map(flights).collect();
        let new = journeys.filter(|journey| !known.contains(&flights(journey)));
        // A page that is being written meanwhile keeps the list as it was.
        Arc::make_mut(&mut self.journeys).extend(new);
    }
}

/// The lists this server keeps. The ones read longest ago go first when there are too many.
pub struct KeptLists(Cache<Uuid, Arc<Mutex<List>>>);

impl KeptLists {
    /// No lists.
    pub fn new() -> Self {
        Self(Cache::builder().max_capacity(JOURNEYS_MAX).weigher(weight).time_to_idle(KEPT).build())
    }

    pub(super) fn get(&self, id: Uuid) -> Option<Arc<Mutex<List>>> {
        self.0.get(&id)
    }

    pub(super) fn keep(&self, id: Uuid, list: List) {
        self.0.insert(id, Arc::new(Mutex::new(list)));
    }

    /// Weighs a list anew after it has grown.
    pub(super) fn keep_again(&self, id: Uuid, list: &Arc<Mutex<List>>) {
        self.0.insert(id, Arc::clone(list));
    }
}

impl Default for KeptLists {
    fn default() -> Self {
        Self::new()
    }
}

/// A list that is being read has been weighed before or is about to be again.
fn weight(_: &Uuid, list: &Arc<Mutex<List>>) -> u32 {
    list.try_lock().map_or(1, |list| u32::try_from(list.journeys.len()).unwrap_or(u32::MAX))
}
