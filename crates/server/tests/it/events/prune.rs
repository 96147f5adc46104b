//! Old events go, also when many that are older have to stay.

use jiff::SignedDuration;

use crate::support::Airline;

/// More than a turn deletes of a lane.
const MANY: i64 = 1_100;

#[tokio::test]
async fn old_events_go_though_many_older_ones_are_parked() {
    let airline = Airline::new().await;
    let sql = airline.sql().await;
    sql.batch("TRUNCATE outbox, outbox_inbox, outbox_parked").await.expect("empty");
    let events = "INSERT INTO outbox (lane, id, subject, type, version, payload, created_at, relayed_at)
        SELECT 1, ('00000000-0000-7000-8000-' || lpad(n::text, 12, '0'))::uuid, 's' || n, 'test.step', 1, '{}',
            '2026-01-01T00:00:00Z', '2026-01-01T00:00:01Z'
        FROM generate_series(1, 1101) AS n;
        INSERT INTO outbox_parked (lane, consumer, subject, sequence, event_id, tries, next_try_at, parked_at)
        SELECT lane, 'webhooks', subject, sequence, id, 1, '2027-01-01T00:00:00Z', created_at FROM outbox
        WHERE subject <> 's1101';
        INSERT INTO outbox_inbox (lane, consumer, event_id, handled_at)
        SELECT lane, 'others', id, created_at FROM outbox";
    sql.batch(events).await.expect("events");
    airline.later(SignedDuration::from_hours(31 * 24));
    airline.run_job("delete_old_events").await;
    assert_eq!(airline.count("SELECT count(*) FROM outbox").await, MANY, "those that are parked stay");
    assert_eq!(airline.count("SELECT count(*) FROM outbox_inbox").await, MANY, "and what is known of them");
}
