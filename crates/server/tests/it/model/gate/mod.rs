//! The day of a flight: random commands of travellers, staff and the clock, from check-in to departure, against a small reference. After
//! each of them everybody stands as the reference says, in tickets, check-in, passes and boarding at once.

mod reference;
mod system;

use proptest::prelude::*;
use tokio::runtime::Runtime;

use self::reference::{Command, Declared, Desk, Expected, PARTIES, PEOPLE, Reference};
use self::system::System;
use super::tried;

const SEQUENCES: u32 = 40;
const COMMANDS: std::ops::Range<usize> = 6..24;

fn command() -> impl Strategy<Value = Command> {
    let who = 0..PEOPLE;
    let desk = prop_oneof![3 => Just(Desk::Online), 1 => Just(Desk::Counter)];
    let declared = prop_oneof![
        1 => Just(Declared::Scheduled),
        4 => Just(Declared::Boarding),
        1 => Just(Declared::Departed),
        1 => Just(Declared::Cancelled),
    ];
    let scan = (who.clone(), 0..2_usize, prop::bool::weighted(0.3), prop::bool::weighted(0.1));
    prop_oneof![
        8 => (who.clone(), desk).prop_map(|(who, desk)| Command::CheckIn(who, desk)),
        2 => who.clone().prop_map(Command::UndoCheckIn),
        2 => who.clone().prop_map(Command::Offload),
        10 => scan.prop_map(|(who, device, again, first)| Command::Scan { who, device, again, first }),
        3 => who.prop_map(Command::TakeOff),
        2 => Just(Command::Close),
        4 => declared.prop_map(Command::Declare),
        2 => Just(Command::Follow),
        1 => (0..PARTIES.len()).prop_map(Command::GiveBack),
        2 => prop::sample::select(vec![1, 20, 31, 60]).prop_map(|minutes| Command::Wait { minutes }),
    ]
}

/// Runs the commands on both. The first answer that does not fit, or what differs after it.
async fn run(system: &mut System, commands: &[Command]) -> Result<(), String> {
    system.begin().await;
    let mut reference = Reference::new();
    for (number, command) in commands.iter().chain(&[Command::Follow]).enumerate() {
        let before = reference.clone();
        let expected = reference.apply(*command);
        if expected == Expected::Nothing {
            continue;
        }
        let reply = system.apply(*command, &before, &reference).await;
        let said = reply.as_ref().map_or("", |reply| reply.code());
        let fits = match expected {
            Expected::Refused(code) => said == code,
            _ => reply.as_ref().is_none_or(|reply| reply.status.is_success()),
        };
        if !fits {
            return Err(format!("command {number}, {command:?}: expected {expected:?}, got {said:?}"));
        }
        let found = system.differences(&reference).await;
        if !found.is_empty() {
            return Err(format!("after command {number}, {command:?}: {}", found.join("; ")));
        }
    }
    Ok(())
}

fn agree(seed: u64, sequences: u32) {
    let runtime = Runtime::new().expect("a runtime");
    let system = runtime.block_on(System::new());
    let commands = prop::collection::vec(command(), COMMANDS);
    let system = tried(&runtime, system, (seed, sequences), commands, &async |system, commands| {
        run(system, commands).await
    });
    runtime.block_on(system.airline.assert_sound());
    drop(system);
}

#[test]
fn a_reference_agrees_with_the_product_on_the_day_of_a_flight() {
    agree(1, SEQUENCES);
}

/// `./dev chaos days`: a seed of its own each time, which is printed.
#[test]
#[ignore = "takes many minutes; ./dev chaos days runs it"]
fn chaos_days() {
    let (seed, sequences) = super::asked_for(3_000);
    agree(seed, sequences);
}

/// A product that forgets something is found out: one that leaves the pass of whoever is put off good.
#[test]
fn control_a_product_whose_passes_do_not_end_is_found_out() {
    let runtime = Runtime::new().expect("a runtime");
    runtime.block_on(async {
        let mut system = System::new().await;
        let broken = "CREATE FUNCTION keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN NEW.ended_at := NULL; RETURN NEW; END';
                      CREATE TRIGGER keep BEFORE UPDATE ON boarding_passes FOR EACH ROW EXECUTE FUNCTION keep()";
        system.airline.sql().await.batch(broken).await.expect("broken");
        let commands = [Command::CheckIn(4, Desk::Online), Command::Offload(4)];
        let found = tokio::spawn(async move {
            let outcome = run(&mut system, &commands).await;
            drop(system);
            outcome
        });
        let error = found.await.expect_err("a state that must not be");
        assert!(error.is_panic());
    });
}
