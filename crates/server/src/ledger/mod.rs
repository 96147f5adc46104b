//! The ledger: double entry, only ever added to, each posting in the transaction that did what it says.
//!
//! Owns `ledger_postings`. Invariants: a posting adds up to zero (the database checks it); one thing is posted once (the
//! primary key is what it is about); no role of ours may change or delete one (docs/money.md).

pub mod api;
mod store;
