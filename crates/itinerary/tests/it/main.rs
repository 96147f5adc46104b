//! The search from outside: timetables a person can read, a brute-force oracle, readers racing writers, and a
//! corpus of questions whose answers stay.

#![expect(clippy::expect_used, clippy::panic, reason = "what a helper of a test cannot do fails the test")]

mod corpus;
mod fixture;
mod live;
mod oracle;
#[path = "../../benches/search/random.rs"]
#[expect(
    dead_code,
    clippy::cast_possible_truncation,
    reason = "the measurements draw in more ways; a remainder"
)]
mod random;
mod real;
mod traps;
#[path = "../../benches/search/us.rs"]
mod us;
