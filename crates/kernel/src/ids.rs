//! Ids: UUIDv7 inside, a prefix on the wire that says what the id is of, so that one kind is never
//! taken for another (`bkg_0192…`).

use std::fmt;
use std::str::FromStr;

use jiff::Timestamp;
use serde::{Deserialize, Deserializer, Serialize, Serializer};
use uuid::Uuid;

/// A text was not an id of the kind asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("not an id of this kind; it starts with {prefix}_ and has 32 hexadecimal digits")]
pub struct IdError {
    /// The prefix the id should have.
    pub prefix: &'static str,
}

/// Reads `prefix_` and 32 hexadecimal digits.
pub(crate) fn parse(text: &str, prefix: &'static str) -> Result<Uuid, IdError> {
    let digits = text.strip_prefix(prefix).and_then(|rest| rest.strip_prefix('_')).filter(|d| d.len() == 32);
    digits.and_then(|digits| Uuid::try_parse(digits).ok()).ok_or(IdError { prefix })
}

/// A UUIDv7 (RFC 9562 section 5.7) from an instant and ten random bytes.
pub fn uuid_v7(at: Timestamp, random: [u8; 10]) -> Uuid {
    let millis = u64::try_from(at.as_millisecond()).unwrap_or(0);
    uuid::Builder::from_unix_timestamp_millis(millis, &random).into_uuid()
}

macro_rules! id {
    ($(#[$doc:meta])* $name:ident, $prefix:literal) => {
        $(#[$doc])*
        #[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub struct $name(Uuid);

        impl $name {
            /// What the id starts with on the wire.
            pub const PREFIX: &'static str = $prefix;

            /// A new id for `at`; the randomness is the caller's.
            pub fn new(at: Timestamp, random: [u8; 10]) -> Self {
                Self(uuid_v7(at, random))
            }

            /// The id a database row holds.
            pub const fn from_uuid(uuid: Uuid) -> Self {
                Self(uuid)
            }

            /// The id as the database keeps it.
            pub const fn uuid(self) -> Uuid {
                self.0
            }
        }

        impl fmt::Display for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                write!(f, "{}_{}", $prefix, self.0.simple())
            }
        }

        impl fmt::Debug for $name {
            fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                fmt::Display::fmt(self, f)
            }
        }

        impl FromStr for $name {
            type Err = IdError;

            fn from_str(text: &str) -> Result<Self, IdError> {
                parse(text, $prefix).map(Self)
            }
        }

        impl Serialize for $name {
            fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
                serializer.collect_str(self)
            }
        }

        impl<'de> Deserialize<'de> for $name {
            fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
                String::deserialize(deserializer)?.parse().map_err(serde::de::Error::custom)
            }
        }
    };
}

id!(
    /// An account.
    UserId,
    "usr"
);
id!(
    /// Somebody signed in, on one device.
    SessionId,
    "ses"
);
id!(
    /// A second factor of an account: an app that makes codes, or a passkey.
    FactorId,
    "fct"
);
id!(
    /// A program that calls the API in somebody's name or its own.
    ClientId,
    "cli"
);
id!(
    /// A booking.
    BookingId,
    "bkg"
);
id!(
    /// A payment: one attempt to charge for a booking.
    PaymentId,
    "pay"
);
id!(
    /// Money on its way back to where it came from.
    RefundId,
    "rfd"
);
id!(
    /// Something that happened, as it is told to others.
    EventId,
    "evt"
);
id!(
    /// An import of a file.
    ImportId,
    "imp"
);
id!(
    /// Something that somebody was told.
    NotificationId,
    "ntf"
);
id!(
    /// Something that staff announce to many, or to one.
    AnnouncementId,
    "ann"
);
id!(
    /// A price that somebody watches.
    WatchId,
    "wtc"
);
id!(
    /// A browser that takes pushes.
    PushId,
    "psh"
);
id!(
    /// An address that is told of events.
    WebhookId,
    "whk"
);
id!(
    /// One event on its way to one address.
    DeliveryId,
    "whd"
);
id!(
    /// A person an account books for.
    TravellerId,
    "trv"
);
id!(
    /// A payment method kept for later payments.
    SavedMethodId,
    "svm"
);
id!(
    /// Something staff did.
    AuditId,
    "aud"
);
id!(
    /// A mail.
    MailId,
    "mal"
);
id!(
    /// What somebody thinks of a flight.
    ReviewId,
    "rev"
);
id!(
    /// Something somebody needs help with.
    TicketId,
    "sup"
);
id!(
    /// A file attached to a message.
    AttachmentId,
    "att"
);

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ids_round_trip_and_kinds_do_not_mix() {
        let id = BookingId::new(Timestamp::UNIX_EPOCH, [7; 10]);
        assert_eq!(id.to_string().parse(), Ok(id));
        assert_eq!(id.uuid().get_version_num(), 7);
        assert!(id.to_string().parse::<PaymentId>().is_err());
        assert!(format!("bkg_{}", id.uuid().hyphenated()).parse::<BookingId>().is_err());
    }

    #[test]
    fn later_ids_sort_later() {
        let early = BookingId::new(Timestamp::UNIX_EPOCH, [255; 10]);
        let late = BookingId::new("2026-01-01T00:00:00Z".parse().expect("an instant"), [0; 10]);
        assert!(early < late);
    }
}
