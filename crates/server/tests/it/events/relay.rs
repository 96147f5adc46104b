//! The relay: nothing is lost, each subject's events are told in order, a consumer has its effect once.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex};
use std::time::Duration;

use ::platform::db::Sql;
use ::platform::outbox::{
    Bus, Consumer, Event, Filter, Handing, HeldLane, LEASE, Payload, PostgresBus, Relay, between, lane_of,
    newest, record,
};
use ::platform::random::Random;
use futures_util::future::{BoxFuture, join_all};
use jiff::SignedDuration;
use kernel::Clock;
use serde::{Deserialize, Serialize};
use tokio::sync::Notify;
use uuid::Uuid;

use crate::support::Airline;

/// A step of some subject.
#[derive(Serialize, Deserialize)]
struct Step {
    of: String,
    step: u32,
}

impl Payload for Step {
    const TYPE: &'static str = "test.step";
    const VERSION: i16 = 1;

    fn subject(&self) -> String {
        self.of.clone()
    }
}

/// Writes each event it takes into a table: its effect.
struct Notebook {
    name: &'static str,
    /// Subjects it cannot take.
    poison: Mutex<BTreeSet<String>>,
    /// How often it was called.
    calls: AtomicUsize,
    panics: AtomicBool,
}

impl Notebook {
    fn new(name: &'static str) -> Arc<Self> {
        let (poison, calls, panics) = Default::default();
        Arc::new(Self { name, poison, calls, panics })
    }

    fn poison(&self, subject: &str) {
        self.poison.lock().expect("a lock").insert(subject.to_owned());
    }

    fn cure(&self) {
        self.poison.lock().expect("a lock").clear();
    }
}

impl Consumer for Notebook {
    fn name(&self) -> &'static str {
        self.name
    }

    fn wants(&self, kind: &str) -> bool {
        kind == "test.step"
    }

    fn handle<'a>(&'a self, sql: &'a Sql, events: &'a [Event]) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            self.calls.fetch_add(1, Ordering::Relaxed);
            for event in events {
                let step = event.payload["step"].as_i64().expect("a step");
                sql.execute(
                    "INSERT INTO notebook (consumer, event, subject, step) VALUES ($1, $2, $3, $4)",
                    &[&self.name, &event.id.uuid(), &event.subject, &step],
                )
                .await?;
                if self.poison.lock().expect("a lock").contains(&event.subject) {
                    assert!(!self.panics.load(Ordering::Relaxed), "a consumer with a defect");
                    anyhow::bail!("it cannot take {}", event.subject);
                }
            }
            Ok(())
        })
    }
}

async fn scene() -> Airline {
    let airline = Airline::new().await;
    let sql = airline.sql().await;
    // What the scene itself told is not looked at here.
    let empty =
        "TRUNCATE outbox; CREATE TABLE notebook (position bigint GENERATED ALWAYS AS IDENTITY, consumer text,
                 event uuid, subject text, step bigint)";
    sql.batch(empty).await.expect("a notebook");
    drop(sql);
    airline
}

fn relay(airline: &Airline, consumers: &[Arc<Notebook>]) -> Relay {
    let bus = bus(airline, consumers);
    Relay::new(airline.app.db.clone(), bus, clock(airline), Uuid::from_bytes(Random.bytes()), LEASE)
}

fn clock(airline: &Airline) -> Arc<dyn Clock> {
    Arc::clone(&airline.clock) as Arc<dyn Clock>
}

fn bus(airline: &Airline, consumers: &[Arc<Notebook>]) -> Arc<PostgresBus> {
    let consumers = consumers.iter().map(|consumer| Arc::clone(consumer) as Arc<dyn Consumer>).collect();
    Arc::new(PostgresBus::new(airline.app.db.clone(), clock(airline), consumers))
}

async fn step(airline: &Airline, sql: &Sql, of: &str, step: u32) {
    record(sql, Random, airline.app.now(), &Step { of: of.to_owned(), step }).await.expect("recorded");
}

async fn drain(relay: &Relay) {
    while relay.turn().await.expect("a turn") > 0 {}
}

/// The steps of each subject in the order in which a consumer noted them.
async fn notes(airline: &Airline, consumer: &str) -> BTreeMap<String, Vec<i64>> {
    let sql = airline.sql().await;
    let rows = sql
        .query("SELECT subject, step FROM notebook WHERE consumer = $1 ORDER BY position", &[&consumer])
        .await
        .expect("notes");
    let mut notes: BTreeMap<String, Vec<i64>> = BTreeMap::new();
    for row in rows {
        notes.entry(row.get(0)).or_default().push(row.get(1));
    }
    notes
}

async fn expire_leases(airline: &Airline) {
    let sql =
        "UPDATE outbox_lanes SET until = clock_timestamp() - interval '1 second' WHERE holder IS NOT NULL";
    airline.sql().await.batch(sql).await.expect("expired");
}

