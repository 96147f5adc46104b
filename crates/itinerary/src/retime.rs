//! Other minimum connection times for a timetable that is being searched.

use std::sync::Arc;

use crate::connections::ConnectionTimes;
use crate::network::{Network, wait_until_alone};

impl Network {
    /// Connections take these times from now on. Flights, fares and seats stay where they are: only the airports with
    /// flights are written anew, in well under a millisecond. A search under way ends with the times it began with; this
    /// waits for it, as every change of the timetable does, and the next search has the new ones.
    pub fn set_connection_times(&self, times: ConnectionTimes) {
        let mut writing = self.begin_writing();
        if writing.times == times {
            return;
        }
        let before = self.timetable.load_full();
        let mut after = (*before).clone();
        after.graph = Arc::new(before.graph.with_times(&times));
        writing.times = times;
        self.timetable.store(Arc::new(after));
        // The bounds are shared with the timetable before. The next change raises them once its own predecessor, which is
        // the one just made, is alone: a search on this one must be over by then.
        wait_until_alone(&before);
    }
}
