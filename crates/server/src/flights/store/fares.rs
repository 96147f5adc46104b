//! SQL on `fare_families` and `tax_rules`.

use domain::fare_families::{FareFamilies, FareFamily};
use domain::pricing::{Difference, PassengerType};
use domain::taxes::{Levy, TaxKind, TaxRule, TaxedFlights};
use kernel::Cabin;
use platform::db::{DbError, Sql, json};
use tokio_postgres::Row;
use tokio_postgres::types::Json;

use super::{cabin_number, odd};

/// All fare families, by code.
pub(in crate::flights) async fn fare_families(sql: &Sql) -> Result<Vec<FareFamily>, DbError> {
    let rows = sql
        .query(
            "SELECT code, name, cabin, fare_ppm, per_flight, conditions, included FROM fare_families ORDER BY code",
            &[],
        )
        .await?;
    rows.iter().map(family).collect()
}

fn family(row: &Row) -> Result<FareFamily, DbError> {
    let cabin: i16 = row.get(2);
    Ok(FareFamily {
        code: row.get(0),
        name: row.get(1),
        cabin: usize::try_from(cabin).ok().and_then(Cabin::from_index).ok_or_else(|| odd("cabin", &cabin))?,
        difference: Difference {
            fare_ppm: unsigned(row.get(3), "ratio of a fare family")?,
            per_flight: unsigned(row.get(4), "amount of a fare family")?,
        },
        conditions: json(row, 5)?,
        included: json(row, 6)?,
    })
}

fn unsigned(number: i32, what: &str) -> Result<u32, DbError> {
    u32::try_from(number).map_err(|_| odd(what, &number))
}

/// All fare families as they are sold, for whoever has no directory in memory.
pub async fn filed_families(sql: &Sql) -> Result<FareFamilies, DbError> {
    Ok(FareFamilies::new(fare_families(sql).await?))
}

/// Files these families instead of those there are.
pub(in crate::flights) async fn replace_fare_families(
    sql: &Sql,
    families: &[FareFamily],
) -> Result<(), DbError> {
    sql.execute("DELETE FROM fare_families", &[]).await?;
    for family in families {
        let signed = |number: u32| i32::try_from(number).unwrap_or(i32::MAX);
        sql.execute(
            "INSERT INTO fare_families (code, name, cabin, fare_ppm, per_flight, conditions, included)
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
            &[
                &family.code,
                &family.name,
                &cabin_number(family.cabin),
                &signed(family.difference.fare_ppm),
                &signed(family.difference.per_flight),
                &Json(&family.conditions),
                &Json(&family.included),
            ],
        )
        .await?;
    }
    Ok(())
}

/// All rules of taxes and charges, in the order they are taken out of a price.
pub(in crate::flights) async fn tax_rules(sql: &Sql) -> Result<Vec<TaxRule>, DbError> {
    let rows = sql
        .query(
            "SELECT code, name, kind, country, flights, share_ppm, per_flight, at_most, per_slice, passengers, from_date,
                    until_date, currency
             FROM tax_rules ORDER BY position",
            &[],
        )
        .await?;
    rows.iter().map(tax_rule).collect()
}

fn tax_rule(row: &Row) -> Result<TaxRule, DbError> {
    let (kind, flights, currency): (&str, &str, &str) = (row.get(2), row.get(4), row.get(12));
    let passengers: Vec<&str> = row.get(9);
    let levy =
        match (row.get::<_, Option<i32>>(5), row.get::<_, Option<i32>>(6), row.get::<_, Option<i32>>(8)) {
            (Some(ppm), None, None) => Levy::Share { ppm: unsigned(ppm, "tax")? },
            (None, Some(amount), None) => {
                let at_most = row.get::<_, Option<i16>>(7).and_then(|number| u8::try_from(number).ok());
                Levy::PerFlight { amount: unsigned(amount, "tax")?, at_most }
            }
            (None, None, Some(amount)) => Levy::PerSlice { amount: unsigned(amount, "tax")? },
            levies => return Err(odd("levy of a tax", &levies)),
        };
    let types: Option<Vec<PassengerType>> =
        passengers.iter().map(|word| PassengerType::from_word(word)).collect();
    Ok(TaxRule {
        code: row.get(0),
        name: row.get(1),
        kind: TaxKind::from_word(kind).ok_or_else(|| odd("kind of a tax", &kind))?,
        country: row.get(3),
        flights: TaxedFlights::from_word(flights).ok_or_else(|| odd("flights of a tax", &flights))?,
        levy,
        passengers: types.ok_or_else(|| odd("passengers of a tax", &passengers))?,
        from: row.get(10),
        until: row.get(11),
        currency: currency.parse().map_err(|_| odd("currency", &currency))?,
    })
}

/// Files these rules instead of those there are.
pub(in crate::flights) async fn replace_tax_rules(sql: &Sql, rules: &[TaxRule]) -> Result<(), DbError> {
    sql.execute("DELETE FROM tax_rules", &[]).await?;
    for (position, rule) in (0_i16..).zip(rules) {
        let signed = |number: u32| i32::try_from(number).ok();
        let (share, per_flight, at_most, per_slice) = match rule.levy {
            Levy::Share { ppm } => (signed(ppm), None, None, None),
            Levy::PerFlight { amount, at_most } => (None, signed(amount), at_most.map(i16::from), None),
            Levy::PerSlice { amount } => (None, None, None, signed(amount)),
        };
        let passengers: Vec<&str> = rule.passengers.iter().map(|kind| kind.as_str()).collect();
        sql.execute(
            "INSERT INTO tax_rules (code, name, kind, country, flights, share_ppm, per_flight, at_most, per_slice,
                                    passengers, from_date, until_date, currency, position)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14)",
            &[
                &rule.code,
                &rule.name,
                &rule.kind.as_str(),
                &rule.country,
                &rule.flights.as_str(),
                &share,
                &per_flight,
                &at_most,
                &per_slice,
                &passengers,
                &rule.from,
                &rule.until,
                &rule.currency.as_str(),
                &position,
            ],
        )
        .await?;
    }
    Ok(())
}
