//! `/v1/payment_methods`: a card becomes a token.

use std::sync::Arc;

use axum::extract::{Path, State};
use axum::response::Response;

use crate::Gateway;
use crate::cards::Card;
use crate::http::{Answer, Call};
use crate::once::{Outcome, perform};
use crate::refusal::Refusal;
use crate::routes::respond;

pub(crate) async fn create(State(gateway): State<Arc<Gateway>>, call: Call) -> Response {
    perform(&gateway, call, |book, call, moment| {
        let params = &call.params;
        params.only(&["billing_details", "card", "expand", "metadata", "type"])?;
        if params.required("type")? != "card" {
            let message = "This gateway takes payment methods of type card only.";
            return Err(Refusal::parameter("parameter_invalid", "type", message));
        }
        let card = Card::read(params, "card", moment.month)?;
        Ok(Outcome::Answered(Answer::ok(&book.add_method(card, moment.now).json())))
    })
    .await
}

pub(crate) async fn retrieve(State(gateway): State<Arc<Gateway>>, Path(id): Path<String>) -> Response {
    respond(gateway.book().method(&id).map(crate::intent::Method::json))
}
