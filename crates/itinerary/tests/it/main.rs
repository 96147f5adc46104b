//! The search from outside: timetables a person can read, a brute-force oracle, and readers racing writers.

#![expect(clippy::expect_used, clippy::panic, reason = "what a helper of a test cannot do fails the test")]

mod fixture;
mod live;
mod oracle;
mod traps;