/// Two transactions of different subjects in one lane commit in the other order than they wrote. A relay that went on from
/// the last number it saw would never tell of the one that committed late.
#[tokio::test]
async fn an_event_that_commits_after_a_later_one_is_told() {
    let airline = scene().await;
    let mut same_lane =
        (0..).map(|n| format!("sub_{n}")).filter(|subject| lane_of(subject) == lane_of("sub_0"));
    let (a, b) = (same_lane.next().expect("a"), same_lane.next().expect("b"));
    let notebook = Notebook::new("notebook");
    let relay = relay(&airline, std::slice::from_ref(&notebook));

    let first = airline.app.db.begin().await.expect("a transaction");
    step(&airline, &first, &a, 1).await;
    step(&airline, &airline.sql().await, &b, 1).await;
    drain(&relay).await;
    assert_eq!(notes(&airline, "notebook").await, BTreeMap::from([(b.clone(), vec![1])]));
    first.commit().await.expect("committed");
    drain(&relay).await;
    assert_eq!(notes(&airline, "notebook").await, BTreeMap::from([(a, vec![1]), (b, vec![1])]));
    let order =
        "SELECT count(*) FROM outbox o, outbox p WHERE o.sequence < p.sequence AND o.relayed_at IS NOT NULL";
    assert_eq!(airline.count(order).await, 1, "the one that committed late has the lower number");
}

/// Writers of one subject take its row before they record: whoever waited has the higher number, however early its
/// transaction and its event's id began.
#[tokio::test(flavor = "multi_thread")]
async fn events_of_a_subject_are_told_in_the_order_its_lock_gave() {
    let airline = scene().await;
    airline
        .sql()
        .await
        .batch("CREATE TABLE subject (id int); INSERT INTO subject VALUES (1)")
        .await
        .expect("a row");
    let notebook = Notebook::new("notebook");
    let relay = relay(&airline, std::slice::from_ref(&notebook));
    let lock = "SELECT id FROM subject FOR UPDATE";

    let late = airline.app.db.begin().await.expect("a transaction");
    late.batch("SELECT 1").await.expect("it has begun");
    let early_time = airline.app.now();
    airline.later(SignedDuration::from_secs(1));
    let first = airline.app.db.begin().await.expect("a transaction");
    first.batch(lock).await.expect("locked");
    let waiting = tokio::spawn(async move {
        late.batch(lock).await.expect("locked after the first");
        // Its time, and so its id, is before the first's.
        let payload = Step { of: "sub_1".into(), step: 2 };
        record(&late, Random, early_time, &payload).await.expect("recorded");
        late.commit().await.expect("committed");
    });
    step(&airline, &first, "sub_1", 1).await;
    first.commit().await.expect("committed");
    waiting.await.expect("committed");
    drain(&relay).await;
    assert_eq!(notes(&airline, "notebook").await["sub_1"], [1, 2]);
    let sql = airline.sql().await;
    let by_id = newest(&sql, &Filter::default(), None, 10).await.expect("events");
    assert_eq!(by_id[0].payload["step"], 1, "by id the first is the newest: ids are no order");
}

/// A bus that dies once it has handed over, before the relay can mark.
struct DiesAfterHanding {
    bus: Arc<PostgresBus>,
    died: Arc<AtomicBool>,
}

