//! The role that serves: what makes it, and whether the one that is used can rewrite what must stay as it was written.

use super::{DbError, Sql};

const TEXT: &str = include_str!("serving-role.sql");
const EXAMPLE: &str = "airline_serves";
const NAME_MAX: usize = 63;

/// What makes a role of this name one that serves, for `psql`; the name is small letters, digits and underscores.
pub fn serving_role(name: &str) -> anyhow::Result<String> {
    let plain = name.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_');
    let begins = name.starts_with(|first: char| first.is_ascii_lowercase() || first == '_');
    anyhow::ensure!(
        plain && begins && name.len() <= NAME_MAX,
        "a role's name is at most {NAME_MAX} small letters, digits and underscores, and no digit first"
    );
    Ok(TEXT.replace(EXAMPLE, name))
}

/// The tables that are added to only and that this role could change or empty, now.
pub async fn rewritable(sql: &Sql) -> Result<Vec<String>, DbError> {
    let found =
        "SELECT name FROM unnest(ARRAY['ledger_postings', 'audit_records', 'audit_links']) AS kept (name)
                 WHERE to_regclass(name) IS NOT NULL AND has_table_privilege(name, 'UPDATE, DELETE, TRUNCATE')
                 ORDER BY name";
    Ok(sql.query(found, &[]).await?.iter().map(|row| row.get(0)).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_could_be_more_than_a_name_is_refused() {
        assert!(
            serving_role("serves_2")
                .is_ok_and(|text| !text.contains(EXAMPLE) && text.contains("TO serves_2;"))
        );
        for name in ["", "2x", "x; DROP TABLE users", "X", "a-b", "\"a\"", &"x".repeat(64)] {
            assert!(serving_role(name).is_err(), "{name}");
        }
    }
}
