//! `GET /payments/{id}`.

use axum::extract::State;
use kernel::PaymentId;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};

use super::store;
use super::view::PaymentView;
use crate::access::Caller;
use crate::app::App;

/// One of my payments.
#[utoipa::path(get, path = "/payments/{id}", tag = "payments",
    params(("id" = String, Path, description = "Payment id", example = "pay_0193f2a1c5d07bb2a4d1c0ffee000003")),
    responses((status = 200, description = "The payment", body = PaymentView)))]
pub(super) async fn get_payment(
    State(app): State<App>,
    caller: Caller,
    Path(id): Path<PaymentId>,
) -> Outcome<Json<PaymentView>> {
    let payment =
        store::find(&app.db.read().await?, id, caller.user).await?.ok_or_else(Problem::not_found)?;
    Ok(Json(payment.view()))
}