impl Bus for DiesAfterHanding {
    fn publish<'a>(&'a self, lane: &'a HeldLane, events: &'a [Event]) -> Handing<'a, ()> {
        Box::pin(async move {
            self.bus.publish(lane, events).await?;
            self.died.store(true, Ordering::Relaxed);
            std::future::pending().await
        })
    }

    fn retry<'a>(&'a self, lane: &'a HeldLane) -> Handing<'a, u64> {
        self.bus.retry(lane)
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn three_relays_lose_nothing_keep_order_and_repeat_only_in_transport() {
    const SUBJECTS: u32 = 40;
    const STEPS: u32 = 25;
    let airline = scene().await;
    airline.warm_pool().await;
    let consumers = [Notebook::new("one"), Notebook::new("two")];
    let died = Arc::new(AtomicBool::new(false));
    let mortal = DiesAfterHanding { bus: bus(&airline, &consumers), died: Arc::clone(&died) };
    let doomed = Relay::new(
        airline.app.db.clone(),
        Arc::new(mortal),
        clock(&airline),
        Uuid::from_bytes(Random.bytes()),
        LEASE,
    );
    for subject in 0..SUBJECTS {
        step(&airline, &airline.sql().await, &format!("sub_{subject}"), 0).await;
    }
    let dying = tokio::spawn(async move { doomed.turn().await });
    while !died.load(Ordering::Relaxed) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
    // Killed between handing over and marking: nothing of what it had is marked.
    dying.abort();
    let _killed = dying.await;
    assert!(airline.count("SELECT count(*) FROM notebook").await > 0);

    let writers = (0..SUBJECTS).map(|subject| {
        let airline = &airline;
        async move {
            for number in 1..STEPS {
                step(airline, &airline.sql().await, &format!("sub_{subject}"), number).await;
            }
        }
    });
    let others = [relay(&airline, &consumers), relay(&airline, &consumers)];
    let relaying = join_all(others.iter().map(|relay| async {
        for _ in 0..20 {
            relay.turn().await.expect("a turn");
        }
    }));
    tokio::join!(join_all(writers), relaying);
    expire_leases(&airline).await;
    join_all(others.iter().map(drain)).await;

    let steps: Vec<i64> = (0..i64::from(STEPS)).collect();
    for consumer in ["one", "two"] {
        let notes = notes(&airline, consumer).await;
        assert_eq!(notes.len(), SUBJECTS as usize);
        for (subject, told) in notes {
            assert_eq!(told, steps, "{consumer} was told of {subject}");
        }
    }
    assert_eq!(airline.count("SELECT count(*) FROM outbox WHERE relayed_at IS NULL").await, 0);
}

/// A relay that was paused, and whose lane is another's by now, has no effect any more: it would be out of order.
#[tokio::test]
async fn a_relay_that_lost_its_lane_has_no_effect() {
    let airline = scene().await;
    step(&airline, &airline.sql().await, "sub_1", 1).await;
    let notebook = Notebook::new("notebook");
    let bus = bus(&airline, std::slice::from_ref(&notebook));
    let events = between(&airline.sql().await, &Filter::default(), None, 10).await.expect("events");
    let (mine, others) = (Uuid::from_u128(1), Uuid::from_u128(2));
    let lane = HeldLane { lane: lane_of("sub_1"), holder: mine };
    let give = |holder: Uuid| format!("UPDATE outbox_lanes SET holder = '{holder}'");
    airline.sql().await.batch(&give(others)).await.expect("another has it");
    assert!(bus.publish(&lane, &events).await.is_err());
    assert_eq!(airline.count("SELECT count(*) FROM notebook").await, 0);
    airline.sql().await.batch(&give(mine)).await.expect("it is mine");
    bus.publish(&lane, &events).await.expect("handed over");
    bus.publish(&lane, &events).await.expect("handed over again");
    assert_eq!(airline.count("SELECT count(*) FROM notebook").await, 1);
    assert_eq!(airline.count("SELECT count(*) FROM outbox_inbox").await, 1);
}

/// A consumer that stays in the middle of its work until it is let go.
#[derive(Default)]
struct Lingers {
    inside: Notify,
    let_go: Notify,
}

impl Consumer for Lingers {
    fn name(&self) -> &'static str {
        "lingers"
    }

    fn wants(&self, _: &str) -> bool {
        true
    }

    fn handle<'a>(&'a self, _: &'a Sql, _: &'a [Event]) -> BoxFuture<'a, anyhow::Result<()>> {
        Box::pin(async move {
            self.inside.notify_one();
            self.let_go.notified().await;
            Ok(())
        })
    }
}

/// While a consumer's transaction runs, nobody can take the lane over, even when its lease has run out: two relays of one
/// lane would tell its events in each other's order.
#[tokio::test(flavor = "multi_thread")]
async fn a_lane_is_not_taken_over_inside_a_transaction_of_its_holder() {
    let airline = scene().await;
    step(&airline, &airline.sql().await, "sub_1", 1).await;
    let consumer = Arc::new(Lingers::default());
    let relay = |holder, lease| {
        let consumers = vec![Arc::clone(&consumer) as Arc<dyn Consumer>];
        let bus = PostgresBus::new(airline.app.db.clone(), clock(&airline), consumers);
        Relay::new(airline.app.db.clone(), Arc::new(bus), clock(&airline), Uuid::from_u128(holder), lease)
    };
    // The first one's lease has run out as soon as it has it.
    let (first, second) = (relay(1, Duration::ZERO), relay(2, LEASE));
    let paused = tokio::spawn(async move { first.turn().await });
    consumer.inside.notified().await;
    assert_eq!(second.turn().await.expect("a turn"), 0);
    let holder = "SELECT count(*) FROM outbox_lanes WHERE holder = '00000000-0000-0000-0000-000000000001'";
    assert_eq!(airline.count(holder).await, 1, "the lane is still the first's");
    consumer.let_go.notify_one();
    assert_eq!(paused.await.expect("it ran").expect("a turn"), 1);
}

