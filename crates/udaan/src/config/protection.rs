//! What protects accounts outside a demo, and what a demo does without.

use platform::config::{Config, Mode, Required};
use toml::{Table, Value};

/// A demo shows its API and keeps nobody waiting for a mail, unless something else was set.
pub(super) fn open_up(table: &mut Table) {
    for (section, setting) in [("http", "docs"), ("auth", "login_unconfirmed")] {
        let inner = table.entry(section).or_insert_with(|| Value::Table(Table::new()));
        if let Value::Table(inner) = inner {
            inner.entry(setting).or_insert(Value::Boolean(true));
        }
    }
}

/// OWASP's least for Argon2id (Password Storage Cheat Sheet): 19 MiB with two passes, or one of its equals with more memory and one pass.
const HASH_LEAST: [(u32, u32); 5] = [(47_104, 1), (19_456, 2), (12_288, 3), (9_216, 4), (7_168, 5)];

/// What opens accounts to others, outside a demo.
pub(super) fn check(config: &Config) -> anyhow::Result<()> {
    let (auth, demo) = (&config.auth, config.mode == Mode::Demo);
    anyhow::ensure!(demo || !auth.login_unconfirmed, "auth.login_unconfirmed is for a demo alone");
    let dear =
        HASH_LEAST.iter().any(|(kib, passes)| auth.hash_memory_kib >= *kib && auth.hash_passes >= *passes);
    anyhow::ensure!(
        demo || dear,
        "auth.hash_memory_kib and auth.hash_passes make passwords cheap to guess from a stolen database; at least 19456 and 2, or 47104 and 1"
    );
    anyhow::ensure!(
        demo || auth.staff_second_factor != Required::Never,
        "auth.staff_second_factor = \"never\" is for a demo alone"
    );
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_opens_accounts_to_others_is_refused_outside_a_demo() {
        let refused = |change: fn(&mut Config)| {
            let mut config = Config { mode: Mode::Production, ..Config::default() };
            change(&mut config);
            let refused = check(&config).err().map(|error| error.to_string());
            config.mode = Mode::Demo;
            check(&config).expect("a demo may");
            refused
        };
        assert_eq!(refused(|_| {}), None);
        for change in [
            |config: &mut Config| config.auth.login_unconfirmed = true,
            |config: &mut Config| config.auth.staff_second_factor = Required::Never,
            |config: &mut Config| config.auth.hash_memory_kib = 19_455,
            |config: &mut Config| config.auth.hash_passes = 1,
            |config: &mut Config| (config.auth.hash_memory_kib, config.auth.hash_passes) = (7_167, 9),
        ] {
            assert!(refused(change).is_some_and(|text| text.starts_with("auth.")));
        }
        for fit in [
            |config: &mut Config| (config.auth.hash_memory_kib, config.auth.hash_passes) = (47_104, 1),
            |config: &mut Config| (config.auth.hash_memory_kib, config.auth.hash_passes) = (12_288, 3),
        ] {
            assert_eq!(refused(fit), None);
        }
    }

    #[test]
    fn a_demo_is_open_unless_it_says_otherwise() {
        let mut table: Table = "[http]\ndocs = false\n".parse().expect("TOML");
        open_up(&mut table);
        assert_eq!(
            (&table["http"]["docs"], &table["auth"]["login_unconfirmed"]),
            (&Value::Boolean(false), &Value::Boolean(true))
        );
    }
}
