//! SQL on the promotions slice's tables.

use domain::promotions::{DiscountLine, Promotion};
use jiff::Timestamp;
use kernel::{BookingId, Money, UserId};
use platform::db::{DbError, Sql, json};
use tokio_postgres::Row;
use tokio_postgres::types::Json;
use uuid::Uuid;

/// A promotion as it is filed, and how much of it is used.
#[derive(Clone, Debug)]
pub(super) struct PromotionRow {
    pub(super) promotion: Promotion,
    /// Uses taken, reserved and redeemed together.
    pub(super) taken: i32,
    /// Rises with every filing.
    pub(super) version: i64,
    pub(super) created_at: Timestamp,
    pub(super) updated_at: Timestamp,
    /// When staff ended it.
    pub(super) ended_at: Option<Timestamp>,
}

/// What a code took off a booking.
#[derive(Clone, Debug)]
pub struct AppliedRow {
    /// The code.
    pub code: String,
    pub(super) redemption: Uuid,
    /// What it is called.
    pub name: String,
    /// Whether others may stand beside it.
    pub combinable: bool,
    /// Whether it was for a first booking.
    pub(super) first_booking: bool,
    /// In all.
    pub discount: Money,
    /// Of which fares.
    pub lines: Vec<DiscountLine>,
    /// Of which extra instead.
    pub extra: Option<i16>,
    pub(super) applied_at: Timestamp,
}

macro_rules! promotion_columns {
    () => {
        "p.terms, c.taken, c.version, p.created_at, p.updated_at, p.ended_at
         FROM promotions p JOIN promotion_counters c ON c.code = p.code"
    };
}

fn promotion_row(row: &Row) -> Result<PromotionRow, DbError> {
    Ok(PromotionRow {
        promotion: json(row, 0)?,
        taken: row.get(1),
        version: row.get(2),
        created_at: row.get(3),
        updated_at: row.get(4),
        ended_at: row.get(5),
    })
}

pub(super) async fn find(sql: &Sql, code: &str) -> Result<Option<PromotionRow>, DbError> {
    const SQL: &str = concat!("SELECT ", promotion_columns!(), " WHERE p.code = $1");
    sql.query_opt(SQL, &[&code]).await?.as_ref().map(promotion_row).transpose()
}

/// A page of promotions by code, from after `after` on.
pub(super) async fn list(sql: &Sql, after: &str, limit: i64) -> Result<Vec<PromotionRow>, DbError> {
    const SQL: &str = concat!("SELECT ", promotion_columns!(), " WHERE p.code > $1 ORDER BY p.code LIMIT $2");
    sql.query(SQL, &[&after, &limit]).await?.iter().map(promotion_row).collect()
}

/// What a user is shown: public promotions and those given to them, that they can use now. All conditions are here, so that the
/// limit counts only what is shown. `no_first`: those for a first booking are left out.
pub(super) async fn shown_to(
    sql: &Sql,
    user: UserId,
    no_first: bool,
    now: Timestamp,
    limit: i64,
) -> Result<Vec<PromotionRow>, DbError> {
    const SQL: &str = concat!(
        "SELECT ",
        promotion_columns!(),
        " WHERE p.ended_at IS NULL AND (p.audience = 'public' OR (p.audience = 'targeted'
             AND p.code IN (SELECT a.code FROM promotion_audience a WHERE a.user_id = $1)))
            AND COALESCE((p.terms ->> 'book_from')::timestamptz <= $3, true)
            AND COALESCE((p.terms ->> 'book_until')::timestamptz > $3, true)
            AND NOT ($2 AND (p.terms ->> 'first_booking')::boolean)
            AND COALESCE(c.taken < c.total_limit, true)
            AND COALESCE((p.terms ->> 'per_user_limit')::integer > (
                SELECT count(*) FROM promotion_redemptions r
                WHERE r.code = p.code AND r.user_id = $1 AND r.status <> 'released'), true)
          ORDER BY p.code LIMIT $4"
    );
    let rows = sql.query(SQL, &[&user.uuid(), &no_first, &now, &limit]).await?;
    rows.iter().map(promotion_row).collect()
}

/// How many uses of each of these codes count for a user; codes without any are left out.
pub(super) async fn uses_of(sql: &Sql, user: UserId, codes: &[&str]) -> Result<Vec<(String, i64)>, DbError> {
    let rows = sql
        .query(
            "SELECT code, count(*) FROM promotion_redemptions
             WHERE code = ANY($2) AND user_id = $1 AND status <> 'released' GROUP BY code",
            &[&user.uuid(), &codes],
        )
        .await?;
    Ok(rows.iter().map(|row| (row.get(0), row.get(1))).collect())
}

