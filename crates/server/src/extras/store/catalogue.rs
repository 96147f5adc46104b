//! SQL on `extras_catalogue` and `seat_maps`.

use domain::extras::{Extra, ExtraKind, Per, Unit};
use domain::fare_families::RefundStep;
use domain::pricing::PassengerType;
use domain::seat_maps::{RowGroup, SeatMap};
use jiff::Timestamp;
use kernel::Money;
use platform::db::{DbError, Sql, json};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::{cabin, cabin_number, odd};

/// All extras, by code.
pub(in crate::extras) async fn extras(sql: &Sql) -> Result<Vec<Extra>, DbError> {
    let rows = sql
        .query(
            "SELECT code, kind, name, per, unit, kg, price, currency, cabins, passengers, most, stock, refund, closes_minutes
             FROM extras_catalogue ORDER BY code",
            &[],
        )
        .await?;
    rows.iter().map(extra).collect()
}

fn extra(row: &Row) -> Result<Extra, DbError> {
    let (kind, per, unit, currency): (&str, &str, &str, &str) =
        (row.get(1), row.get(3), row.get(4), row.get(7));
    let kg = row.get::<_, Option<i16>>(5).and_then(|kg| u8::try_from(kg).ok());
    let cabins: Vec<i16> = row.get(8);
    let passengers: Vec<&str> = row.get(9);
    let types: Option<Vec<PassengerType>> =
        passengers.iter().map(|word| PassengerType::from_word(word)).collect();
    let currency = currency.parse().map_err(|_| odd("currency", &currency))?;
    let refund: Vec<RefundStep> = json(row, 12)?;
    Ok(Extra {
        code: row.get(0),
        kind: ExtraKind::from_word(kind).ok_or_else(|| odd("kind of an extra", &kind))?,
        name: row.get(2),
        per: Per::from_word(per).ok_or_else(|| odd("an extra is per", &per))?,
        unit: Unit::from_word(unit, kg).ok_or_else(|| odd("unit of an extra", &unit))?,
        price: Money::new(row.get(6), currency),
        cabins: cabins.into_iter().map(cabin).collect::<Result<_, _>>()?,
        passengers: types.ok_or_else(|| odd("passengers of an extra", &passengers))?,
        most: u8::try_from(row.get::<_, i16>(10)).map_err(|_| odd("most of", &kind))?,
        stock: row.get::<_, Option<i32>>(11).and_then(|stock| u32::try_from(stock).ok()),
        refund,
        closes_minutes: u32::try_from(row.get::<_, i32>(13)).map_err(|_| odd("closing of", &kind))?,
    })
}

/// Files an extra, instead of the one of its code or as a new one. `false`: there is one of that code, or none, and the other
/// was meant.
pub(in crate::extras) async fn put_extra(sql: &Sql, extra: &Extra, new: bool) -> Result<bool, DbError> {
    const INSERT: &str = "
        INSERT INTO extras_catalogue (code, kind, name, per, unit, kg, price, currency, cabins, passengers, most, stock,
                                      refund, closes_minutes)
        VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14) ON CONFLICT DO NOTHING";
    const UPDATE: &str = "
        UPDATE extras_catalogue SET kind = $2, name = $3, per = $4, unit = $5, kg = $6, price = $7, currency = $8,
            cabins = $9, passengers = $10, most = $11, stock = $12, refund = $13, closes_minutes = $14
        WHERE code = $1";
    let kg = if let Unit::Piece { kg } = extra.unit { Some(i16::from(kg)) } else { None };
    let cabins: Vec<i16> = extra.cabins.iter().map(|cabin| cabin_number(*cabin)).collect();
    let passengers: Vec<&str> = extra.passengers.iter().map(|kind| kind.as_str()).collect();
    let stock = extra.stock.and_then(|stock| i32::try_from(stock).ok());
    let changed = sql
        .execute(
            if new { INSERT } else { UPDATE },
            &[
                &extra.code,
                &extra.kind.as_str(),
                &extra.name,
                &extra.per.as_str(),
                &extra.unit.as_str(),
                &kg,
                &extra.price.amount,
                &extra.price.currency.as_str(),
                &cabins,
                &passengers,
                &i16::from(extra.most),
                &stock,
                &Json(&extra.refund),
                &i32::try_from(extra.closes_minutes).unwrap_or(i32::MAX),
            ],
        )
        .await?;
    Ok(changed == 1)
}

/// Takes an extra out of the catalogue; `false` if there is none.
pub(in crate::extras) async fn delete_extra(sql: &Sql, code: &str) -> Result<bool, DbError> {
    Ok(sql.execute("DELETE FROM extras_catalogue WHERE code = $1", &[&code]).await? == 1)
}

/// Takes everything out of the catalogue.
pub(in crate::extras) async fn clear_extras(sql: &Sql) -> Result<(), DbError> {
    sql.execute("DELETE FROM extras_catalogue", &[]).await?;
    Ok(())
}

/// The newest maps of these aircraft, with their versions.
pub(in crate::extras) async fn seat_maps(
    sql: &Sql,
    aircraft: &[&str],
) -> Result<Vec<(SeatMap, i32)>, DbError> {
    let rows = sql
        .query(
            "SELECT DISTINCT ON (aircraft) aircraft, version, groups FROM seat_maps WHERE aircraft = ANY($1)
             ORDER BY aircraft, version DESC",
            &[&aircraft],
        )
        .await?;
    let map = |row: &Row| {
        let groups: Vec<RowGroup> = json(row, 2)?;
        Ok((SeatMap { aircraft: row.get(0), groups }, row.get(1)))
    };
    rows.iter().map(map).collect()
}

/// Files a map as the next version of its aircraft.
pub(in crate::extras) async fn insert_seat_map(
    sql: &Sql,
    map: &SeatMap,
    now: Timestamp,
) -> Result<(), DbError> {
    sql.execute(
        "INSERT INTO seat_maps (aircraft, version, groups, filed_at)
         SELECT $1, COALESCE(max(version), 0) + 1, $2, $3 FROM seat_maps WHERE aircraft = $1",
        &[&map.aircraft, &Json(&map.groups), &now],
    )
    .await?;
    Ok(())
}
