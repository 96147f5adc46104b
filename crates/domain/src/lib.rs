//! The rules of an airline as pure functions: values in, values out. Nothing here waits, reads a file, knows the time
//! or draws a random number.

pub mod actions;
pub mod airports;
pub mod boarding;
pub mod booking;
pub mod check_in;
pub mod connection_times;
pub mod coupon;
pub mod days;
pub mod extras;
pub mod fare_families;
pub mod fares;
pub mod flight_status;
pub mod geo;
pub mod gtfs;
pub mod input;
pub mod ledger;
pub mod market_ratios;
pub mod names;
pub mod notices;
pub mod payment;
pub mod places;
pub mod pricing;
pub mod promotions;
pub mod refund;
pub mod refund_rules;
pub mod reviews;
pub mod schedule;
pub mod seat_maps;
pub mod seating;
pub mod sold;
pub mod support;
pub mod taxes;
#[cfg(test)]
mod test_data;
pub mod timetable;
pub mod tracking;
pub mod travel_document;
