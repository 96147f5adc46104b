//! The server through its router, against a real PostgreSQL (a database for each test) and a real gateway on a socket.

#![expect(clippy::expect_used, clippy::panic, reason = "a helper of tests fails by panicking")]

mod audit;
mod booking;
mod check_in;
mod contract;
mod events;
mod extras;
mod faq;
mod flights;
mod identity;
mod integrity;
mod interleavings;
mod mail;
mod mass_assignment;
mod matrix;
mod model;
mod notify;
mod payments;
mod platform;
mod promotions;
mod protection;
mod realtime;
mod records;
mod reviews;
mod search;
mod support;
mod support_tickets;
mod tracking;
mod webhooks;