/// Whether a targeted code was given to a user.
pub(super) async fn is_given_to(sql: &Sql, user: UserId, code: &str) -> Result<bool, DbError> {
    let given = sql
        .query_opt(
            "SELECT 1 FROM promotion_audience WHERE user_id = $1 AND code = $2",
            &[&user.uuid(), &code],
        )
        .await?;
    Ok(given.is_some())
}

/// Gives a targeted code to these users, and to nobody else.
pub(super) async fn set_audience(sql: &Sql, code: &str, users: &[Uuid]) -> Result<(), DbError> {
    sql.execute("DELETE FROM promotion_audience WHERE code = $1 AND user_id <> ALL($2)", &[&code, &users])
        .await?;
    sql.execute(
        "INSERT INTO promotion_audience (user_id, code) SELECT unnest($2::uuid[]), $1 ON CONFLICT DO NOTHING",
        &[&code, &users],
    )
    .await?;
    Ok(())
}

/// Files a new promotion; `false` if the code exists.
pub(super) async fn insert(sql: &Sql, promotion: &Promotion, now: Timestamp) -> Result<bool, DbError> {
    let Promotion { code, audience, total_limit, .. } = promotion;
    let inserted = sql
        .execute(
            "INSERT INTO promotions (code, audience, terms, created_at, updated_at) VALUES ($1, $2, $3, $4, $4)
             ON CONFLICT DO NOTHING",
            &[code, &audience.as_str(), &Json(promotion), &now],
        )
        .await?;
    if inserted == 0 {
        return Ok(false);
    }
    sql.execute("INSERT INTO promotion_counters (code, total_limit) VALUES ($1, $2)", &[code, total_limit])
        .await?;
    Ok(true)
}

/// Locks the counters of codes in their order, so that no use of them is taken until the transaction ends; how many there are.
pub(super) async fn lock(sql: &Sql, codes: &[&str]) -> Result<usize, DbError> {
    let locked =
        "SELECT 1 FROM promotion_counters WHERE code = ANY($1) ORDER BY code COLLATE \"C\" FOR UPDATE";
    Ok(sql.query(locked, &[&codes]).await?.len())
}

/// The promotions of these codes, those that there are.
pub(super) async fn find_all(sql: &Sql, codes: &[&str]) -> Result<Vec<PromotionRow>, DbError> {
    const SQL: &str = concat!("SELECT ", promotion_columns!(), " WHERE p.code = ANY($1)");
    sql.query(SQL, &[&codes]).await?.iter().map(promotion_row).collect()
}

/// Files other terms for locked codes.
pub(super) async fn update(sql: &Sql, promotions: &[&Promotion], now: Timestamp) -> Result<(), DbError> {
    let codes: Vec<&str> = promotions.iter().map(|promotion| promotion.code.as_str()).collect();
    let limits: Vec<Option<i32>> = promotions.iter().map(|promotion| promotion.total_limit).collect();
    let audiences: Vec<&str> = promotions.iter().map(|promotion| promotion.audience.as_str()).collect();
    let terms: Vec<Json<&Promotion>> = promotions.iter().map(|promotion| Json(*promotion)).collect();
    sql.execute(
        "UPDATE promotion_counters c SET total_limit = filed.total_limit, version = version + 1
         FROM unnest($1::text[], $2::integer[]) AS filed (code, total_limit) WHERE c.code = filed.code",
        &[&codes, &limits],
    )
    .await?;
    sql.execute(
        "UPDATE promotions p SET audience = filed.audience, terms = filed.terms, updated_at = $4
         FROM unnest($1::text[], $2::text[], $3::jsonb[]) AS filed (code, audience, terms) WHERE p.code = filed.code",
        &[&codes, &audiences, &terms, &now],
    )
    .await?;
    Ok(())
}

/// Ends a locked code for good; `false` if it was.
pub(super) async fn end(sql: &Sql, code: &str, now: Timestamp) -> Result<bool, DbError> {
    let ended = sql
        .execute(
            "UPDATE promotions SET ended_at = $2, updated_at = $2 WHERE code = $1 AND ended_at IS NULL",
            &[&code, &now],
        )
        .await?;
    sql.execute("UPDATE promotion_counters SET version = version + 1 WHERE code = $1", &[&code]).await?;
    Ok(ended == 1)
}

