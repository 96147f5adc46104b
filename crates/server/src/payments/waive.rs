//! What is too little to charge is waived (docs/money.md, "Too little to charge"): when, and when no more.

use kernel::{Category, Money};
use platform::http::Problem;

use crate::app::App;

/// Whether what is due for something more in a booking is waived, because it is too little to charge. `before`, minor units: what
/// was waived of the booking's orders before it. It counts with what is due, and 422 `amount_too_small` where both together are
/// enough to charge: who buys in parts too small to charge would pay for nothing.
pub fn is_waived(app: &App, due: Money, before: i64) -> Result<bool, Problem> {
    let gateway = &app.config.gateway;
    if !gateway.is_too_small(due) {
        return Ok(false);
    }
    if gateway.is_too_small(Money::new(due.amount.saturating_add(before), due.currency)) {
        return Ok(true);
    }
    Err(too_small(due))
}

/// 422 `amount_too_small`: it is less than can be charged, and cannot be waived.
pub fn too_small(due: Money) -> Problem {
    Problem::new(Category::Unprocessable, "amount_too_small")
        .arg("due", due.to_string())
        .actions(&["add_more"])
}
