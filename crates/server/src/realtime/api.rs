//! The door of the realtime slice.

use platform::config;
use platform::db::{DbError, Sql};
use platform::hub::{Hub, Limits};

use super::store;
use crate::access::Caller;

pub use super::consumer::Happenings;
pub use super::fuzzing::read_said;
pub use super::jobs::{follow_job, jobs};
pub use super::store::NewMessage;
pub use super::topics::Topic;
pub use super::wire::Told;

/// The sockets of this process.
pub type Sockets = Hub<Caller, Told>;

/// No sockets yet.
pub fn sockets(config: &config::Live) -> Sockets {
    Hub::new(Limits {
        sockets: config.sockets,
        of_account: config.sockets_per_account,
        topics: config.topics,
        queue: config.queue,
    })
}

/// Tells whoever listens, if the transaction commits. It takes no lock that anybody waits for.
pub async fn tell(sql: &Sql, messages: &[NewMessage]) -> Result<(), DbError> {
    store::put(sql, messages).await
}
