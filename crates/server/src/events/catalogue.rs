//! Every type of event there is.

use platform::outbox::Payload;
use serde_json::Value;
use utoipa::openapi::{RefOr, Schema};
use utoipa::{PartialSchema, ToSchema};

use super::payloads::{
    BoardingAccepted, BoardingExcused, BoardingFlown, BoardingMissed, BoardingPassIssued, BoardingUndone,
    BookingCancelled, BookingChanged, BookingCompleted, BookingConfirmed, BookingExpired,
    BookingExtrasIssued, BookingExtrasReleased, BookingExtrasReserved, BookingHeld, BookingHoldExtended,
    BookingOrderGivenUp, BookingOrderOpened, BookingPartlyCancelled, BookingPromotionApplied,
    BookingPromotionRemoved, CheckInCompleted, CheckInWithdrawn, FlightBoardingClosed, FlightCancelled,
    FlightCreated, FlightDeleted, FlightRetimed, FlightUpdated, ImportCompleted, PaymentDeclined,
    PaymentSucceeded, PaymentUnknown, PromotionFiled, RefundBounced, RefundFailed, RefundOrdered,
    RefundRetried, RefundSucceeded,
};

/// A type of event, for documents and tests.
#[derive(Clone, Copy, Debug)]
pub struct Kind {
    /// Its name.
    pub name: &'static str,
    /// The version of its payload.
    pub version: i16,
    /// The name of its payload's schema.
    pub schema_name: fn() -> String,
    /// Its payload's schema.
    pub schema: fn() -> RefOr<Schema>,
    /// Adds the schemas that its own refers to.
    pub nested: fn(&mut Vec<(String, RefOr<Schema>)>),
    /// Reads a payload and writes it again.
    pub read: fn(Value) -> serde_json::Result<Value>,
}

const fn kind<P: Payload + ToSchema + PartialSchema>() -> Kind {
    Kind {
        name: P::TYPE,
        version: P::VERSION,
        schema_name: || P::name().into_owned(),
        schema: P::schema,
        nested: P::schemas,
        read: |value| serde_json::to_value(serde_json::from_value::<P>(value)?),
    }
}

/// All of them.
pub const CATALOGUE: &[Kind] = &[
    kind::<BookingHeld>(),
    kind::<BookingHoldExtended>(),
    kind::<BookingPromotionApplied>(),
    kind::<BookingPromotionRemoved>(),
    kind::<BookingExpired>(),
    kind::<BookingConfirmed>(),
    kind::<BookingCancelled>(),
    kind::<BookingPartlyCancelled>(),
    kind::<BookingCompleted>(),
    kind::<BookingExtrasReserved>(),
    kind::<BookingExtrasIssued>(),
    kind::<BookingExtrasReleased>(),
    kind::<BookingOrderOpened>(),
    kind::<BookingOrderGivenUp>(),
    kind::<BookingChanged>(),
    kind::<CheckInCompleted>(),
    kind::<CheckInWithdrawn>(),
    kind::<BoardingPassIssued>(),
    kind::<BoardingAccepted>(),
    kind::<BoardingUndone>(),
    kind::<BoardingMissed>(),
    kind::<BoardingExcused>(),
    kind::<BoardingFlown>(),
    kind::<PaymentSucceeded>(),
    kind::<PaymentDeclined>(),
    kind::<PaymentUnknown>(),
    kind::<RefundOrdered>(),
    kind::<RefundRetried>(),
    kind::<RefundSucceeded>(),
    kind::<RefundFailed>(),
    kind::<RefundBounced>(),
    kind::<FlightCreated>(),
    kind::<FlightUpdated>(),
    kind::<FlightBoardingClosed>(),
    kind::<FlightCancelled>(),
    kind::<FlightRetimed>(),
    kind::<FlightDeleted>(),
    kind::<ImportCompleted>(),
    kind::<PromotionFiled>(),
];
