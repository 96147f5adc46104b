//! What holds for check-in on a route: what was filed for it, or else what the settings say.

use axum::extract::State;
use domain::check_in::{End, Route, RoutePolicy, Terms, Window, terms_of};
use platform::config;
use platform::db::{DbError, Sql};
use platform::http::Json;
use platform::http::problem::Outcome;
use serde::Serialize;
use utoipa::ToSchema;

use super::store;
use crate::app::App;
use crate::flights::api::FlightRow;

/// All that was filed, and the settings.
pub(super) struct Policies {
    filed: Vec<RoutePolicy>,
    otherwise: (Terms, Terms),
}

impl Policies {
    pub(super) async fn load(app: &App, sql: &Sql) -> Result<Self, DbError> {
        Ok(Self { filed: store::policies(sql).await?, otherwise: otherwise(&app.config.check_in) })
    }

    /// All terms there are.
    pub(super) fn all(&self) -> impl Iterator<Item = &Terms> {
        let (domestic, international) = (&self.otherwise.0, &self.otherwise.1);
        self.filed.iter().map(|policy| &policy.terms).chain([domestic, international])
    }

    /// The terms of a flight.
    pub(super) fn terms(&self, app: &App, flight: &FlightRow) -> Terms {
        let directory = app.directory.load();
        let route = Route {
            origin: (flight.origin, directory.country_code(flight.origin)),
            destination: (flight.destination, directory.country_code(flight.destination)),
        };
        terms_of(&self.filed, self.otherwise, &route)
    }
}

/// The window of a flight.
pub(super) fn window(terms: &Terms, flight: &FlightRow) -> Window {
    Window::of(terms, flight.departs_at, flight.estimated_departs_at)
}

/// The settings as terms: within a country, and across a border.
fn otherwise(settings: &config::CheckIn) -> (Terms, Terms) {
    let domestic = Terms {
        opens_minutes: settings.opens_minutes,
        closes_minutes: settings.closes_minutes,
        counter_closes_minutes: settings.counter_closes_minutes,
        passport: false,
        passport_months: 0,
    };
    let international = Terms {
        closes_minutes: settings.closes_minutes_international,
        counter_closes_minutes: settings.counter_closes_minutes_international,
        passport: true,
        passport_months: settings.passport_months,
        ..domestic
    };
    (domestic, international)
}

/// When check-in is open, and what it asks for.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckInTerms)]
pub(super) struct TermsView {
    /// It opens so many minutes before the scheduled departure.
    #[schema(example = 2880)]
    opens_minutes: u32,
    /// It closes for travellers so many minutes before departure.
    #[schema(example = 60)]
    closes_minutes: u32,
    /// And at the counter.
    #[schema(example = 45)]
    counter_closes_minutes: u32,
    /// Whether a passport is asked for.
    passport: bool,
    /// For how many months after arrival it must be valid.
    passport_months: u8,
}

/// What holds on a route.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckInPolicy)]
pub(super) struct PolicyView {
    /// An airport, a country (ISO 3166-1 alpha-2), or null for anywhere.
    #[schema(example = "DEL")]
    origin: Option<String>,
    /// The same.
    #[schema(example = "GB")]
    destination: Option<String>,
    terms: TermsView,
}

/// What holds where.
#[derive(Serialize, ToSchema)]
#[schema(as = CheckInPolicies, example = json!({"policies": [{"origin": "DEL", "destination": "GB", "terms": {"opens_minutes": 1440,
    "closes_minutes": 120, "counter_closes_minutes": 75, "passport": true, "passport_months": 6}}],
    "domestic": {"opens_minutes": 2880, "closes_minutes": 60, "counter_closes_minutes": 45, "passport": false, "passport_months": 0},
    "international": {"opens_minutes": 2880, "closes_minutes": 90, "counter_closes_minutes": 60, "passport": true,
    "passport_months": 0}}))]
pub(super) struct PoliciesView {
    /// Those that were filed.
    policies: Vec<PolicyView>,
    /// What holds on all other flights within a country.
    domestic: TermsView,
    /// And on those across a border.
    international: TermsView,
}

impl TermsView {
    const fn of(terms: &Terms) -> Self {
        Self {
            opens_minutes: terms.opens_minutes,
            closes_minutes: terms.closes_minutes,
            counter_closes_minutes: terms.counter_closes_minutes,
            passport: terms.passport,
            passport_months: terms.passport_months,
        }
    }
}

/// When check-in is open on which route, and what it asks for: the policies of `udaan import check-in-policies`, and what the settings
/// say of all other flights. The policy that names a route most closely holds: airports before countries before anywhere.
#[utoipa::path(get, path = "/check-in-policies", tag = "operations",
    responses((status = 200, description = "What holds where", body = PoliciesView)))]
pub(super) async fn list_policies(State(app): State<App>) -> Outcome<Json<PoliciesView>> {
    let policies = Policies::load(&app, &app.db.read().await?).await?;
    let end = |end: &End| match end {
        End::Anywhere => None,
        End::Country(code) => Some(code.clone()),
        End::Airport(code) => Some(code.to_string()),
    };
    let view = |policy: &RoutePolicy| PolicyView {
        origin: end(&policy.origin),
        destination: end(&policy.destination),
        terms: TermsView::of(&policy.terms),
    };
    Ok(Json(PoliciesView {
        policies: policies.filed.iter().map(view).collect(),
        domestic: TermsView::of(&policies.otherwise.0),
        international: TermsView::of(&policies.otherwise.1),
    }))
}
