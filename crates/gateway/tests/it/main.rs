//! The gateway over a real socket, as the payment adapter meets it.

#![expect(clippy::expect_used, reason = "what a helper of a test cannot do fails the test")]

mod hostile;
mod payments;
mod saved;
mod slow;
mod support;
mod webhooks;