/// Takes a use of a code whose terms are still of this version, if one is left. The row stays locked: until this transaction
/// ends nobody else takes or gives back a use of the code.
pub(super) async fn take(sql: &Sql, code: &str, version: i64) -> Result<bool, DbError> {
    let taken = sql
        .execute(
            "UPDATE promotion_counters SET taken = taken + 1
             WHERE code = $1 AND version = $2 AND (total_limit IS NULL OR taken < total_limit)",
            &[&code, &version],
        )
        .await?;
    Ok(taken == 1)
}

/// A use of a code for a booking, to be reserved.
pub(super) struct NewRedemption<'a> {
    pub(super) code: &'a str,
    pub(super) id: Uuid,
    pub(super) booking: BookingId,
    pub(super) user: UserId,
    pub(super) user_limit: Option<i16>,
    pub(super) discount: Money,
}

/// Reserves a use that was taken; `false` if the user has none left. Its slot is the smallest that is free.
pub(super) async fn reserve(sql: &Sql, new: &NewRedemption<'_>, now: Timestamp) -> Result<bool, DbError> {
    let reserved = sql
        .execute(
            "INSERT INTO promotion_redemptions (code, id, booking_id, user_id, status, user_limit, user_slot, discount,
                                                currency, reserved_at)
             SELECT $1, $2, $3, $4, 'reserved', $5, free.slot, $6, $7, $8 FROM (
                 SELECT CASE WHEN $5::smallint IS NOT NULL THEN slot END AS slot
                 FROM generate_series(1, COALESCE($5::smallint, 1)) AS slot
                 WHERE $5 IS NULL OR (
                     NOT EXISTS (SELECT 1 FROM promotion_redemptions r
                                 WHERE r.code = $1 AND r.user_id = $4 AND r.user_slot = slot)
                     AND $5 > (SELECT count(*) FROM promotion_redemptions r
                               WHERE r.code = $1 AND r.user_id = $4 AND r.status <> 'released'))
                 ORDER BY 1 LIMIT 1) AS free
             ON CONFLICT DO NOTHING",
            &[
                &new.code,
                &new.id,
                &new.booking.uuid(),
                &new.user.uuid(),
                &new.user_limit,
                &new.discount.amount,
                &new.discount.currency.as_str(),
                &now,
            ],
        )
        .await?;
    Ok(reserved == 1)
}

/// Gives a reserved use back, once; `false` if it is not reserved any more.
pub(super) async fn release(sql: &Sql, code: &str, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
    let released = sql
        .execute(
            "WITH freed AS (
                 UPDATE promotion_redemptions SET status = 'released', user_slot = NULL, closed_at = $3
                 WHERE code = $1 AND id = $2 AND status = 'reserved' RETURNING code)
             UPDATE promotion_counters c SET taken = c.taken - 1 FROM freed WHERE c.code = freed.code",
            &[&code, &id, &now],
        )
        .await?;
    Ok(released == 1)
}

/// Takes a use that was given back once more, whatever has become of the terms, if one is left and the user has one left.
/// Only the counter's row is locked if not.
pub(super) async fn retake(sql: &Sql, code: &str, id: Uuid) -> Result<bool, DbError> {
    // Locked by itself first, so that the next statement sees what a use taken meanwhile has done.
    if lock(sql, &[code]).await? == 0 {
        return Ok(false);
    }
    let retaken = sql
        .execute(
            "WITH mine AS (
                 SELECT r.user_limit, r.user_id FROM promotion_redemptions r JOIN promotion_counters c ON c.code = r.code
                 WHERE r.code = $1 AND r.id = $2 AND r.status = 'released'
                   AND (c.total_limit IS NULL OR c.taken < c.total_limit)),
             free AS (
                 SELECT CASE WHEN mine.user_limit IS NOT NULL THEN slot END AS slot
                 FROM mine, generate_series(1, COALESCE(mine.user_limit, 1)) AS slot
                 WHERE mine.user_limit IS NULL OR (
                     NOT EXISTS (SELECT 1 FROM promotion_redemptions r
                                 WHERE r.code = $1 AND r.user_id = mine.user_id AND r.user_slot = slot)
                     AND mine.user_limit > (SELECT count(*) FROM promotion_redemptions r
                                            WHERE r.code = $1 AND r.user_id = mine.user_id AND r.status <> 'released'))
                 ORDER BY 1 LIMIT 1),
             back AS (
                 UPDATE promotion_redemptions r SET status = 'reserved', user_slot = free.slot, closed_at = NULL
                 FROM free WHERE r.code = $1 AND r.id = $2 RETURNING r.code)
             UPDATE promotion_counters c SET taken = c.taken + 1 FROM back WHERE c.code = back.code",
            &[&code, &id],
        )
        .await?;
    Ok(retaken == 1)
}

