//! Whom an announcement is for.

use jiff::civil::Date;
use kernel::{AirportCode, Category, FlightId, UserId};
use platform::db::Sql;
use platform::http::Problem;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::App;
use crate::booking::api::travellers_on;
use crate::flights::api::{flight_rows, leaving_on_route};
use crate::identity::api::{addressees, hold_account};

/// Days of a route that one announcement is for.
const DAYS_MAX: i32 = 31;
/// Flights that one announcement is for.
const FLIGHTS_MAX: usize = 2_000;

/// Whom it is for.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case", deny_unknown_fields)]
#[schema(as = AnnouncementAudience)]
pub(in crate::notify) enum Audience {
    /// One account.
    Account {
        /// Which.
        #[schema(value_type = String, example = "usr_0193f2a1c5d07bb2a4d1c0ffee000001")]
        user_id: UserId,
    },
    /// Whoever flies on a flight.
    Flight {
        /// Which.
        #[schema(value_type = String, example = "flt_20261201000080008000b97700134001")]
        flight_id: FlightId,
    },
    /// Whoever flies from an airport, to one, or both, on some days.
    Route {
        /// From.
        #[schema(value_type = Option<String>, example = "ABE")]
        origin: Option<AirportCode>,
        /// To.
        #[schema(value_type = Option<String>, example = "ATL")]
        destination: Option<AirportCode>,
        /// The first day, local at the origin of each flight.
        #[schema(value_type = String, format = Date, example = "2026-12-01")]
        from: Date,
        /// The last day, at most 30 days later.
        #[schema(value_type = String, format = Date, example = "2026-12-02")]
        to: Date,
    },
}

/// Who that is now.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Reached {
    /// The account, if it is for one.
    pub(super) user: Option<UserId>,
    /// The flights, if it is for those who fly on some.
    pub(super) flights: Vec<FlightId>,
    /// How many accounts.
    pub(super) recipients: i32,
}

impl Audience {
    /// What can be said of it without looking at anything.
    pub(super) fn check(&self) -> Result<(), Problem> {
        let Self::Route { origin, destination, from, to } = self else { return Ok(()) };
        if origin.is_none() && destination.is_none() {
            return Err(Problem::invalid("audience.origin", "an origin, a destination, or both are needed"));
        }
        let days = from.until(*to).map_or(-1, |span| span.get_days());
        if !(0..DAYS_MAX).contains(&days) {
            let reason = format!("it must be {from} or at most {} days later", DAYS_MAX - 1);
            return Err(Problem::invalid("audience.to", reason));
        }
        Ok(())
    }

    /// Who a draft is for. An account stays until the transaction ends: what is said to it does not outlive it.
    pub(super) async fn reached_by_a_draft(&self, app: &App, sql: &Sql) -> Result<Reached, Problem> {
        if let Self::Account { user_id } = self {
            hold_account(sql, *user_id).await.map_err(|problem| match problem.category {
                Category::Unauthenticated => no_account(),
                _ => problem,
            })?;
        }
        self.reached(app, sql).await
    }

    /// Who it is for, as it stands now.
    pub(super) async fn reached(&self, app: &App, sql: &Sql) -> Result<Reached, Problem> {
        let flights = match self {
            Self::Account { user_id } => {
                let known = addressees(app, sql, &[*user_id]).await?;
                if known.is_empty() {
                    return Err(no_account());
                }
                return Ok(Reached { user: Some(*user_id), flights: Vec::new(), recipients: 1 });
            }
            Self::Flight { flight_id } => {
                if flight_rows(sql, &[*flight_id]).await?.is_empty() {
                    return Err(Problem::invalid("audience.flight_id", "there is no such flight"));
                }
                vec![*flight_id]
            }
            Self::Route { origin, destination, from, to } => {
                let route = (*origin, *destination);
                leaving_on_route(sql, route, (*from, *to), app.now()).await?
            }
        };
        if flights.len() > FLIGHTS_MAX {
            let reason =
                format!("that is {} flights; {FLIGHTS_MAX} are the most: take fewer days", flights.len());
            return Err(Problem::invalid("audience.to", reason));
        }
        let recipients = travellers_on(sql, &flights).await?;
        Ok(Reached { user: None, recipients: i32::try_from(recipients).map_err(Problem::internal)?, flights })
    }
}

fn no_account() -> Problem {
    Problem::invalid("audience.user_id", "there is no such account")
}
