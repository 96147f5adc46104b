//! Random commands against the product and against a small reference of bookings and money: the same answers, the same seats,
//! the same money. What differs is shrunk to the fewest commands that show it.

mod gate;
mod reference;
mod system;

use std::cell::RefCell;
use std::fmt::Debug;

use ::platform::random::Random;
use proptest::prelude::*;
use proptest::test_runner::{Config, RngSeed, TestRunner};
use tokio::runtime::Runtime;

use self::reference::{Card, Command, Expected, FLIGHTS, Reference};
use self::system::{System, fits};

/// Four of these run beside one another.
const SEQUENCES: u32 = 2_500;
const COMMANDS: std::ops::Range<usize> = 4..14;

fn command() -> impl Strategy<Value = Command> {
    let booking = 0..6_usize;
    let card = prop_oneof![6 => Just(Card::Good), 1 => Just(Card::Declined), 2 => Just(Card::Unanswered)];
    let minutes = prop::sample::select(vec![1, 10, 16, 61, 1_500, 1_500]);
    let (flight, passengers) = (0..FLIGHTS.len(), 1..=2_i64);
    prop_oneof![
        6 => (flight.clone(), passengers).prop_map(|(flight, passengers)| Command::Hold { flight, passengers }),
        1 => booking.clone().prop_map(Command::Extend),
        6 => (booking.clone(), card).prop_map(|(booking, card)| Command::Pay(booking, card)),
        2 => booking.clone().prop_map(Command::Cancel),
        1 => booking.clone().prop_map(Command::CancelOne),
        4 => (booking.clone(), flight).prop_map(|(booking, to)| Command::Change { booking, to }),
        1 => booking.prop_map(Command::GiveUp),
        2 => minutes.prop_map(|minutes| Command::Wait { minutes }),
        2 => Just(Command::Settle),
        2 => Just(Command::Sweep),
    ]
}

/// Runs the commands on both. The first answer that does not fit, or what differs at the end.
async fn run(system: &mut System, commands: &[Command]) -> Result<(), String> {
    let mut reference = Reference::new(system.begin().await);
    let end = [Command::Settle, Command::Sweep, Command::Settle];
    for (number, command) in commands.iter().chain(&end).enumerate() {
        let before = reference.clone();
        let expected = reference.apply(*command);
        if expected == Expected::Nothing {
            continue;
        }
        let reply = system.apply(*command, &before).await;
        if !fits(reply.as_ref(), expected) {
            let said = reply.map(|reply| format!("{} {}", reply.status, reply.json));
            return Err(format!("command {number}, {command:?}: expected {expected:?}, got {said:?}"));
        }
    }
    let found = system.differences(&reference).await;
    if found.is_empty() { Ok(()) } else { Err(found.join("; ")) }
}

fn agree(seed: u64, sequences: u32) {
    let runtime = Runtime::new().expect("a runtime");
    let system = runtime.block_on(System::new());
    let commands = prop::collection::vec(command(), COMMANDS);
    let system = tried(&runtime, system, (seed, sequences), commands, &async |system, commands| {
        run(system, commands).await
    });
    runtime.block_on(books_agree(&system));
    drop(system);
}

/// Gives the system so many random sequences of commands, until `run` says that one of them went wrong; that one is told as short as it can
/// be made. Returns the system, which wants the runtime when it is dropped.
fn tried<S, C: Debug + Clone>(
    runtime: &Runtime,
    system: S,
    (seed, sequences): (u64, u32),
    commands: impl Strategy<Value = Vec<C>>,
    run: &impl AsyncFn(&mut S, &[C]) -> Result<(), String>,
) -> S {
    let system = RefCell::new(system);
    let settings = Config {
        cases: sequences,
        rng_seed: RngSeed::Fixed(seed),
        failure_persistence: None,
        max_shrink_iters: 400,
        ..Config::default()
    };
    println!("seed {seed}, {sequences} sequences of commands");
    let outcome = TestRunner::new(settings).run(&commands, |commands| {
        let mut system = system.borrow_mut();
        runtime.block_on(run(&mut system, &commands)).map_err(TestCaseError::fail)
    });
    if let Err(error) = outcome {
        panic!("seed {seed}: {error}");
    }
    system.into_inner()
}