#[tokio::test]
async fn a_lease_belongs_to_one_relay_until_the_database_says_it_is_over() {
    let airline = scene().await;
    step(&airline, &airline.sql().await, "sub_1", 1).await;
    let held =
        "UPDATE outbox_lanes SET holder = gen_random_uuid(), until = clock_timestamp() + interval '1 minute'";
    airline.sql().await.batch(held).await.expect("held");
    let notebook = Notebook::new("notebook");
    let relay = relay(&airline, std::slice::from_ref(&notebook));
    airline.later(SignedDuration::from_hours(1));
    assert_eq!(relay.turn().await.expect("a turn"), 0, "our clock says nothing about leases");
    expire_leases(&airline).await;
    assert_eq!(relay.turn().await.expect("a turn"), 1);
}

/// One subject's events that cannot be taken wait in their order; every other subject, and every other consumer, goes on.
#[tokio::test]
async fn a_poisonous_event_stops_only_its_subject_and_only_for_who_cannot_take_it() {
    let airline = scene().await;
    let (sick, well) = (Notebook::new("sick"), Notebook::new("well"));
    let relay = relay(&airline, &[Arc::clone(&sick), Arc::clone(&well)]);
    sick.poison("sub_1");
    for number in 0..3 {
        for subject in ["sub_1", "sub_2"] {
            step(&airline, &airline.sql().await, subject, number).await;
        }
    }
    drain(&relay).await;
    let both = BTreeMap::from(["sub_1", "sub_2"].map(|subject| (subject.to_owned(), vec![0, 1, 2])));
    assert_eq!(notes(&airline, "well").await, both);
    assert_eq!(notes(&airline, "sick").await, BTreeMap::from([("sub_2".to_owned(), vec![0, 1, 2])]));
    assert_eq!(airline.count("SELECT count(*) FROM outbox_parked").await, 3);
    assert_eq!(airline.count("SELECT count(*) FROM outbox WHERE relayed_at IS NULL").await, 0);

    // Tried again ever more rarely, and not before its time.
    let calls = || sick.calls.load(Ordering::Relaxed);
    for (wait, tries) in [(1, 2), (5, 3), (30, 4), (120, 5), (600, 6), (3_600, 7), (3_600, 8)] {
        let before = calls();
        airline.later(SignedDuration::from_secs(wait) - SignedDuration::from_millis(1));
        drain(&relay).await;
        assert_eq!(calls(), before, "a millisecond before try {tries}");
        airline.later(SignedDuration::from_millis(1));
        drain(&relay).await;
        assert_eq!(calls(), before + 1, "try {tries}");
        assert_eq!(airline.count("SELECT tries::bigint FROM outbox_parked WHERE tries > 0").await, tries);
    }
    // What happens meanwhile waits behind it.
    step(&airline, &airline.sql().await, "sub_1", 3).await;
    drain(&relay).await;
    sick.cure();
    airline.later(SignedDuration::from_hours(1));
    drain(&relay).await;
    assert_eq!(notes(&airline, "sick").await["sub_1"], [0, 1, 2, 3]);
    assert_eq!(airline.count("SELECT count(*) FROM outbox_parked").await, 0);
}

#[tokio::test]
async fn a_consumer_that_panics_is_one_that_fails() {
    let airline = scene().await;
    let notebook = Notebook::new("notebook");
    notebook.poison("sub_1");
    notebook.panics.store(true, Ordering::Relaxed);
    let relay = relay(&airline, std::slice::from_ref(&notebook));
    for subject in ["sub_1", "sub_2"] {
        step(&airline, &airline.sql().await, subject, 1).await;
    }
    drain(&relay).await;
    assert_eq!(notes(&airline, "notebook").await, BTreeMap::from([("sub_2".to_owned(), vec![1])]));
    let parked = "SELECT count(*) FROM outbox_parked WHERE last_error = 'it panicked'";
    assert_eq!(airline.count(parked).await, 1);
}

#[tokio::test]
async fn old_events_go_and_those_that_wait_stay() {
    let airline = scene().await;
    let notebook = Notebook::new("webhooks");
    notebook.poison("sub_1");
    let relay = relay(&airline, std::slice::from_ref(&notebook));
    for subject in ["sub_1", "sub_2"] {
        step(&airline, &airline.sql().await, subject, 1).await;
    }
    drain(&relay).await;
    step(&airline, &airline.sql().await, "sub_3", 1).await;
    airline.later(SignedDuration::from_hours(30 * 24));
    assert_eq!(airline.run_job("delete_old_events").await, 0, "not a millisecond early");
    airline.later(SignedDuration::from_millis(1));
    airline.run_job("delete_old_events").await;
    let sql = airline.sql().await;
    let left = between(&sql, &Filter::default(), None, 10).await.expect("events");
    let subjects: BTreeSet<&str> = left.iter().map(|event| event.subject.as_str()).collect();
    assert_eq!(subjects, ["sub_1", "sub_3"].into(), "one is parked, one was never relayed");
    assert_eq!(airline.count("SELECT count(*) FROM outbox_inbox").await, 0);
}
