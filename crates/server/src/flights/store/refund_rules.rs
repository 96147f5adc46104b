//! SQL on `refund_rules`.

use domain::refund_rules::{RefundCase, RefundRule};
use platform::db::{DbError, Sql};
use tokio_postgres::Row;

use super::odd;

/// All rules in the order they were filed in.
pub(in crate::flights) async fn refund_rules(sql: &Sql) -> Result<Vec<RefundRule>, DbError> {
    let rows = sql
        .query(
            "SELECT code, kind, country, hours, domestic, international, citation, from_date, until_date
             FROM refund_rules ORDER BY position",
            &[],
        )
        .await?;
    rows.iter().map(rule).collect()
}

fn rule(row: &Row) -> Result<RefundRule, DbError> {
    let kind: &str = row.get(1);
    let number = |column: usize| {
        let number: Option<i32> = row.get(column);
        number
            .and_then(|number| u32::try_from(number).ok())
            .ok_or_else(|| odd("number of a refund rule", &number))
    };
    let case = match kind {
        "cooling_off" => RefundCase::CoolingOff {
            hours: number(3)?,
            domestic_days: number(4)?,
            international_days: number(5)?,
        },
        "cancelled" => RefundCase::Cancelled,
        "moved" => RefundCase::Moved { domestic: number(4)?, international: number(5)? },
        other => return Err(odd("kind of a refund rule", &other)),
    };
    Ok(RefundRule {
        code: row.get(0),
        case,
        country: row.get(2),
        citation: row.get(6),
        from: row.get(7),
        until: row.get(8),
    })
}

/// Files these rules instead of those there are.
pub(in crate::flights) async fn replace_refund_rules(sql: &Sql, rules: &[RefundRule]) -> Result<(), DbError> {
    sql.execute("DELETE FROM refund_rules", &[]).await?;
    for (position, rule) in (0_i16..).zip(rules) {
        let signed = |number: u32| i32::try_from(number).ok();
        let (kind, hours, domestic, international) = match rule.case {
            RefundCase::CoolingOff { hours, domestic_days, international_days } => {
                ("cooling_off", signed(hours), signed(domestic_days), signed(international_days))
            }
            RefundCase::Cancelled => ("cancelled", None, None, None),
            RefundCase::Moved { domestic, international } => {
                ("moved", None, signed(domestic), signed(international))
            }
        };
        sql.execute(
            "INSERT INTO refund_rules (code, kind, country, hours, domestic, international, citation, from_date,
                                       until_date, position)
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
            &[
                &rule.code,
                &kind,
                &rule.country,
                &hours,
                &domestic,
                &international,
                &rule.citation,
                &rule.from,
                &rule.until,
                &position,
            ],
        )
        .await?;
    }
    Ok(())
}