/// Our book, its invariants, and the gateway's book.
async fn books_agree(system: &System) {
    let airline = &system.airline;
    system.work_off("send_refunds").await;
    airline.assert_sound().await;
    let book = airline.gateway_book().await;
    let sum = |member: &str| -> i64 {
        let intents = book["payment_intents"].as_array().expect("intents");
        intents.iter().filter_map(|intent| intent[member].as_i64()).sum()
    };
    let paid = airline.count("SELECT sum(amount)::bigint FROM payments WHERE status = 'succeeded'").await;
    let returned = airline.count("SELECT sum(refunded)::bigint FROM payments").await;
    assert!(paid > returned && returned > 0);
    assert_eq!((sum("amount_received"), sum("amount_refunded")), (paid, returned), "the gateway's book");
}

#[test]
fn a_reference_agrees_with_the_product_one() {
    agree(1, SEQUENCES);
}

#[test]
fn a_reference_agrees_with_the_product_two() {
    agree(2, SEQUENCES);
}

#[test]
fn a_reference_agrees_with_the_product_three() {
    agree(3, SEQUENCES);
}

#[test]
fn a_reference_agrees_with_the_product_four() {
    agree(4, SEQUENCES);
}

/// `./dev chaos model`: a seed of its own each time, which is printed.
#[test]
#[ignore = "takes many minutes; ./dev chaos model runs it"]
fn chaos_model() {
    let (seed, sequences) = asked_for(20_000);
    agree(seed, sequences);
}

/// The seed, and how many sequences, that `./dev chaos` names or that there are otherwise.
#[expect(clippy::disallowed_methods, reason = "./dev chaos says here how many there shall be")]
fn asked_for(otherwise: u32) -> (u64, u32) {
    let number = |name: &str| std::env::var(name).ok().and_then(|text| text.parse::<u64>().ok());
    let sequences = number("UDAAN_CHAOS").and_then(|many| u32::try_from(many).ok()).unwrap_or(otherwise);
    (number("UDAAN_CHAOS_SEED").unwrap_or_else(|| u64::from_le_bytes(Random.bytes())), sequences)
}

/// A product that forgets something is found out: without the row that gives seats back, a cancellation keeps them.
#[test]
fn control_a_product_that_keeps_the_seats_of_a_cancellation_is_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut system = System::new().await;
        let broken = "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS
                        'BEGIN IF NEW.taken < OLD.taken THEN RETURN OLD; END IF; RETURN NEW; END';
                      CREATE TRIGGER keep BEFORE UPDATE ON inventory FOR EACH ROW EXECUTE FUNCTION keep()";
        system.airline.sql().await.batch(broken).await.expect("broken");
        let commands = [Command::Hold { flight: 0, passengers: 2 }, Command::Cancel(0)];
        let error = run(&mut system, &commands).await.expect_err("a difference");
        assert!(error.contains("1 seats left, expected 3"), "{error}");
        drop(system);
    });
}

/// A product that forgets what was carried over is found out: the ladder of another flight decides about everything then.
#[test]
fn control_a_product_that_carries_nothing_over_is_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut system = System::new().await;
        let broken = "CREATE FUNCTION forget() RETURNS trigger LANGUAGE plpgsql AS
                        'BEGIN NEW.carried := ''[]''; RETURN NEW; END';
                      CREATE TRIGGER forget BEFORE INSERT ON booking_fares FOR EACH ROW EXECUTE FUNCTION forget()";
        system.airline.sql().await.batch(broken).await.expect("broken");
        // Six days before it leaves half of the second flight's fare comes back.
        let commands = [
            Command::Hold { flight: 1, passengers: 1 },
            Command::Pay(0, Card::Good),
            Command::Change { booking: 0, to: 2 },
            Command::Pay(0, Card::Good),
            Command::Cancel(0),
        ];
        let error = run(&mut system, &commands).await.expect_err("a difference");
        assert!(error.contains("returned is 26007, expected 15991"), "{error}");
        drop(system);
    });
}