/// The booking is paid: a reserved use is used for good.
pub(super) async fn redeem(sql: &Sql, code: &str, id: Uuid, now: Timestamp) -> Result<bool, DbError> {
    let redeemed = sql
        .execute(
            "UPDATE promotion_redemptions SET status = 'redeemed', closed_at = $3
             WHERE code = $1 AND id = $2 AND status = 'reserved'",
            &[&code, &id, &now],
        )
        .await?;
    Ok(redeemed == 1)
}

/// Gives a booking the traveller's place for codes of a first booking; `false` if another has it. Who comes second waits until the
/// first is committed or not.
pub(super) async fn take_first(sql: &Sql, user: UserId, booking: BookingId) -> Result<bool, DbError> {
    let taken = sql
        .execute(
            "INSERT INTO promotion_first_bookings AS f (user_id, booking_id) VALUES ($1, $2)
             ON CONFLICT (user_id) DO UPDATE SET booking_id = excluded.booking_id WHERE f.booking_id = excluded.booking_id",
            &[&user.uuid(), &booking.uuid()],
        )
        .await?;
    Ok(taken == 1)
}

/// Gives the place back, if the booking has it.
pub(super) async fn free_first(sql: &Sql, user: UserId, booking: BookingId) -> Result<(), DbError> {
    sql.execute(
        "DELETE FROM promotion_first_bookings WHERE user_id = $1 AND booking_id = $2",
        &[&user.uuid(), &booking.uuid()],
    )
    .await?;
    Ok(())
}

/// Whether a booking of the traveller has the place.
pub(super) async fn has_first(sql: &Sql, user: UserId) -> Result<bool, DbError> {
    let found =
        sql.query_opt("SELECT 1 FROM promotion_first_bookings WHERE user_id = $1", &[&user.uuid()]).await?;
    Ok(found.is_some())
}

/// What codes took off a booking, in the order of codes, which is that of their locks.
pub(super) async fn applied_to(sql: &Sql, booking: BookingId) -> Result<Vec<AppliedRow>, DbError> {
    let rows = sql
        .query(
            "SELECT code, redemption_id, name, combinable, discount, currency, lines, applied_at, first_booking,
                    extra_no
             FROM booking_promotions WHERE booking_id = $1 ORDER BY code COLLATE \"C\"",
            &[&booking.uuid()],
        )
        .await?;
    rows.iter().map(applied_row).collect()
}

fn applied_row(row: &Row) -> Result<AppliedRow, DbError> {
    let currency: &str = row.get(5);
    let odd = |_| DbError::Inconsistent(format!("currency of a promotion: {currency:?}"));
    Ok(AppliedRow {
        code: row.get(0),
        redemption: row.get(1),
        name: row.get(2),
        combinable: row.get(3),
        discount: Money::new(row.get(4), currency.parse().map_err(odd)?),
        lines: json(row, 6)?,
        applied_at: row.get(7),
        first_booking: row.get(8),
        extra: row.get(9),
    })
}

pub(super) async fn insert_applied(sql: &Sql, booking: BookingId, row: &AppliedRow) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO booking_promotions (booking_id, code, redemption_id, name, combinable, discount, currency, lines,
                                         applied_at, first_booking, extra_no)
         VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
        &[
            &booking.uuid(),
            &row.code,
            &row.redemption,
            &row.name,
            &row.combinable,
            &row.discount.amount,
            &row.discount.currency.as_str(),
            &Json(&row.lines),
            &row.applied_at,
            &row.first_booking,
            &row.extra,
        ],
    )
    .await?;
    Ok(())
}

pub(super) async fn delete_applied(sql: &Sql, booking: BookingId, code: &str) -> Result<(), DbError> {
    sql.execute(
        "DELETE FROM booking_promotions WHERE booking_id = $1 AND code = $2",
        &[&booking.uuid(), &code],
    )
    .await?;
    Ok(())
}
