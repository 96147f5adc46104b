//! The airline: one folder for each feature ("slice"), on the platform.
//!
//! A slice is `mod.rs` (what it owns and its routes), `api.rs` (the only door for other slices), one file per operation,
//! `store.rs` (all its SQL) and `jobs.rs`. ARCHITECTURE.md walks through them.

pub mod access;
pub mod app;
pub mod audit;
pub mod boarding;
pub mod booking;
pub mod check_in;
mod egress;
mod erased;
pub mod events;
pub mod extras;
pub mod faq;
pub mod flights;
mod form;
pub mod identity;
pub mod integrity;
pub mod keyed;
pub mod ledger;
pub mod mail;
pub mod migrations;
pub mod notify;
pub mod openapi;
pub mod pages;
mod passport;
mod pauses;
pub mod payments;
pub mod promotions;
pub mod push;
pub mod realtime;
pub mod records;
pub mod reviews;
pub mod router;
pub mod search;
mod sheet;
pub mod support;
pub mod tracking;
pub mod webhooks;

pub use app::App;
