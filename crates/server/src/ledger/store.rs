//! SQL on `ledger_postings`.

use domain::ledger::{Account, Posting, PostingKind};
use jiff::Timestamp;
use kernel::{BookingId, Currency};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;
use uuid::Uuid;

use super::api::Posted;

pub(super) async fn insert(
    sql: &Sql,
    booking: BookingId,
    id: Uuid,
    reference: Uuid,
    posting: &Posting,
    now: Timestamp,
) -> Result<(), DbError> {
    let accounts: Vec<String> = posting.entries().iter().map(|(account, _)| account.to_string()).collect();
    let amounts: Vec<i64> = posting.entries().iter().map(|(_, amount)| *amount).collect();
    sql.execute(
        "INSERT INTO ledger_postings (booking_id, id, kind, reference, currency, accounts, amounts, posted_at)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        &[
            &booking.uuid(),
            &id,
            &posting.kind().as_str(),
            &reference,
            &posting.currency().as_str(),
            &accounts,
            &amounts,
            &now,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn postings_of(sql: &Sql, booking: BookingId) -> Result<Vec<Posted>, DbError> {
    let rows = sql
        .query(
            "SELECT kind, reference, currency, accounts, amounts, posted_at FROM ledger_postings
             WHERE booking_id = $1 ORDER BY posted_at, id",
            &[&booking.uuid()],
        )
        .await?;
    rows.iter().map(posted).collect()
}

fn posted(row: &Row) -> Result<Posted, DbError> {
    let odd =
        |what: &dyn std::fmt::Debug| DbError::Inconsistent(format!("a posting of the ledger: {what:?}"));
    let (kind, currency): (&str, &str) = (row.get(0), row.get(2));
    let kind = PostingKind::from_word(kind).ok_or_else(|| odd(&kind))?;
    let currency: Currency = currency.parse().map_err(|error| odd(&error))?;
    let accounts: Vec<&str> = row.get(3);
    let accounts = accounts.into_iter().map(str::parse).collect::<Result<Vec<Account>, _>>();
    let amounts: Vec<i64> = row.get(4);
    let entries = accounts.map_err(|error| odd(&error))?.into_iter().zip(amounts);
    let posting = Posting::new(kind, currency, entries).map_err(|error| odd(&error))?;
    Ok(Posted { reference: row.get(1), posting, posted_at: row.get(5) })
}
