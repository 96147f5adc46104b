//! The words every crate shares: ids with prefixes, money in minor units, IATA codes, the clock
//! and the categories of refusals. Nothing here waits, reads a file or knows the time by itself.

pub mod category;
pub mod clock;
pub mod codes;
pub mod flight_id;
pub mod ids;
pub mod locator;
pub mod money;

pub use category::Category;
pub use clock::Clock;
pub use codes::{AirlineCode, AirportCode, BookingClass, Cabin, CityCode, FlightNumber};
pub use flight_id::{FlightId, FlightKey};
pub use ids::{
    AnnouncementId, AttachmentId, AuditId, BookingId, ClientId, DeliveryId, EventId, FactorId, ImportId,
    MailId, NotificationId, PaymentId, PushId, RefundId, ReviewId, SavedMethodId, SessionId, TicketId,
    TravellerId, UserId, WatchId, WebhookId,
};
pub use locator::RecordLocator;
pub use money::{Currency, Money, MoneyError};
