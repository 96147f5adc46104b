//! What a traveller sends to book, checked.

use domain::booking::check_age;
use domain::names::{NAME_MAX, is_name};
use domain::pricing::{Party, PassengerType};
use jiff::civil::Date;
use kernel::{Category, TravellerId};
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::extras::api::ExtrasRequest;
use crate::identity::api::{Traveller, is_email};

/// Most travellers in a booking: nine with a seat and an infant for each.
const PASSENGERS_MAX: usize = 18;

/// A booking to make.
#[derive(Clone, Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"offer_id": "off_AQAAAAAAAAAB", "passengers": [{"type": "adult", "given_name": "Asha",
    "family_name": "Rao", "born_on": "1990-05-17"}], "contact": {"email": "asha@example.com", "phone": "+919812345678"}}))]
pub(super) struct BookingRequest {
    /// From a search.
    pub(super) offer_id: String,
    /// The party the offer was made for, adults, children and infants in any order.
    pub(super) passengers: Vec<PassengerBody>,
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

/// A passenger: a traveller you saved, or names as on the document they travel with.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub(super) struct PassengerBody {
    /// adult, child or infant.
    #[serde(rename = "type")]
    #[schema(value_type = String, example = "adult")]
    pub(super) kind: PassengerType,
    /// Somebody from `GET /me/travellers`, instead of names and birthday.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>)]
    pub(super) traveller_id: Option<TravellerId>,
    /// Given names.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Asha")]
    pub(super) given_name: Option<String>,
    /// Family name; people with a single name repeat it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(example = "Rao")]
    pub(super) family_name: Option<String>,
    /// Date of birth.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<String>, format = Date, example = "1990-05-17")]
    pub(super) born_on: Option<Date>,
}

/// A passenger whose name is known.
#[derive(Clone, Debug)]
pub(super) struct Passenger {
    pub(super) kind: PassengerType,
    pub(super) person: Traveller,
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
    /// Whether somebody is named by a saved traveller.
    pub(super) fn names_saved(&self) -> bool {
        self.passengers.iter().any(|passenger| passenger.traveller_id.is_some())
    }

    /// The passengers by name.
    pub(super) fn people(&self, saved: &[(TravellerId, Traveller)]) -> Result<Vec<Passenger>, Problem> {
        let numbered = self.passengers.iter().enumerate();
        numbered.map(|(index, passenger)| passenger.named(index, saved)).collect()
    }

    /// Checks the passengers against the offer's party and the local dates of its flights.
    pub(super) fn check(
        &self,
        people: &[Passenger],
        party: Party,
        flight_dates: &[Date],
    ) -> Result<(), Problem> {
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
        let mut numbered = people.iter().enumerate();
        numbered.try_for_each(|(index, passenger)| check_passenger(index, passenger, flight_dates))
    }
}

impl PassengerBody {
    fn named(&self, index: usize, saved: &[(TravellerId, Traveller)]) -> Result<Passenger, Problem> {
        let field = |name: &str| format!("passengers[{index}].{name}");
        let Self { kind, traveller_id, given_name, family_name, born_on } = self.clone();
        let Some(id) = traveller_id else {
            let missing =
                |name: &str| Problem::invalid(&field(name), "it is missing; or give a traveller_id");
            let given_name = given_name.ok_or_else(|| missing("given_name"))?;
            let family_name = family_name.ok_or_else(|| missing("family_name"))?;
            let born_on = born_on.ok_or_else(|| missing("born_on"))?;
            return Ok(Passenger { kind, person: Traveller { given_name, family_name, born_on } });
        };
        if given_name.is_some() || family_name.is_some() || born_on.is_some() {
            let both = "give either a saved traveller or names and birthday";
            return Err(Problem::invalid(&field("traveller_id"), both));
        }
        let person = saved.iter().find(|(saved, _)| *saved == id).map(|(_, person)| person.clone());
        let unknown = || Problem::invalid(&field("traveller_id"), "you have saved nobody under it");
        Ok(Passenger { kind, person: person.ok_or_else(unknown)? })
    }
}

fn check_passenger(index: usize, passenger: &Passenger, flight_dates: &[Date]) -> Result<(), Problem> {
    let field = |name: &str| format!("passengers[{index}].{name}");
    let Passenger { kind, person } = passenger;
    for (name, value) in [("given_name", &person.given_name), ("family_name", &person.family_name)] {
        if !is_name(value) {
            return Err(Problem::invalid(
                &field(name),
                format!("it must be a name of 1 to {NAME_MAX} letters"),
            ));
        }
    }
    if person.born_on.year() < 1900 {
        return Err(Problem::invalid(&field("born_on"), "it must be in 1900 or later"));
    }
    check_age(*kind, person.born_on, flight_dates)
        .map_err(|error| Problem::invalid(&field("born_on"), error.to_string()))
}

fn check_contact(contact: &Contact) -> Result<(), Problem> {
    if !is_email(&contact.email) {
        return Err(Problem::invalid(
            "contact.email",
            "it must be an e-mail address, such as name@example.org",
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
        Err(Problem::invalid("contact.phone", "it must be a phone number, such as +14155550132"))
    }
}
