//! What a traveller sends to book, checked.

use domain::booking::check_age;
use domain::pricing::{Party, PassengerType};
use jiff::civil::Date;
use kernel::Category;
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extras::api::ExtrasRequest;
use crate::identity::api::is_email;

/// Most travellers in a booking: nine with a seat and an infant for each.
const PASSENGERS_MAX: usize = 18;
const NAME_MAX: usize = 60;

/// A booking to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"offer_id": "off_AQAAAAAAAAAB", "passengers": [{"type": "adult", "given_name": "Asha",
    "family_name": "Rao", "born_on": "1990-05-17"}], "contact": {"email": "asha@example.com", "phone": "+919812345678"}}))]
pub(super) struct BookingRequest {
    /// From a search.
    pub(super) offer_id: String,
    /// The party the offer was made for, adults, children and infants in any order.
    pub(super) passengers: Vec<Passenger>,
    /// Whom to tell.
    pub(super) contact: Contact,
    /// Seats and extras to hold with it, for passengers, flights and slices by their numbers, from 1 in the order they are given
    /// here and flown. All are held, or nothing is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(super) extras: Option<ExtrasRequest>,
    /// A promotion code to book with; refused, the booking is not made.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "SUMMER10")]
    pub(super) promotion_code: Option<String>,
}

/// A passenger, named as on the document they travel with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Passenger {
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "adult")]
    pub(super) kind: PassengerType,
    /// Given names.
    #[schema(example = "Asha")]
    pub(super) given_name: String,
    /// Family name; people with a single name repeat it.
    #[schema(example = "Rao")]
    pub(super) family_name: String,
    /// Date of birth.
    #[schema(value_type = String, format = Date, example = "1990-05-17")]
    pub(super) born_on: Date,
}

/// How to reach the traveller.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct Contact {
    /// Where confirmations go.
    #[schema(example = "asha@example.com")]
    pub(super) email: String,
    /// For changes on the day; optional.
    #[schema(example = "+919812345678")]
    pub(super) phone: Option<String>,
}

impl BookingRequest {
    /// Checks the passengers against the offer's party and the local dates of its flights.
    pub(super) fn check(&self, party: Party, flight_dates: &[Date]) -> Result<(), Problem> {
        if self.passengers.is_empty() || self.passengers.len() > PASSENGERS_MAX {
            return Err(Problem::invalid("passengers", format!("there must be 1 to {PASSENGERS_MAX}")));
        }
        check_contact(&self.contact)?;
        for kind in [PassengerType::Adult, PassengerType::Child, PassengerType::Infant] {
            let given = self.passengers.iter().filter(|passenger| passenger.kind == kind).count();
            if given != usize::from(party.count(kind)) {
                let Party { adults, children, infants } = party;
                let offered = format!("{adults} adults, {children} children, {infants} infants");
                let problem = Problem::new(Category::Unprocessable, "party_mismatch");
                return Err(problem.arg("offered", offered).field("passengers"));
            }
        }
        let mut numbered = self.passengers.iter().enumerate();
        numbered.try_for_each(|(index, passenger)| check_passenger(index, passenger, flight_dates))
    }
}

fn check_passenger(index: usize, passenger: &Passenger, flight_dates: &[Date]) -> Result<(), Problem> {
    let field = |name: &str| format!("passengers[{index}].{name}");
    for (name, value) in [("given_name", &passenger.given_name), ("family_name", &passenger.family_name)] {
        if !is_name(value) {
            return Err(Problem::invalid(
                &field(name),
                format!("it must be a name of 1 to {NAME_MAX} letters"),
            ));
        }
    }
    if passenger.born_on.year() < 1900 {
        return Err(Problem::invalid(&field("born_on"), "it must be in 1900 or later"));
    }
    check_age(passenger.kind, passenger.born_on, flight_dates)
        .map_err(|error| Problem::invalid(&field("born_on"), error.to_string()))
}

/// A name in any script: letters with their marks, and what stands between the parts of names.
fn is_name(text: &str) -> bool {
    (1..=NAME_MAX).contains(&text.trim().chars().count())
        && text.chars().any(char::is_alphabetic)
        && text.chars().all(|c| c.is_alphanumeric() || " .'’-\u{200c}\u{200d}".contains(c) || is_mark(c))
}

/// Combining marks belong to the letters of names and are not letters to Unicode.
fn is_mark(c: char) -> bool {
    ('\u{0300}'..='\u{036f}').contains(&c) || ('\u{0900}'..='\u{0dff}').contains(&c)
}

fn check_contact(contact: &Contact) -> Result<(), Problem> {
    if !is_email(&contact.email) {
        return Err(Problem::invalid(
            "contact.email",
            "it must be an e-mail address, such as asha@example.com",
        ));
    }
    let is_phone = |phone: &str| {
        let digits = phone.chars().filter(char::is_ascii_digit).count();
        let plain = phone.chars().all(|c| c.is_ascii_digit() || "+ -()".contains(c));
        (7..=15).contains(&digits) && plain && phone.len() <= 30
    };
    if contact.phone.as_deref().is_none_or(is_phone) {
        Ok(())
    } else {
        Err(Problem::invalid("contact.phone", "it must be a phone number, such as +919812345678"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_the_world() {
        for name in ["Asha", "O'Brien", "Jean-Luc", "María José", "Nguyễn", "आशा", "X Æ", "St. John"]
        {
            assert!(is_name(name), "{name}");
        }
        let long = "a".repeat(NAME_MAX + 1);
        for name in ["", " ", "42", "<b>", "A\nB", "a;b", long.as_str()] {
            assert!(!is_name(name), "{name}");
        }
    }
}
