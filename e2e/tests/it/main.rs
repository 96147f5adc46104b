//! The real binary on a fresh database, over HTTP: the main job from end to end, and the last seats sold by two processes.

#![expect(clippy::expect_used, reason = "a step that cannot be taken fails the test")]

mod browser;
mod contract;
mod database;
mod faults;
mod journeys;
mod overload;
mod race;
mod sockets;
mod support;
mod timing;
