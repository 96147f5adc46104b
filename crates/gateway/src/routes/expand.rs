//! `expand[]`: the object in place of its id.

use serde_json::Value;

use crate::book::Book;
use crate::form::Params;
use crate::refusal::Refusal;

/// Puts the objects that are asked for in the place of their ids.
pub(crate) fn expand(book: &Book, mut object: Value, params: &Params) -> Result<Value, Refusal> {
    for field in params.list("expand") {
        let Some(id) = object.get(field) else {
            let message = format!("This property cannot be expanded ({field}).");
            return Err(Refusal::parameter("parameter_invalid", "expand", message));
        };
        // What is null, or stands there in full already, stays.
        let Some(id) = id.as_str() else { continue };
        object[field] = match field {
            "customer" => book.customer_json(id)?,
            "latest_charge" | "charge" => book.charge_json(id)?,
            "payment_intent" => book.intent_json(id)?,
            "payment_method" => book.method(id)?.json(),
            _ => {
                let message = format!("This property cannot be expanded ({field}).");
                return Err(Refusal::parameter("parameter_invalid", "expand", message));
            }
        };
    }
    Ok(object)
}
