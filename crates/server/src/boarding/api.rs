//! The door of the boarding slice.

pub use super::issue::{NewPass, end, follow_seats, issue, seated_elsewhere};
pub use super::jobs::jobs;
pub use super::keys::{BoardingKeys, PublicKey, Verified, VerifyError, public_keys, verify};
pub use super::link::{pass_links, signer as link_signer};
pub use super::offline::published_keys;
pub use super::wallet::Wallets;
