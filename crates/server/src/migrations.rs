//! The schema, built into the binary.

use platform::db::Migration;

macro_rules! migration {
    ($name:literal) => {
        Migration { name: $name, sql: include_str!(concat!("../../../migrations/", $name)) }
    };
}

/// All migrations in order. A test compares this list with the folder.
pub const MIGRATIONS: &[Migration] = &[
    migration!("0001_reference.sql"),
    migration!("0002_flights.sql"),
    migration!("0003_identity.sql"),
    migration!("0004_bookings.sql"),
    migration!("0005_payments.sql"),
    migration!("0006_fares.sql"),
    migration!("0007_connection_times.sql"),
    migration!("0008_money.sql"),
    migration!("0009_events.sql"),
    migration!("0010_gateway_events.sql"),
    migration!("0011_extras.sql"),
    migration!("0012_promotions.sql"),
    migration!("0013_travellers.sql"),
    migration!("0014_carried_fares.sql"),
    migration!("0015_first_bookings.sql"),
    migration!("0016_refunds_settled.sql"),
    migration!("0017_free_extras.sql"),
    migration!("0018_refund_pages.sql"),
    migration!("0019_integrity_checks.sql"),
    migration!("0020_sessions.sql"),
    migration!("0021_oauth.sql"),
    migration!("0022_waivers_and_bounces.sql"),
    migration!("0023_audit.sql"),
    migration!("0024_sweeps_counted.sql"),
    migration!("0025_order_sweeps_counted.sql"),
    migration!("0026_refunds_looked_at.sql"),
    migration!("0027_programs_disabled.sql"),
    migration!("0028_codes_of_sessions.sql"),
    migration!("0029_mails.sql"),
    migration!("0030_accounts.sql"),
    migration!("0031_records.sql"),
    migration!("0032_erased_accounts.sql"),
    migration!("0033_second_factors.sql"),
    migration!("0034_passkeys.sql"),
    migration!("0035_webhooks_of_programs.sql"),
    migration!("0036_provider_links.sql"),
    migration!("0037_notifications.sql"),
    migration!("0038_provider_sign_ins.sql"),
    migration!("0039_check_in.sql"),
    migration!("0040_boarding_passes.sql"),
    migration!("0041_check_ins_of_bookings.sql"),
    migration!("0042_gate.sql"),
    migration!("0043_mails_of_notifications.sql"),
    migration!("0044_urgent_mails.sql"),
    migration!("0045_live.sql"),
    migration!("0046_prices.sql"),
    migration!("0047_second_person.sql"),
    migration!("0050_price_watches.sql"),
    migration!("0052_reviews.sql"),
    migration!("0053_support.sql"),
    migration!("0054_announcements.sql"),
    migration!("0055_urgent_news.sql"),
    migration!("0056_push.sql"),
    migration!("0057_undone_boardings.sql"),
];
