//! The door of the ledger.

use domain::ledger::{Posting, Unbalanced};
use jiff::Timestamp;
use kernel::BookingId;
use platform::db::{DbError, Sql};
use uuid::Uuid;

use super::store;
use crate::app::App;

/// A posting of the ledger as it was written.
#[derive(Clone, Debug)]
pub struct Posted {
    /// The booking, payment, cancellation or refund it is about.
    pub reference: Uuid,
    /// What it says.
    pub posting: Posting,
    /// When.
    pub posted_at: Timestamp,
}

/// Writes a posting about a `reference` of a booking. One that was written before fails the transaction: the same money would
/// be counted twice. One without entries is nothing to write.
pub async fn post(
    app: &App,
    sql: &Sql,
    booking: BookingId,
    reference: Uuid,
    posting: &Posting,
    now: Timestamp,
) -> Result<(), DbError> {
    if posting.entries().is_empty() {
        return Ok(());
    }
    store::insert(sql, booking, app.new_id(kernel::ids::uuid_v7), reference, posting, now).await
}

/// The postings of a booking, in the order they were written.
pub async fn postings_of(sql: &Sql, booking: BookingId) -> Result<Vec<Posted>, DbError> {
    store::postings_of(sql, booking).await
}

/// What an amount that does not add up becomes: a defect of ours, and the transaction fails.
pub fn unbalanced(error: Unbalanced) -> DbError {
    DbError::Inconsistent(error.to_string())
}
