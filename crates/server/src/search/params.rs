//! The parameters of a search.

use serde::Deserialize;
use utoipa::IntoParams;

/// What can be asked. Everything but the ends and the date may be left out.
#[derive(Clone, Debug, Default, Hash, Deserialize, IntoParams)]
#[serde(deny_unknown_fields)]
#[into_params(parameter_in = Query)]
pub(super) struct SearchParams {
    /// Airport of departure, or a city with several.
    #[param(value_type = String, example = "ABE")]
    pub(super) origin: Option<String>,
    /// Airport of arrival, or a city with several.
    #[param(value_type = String, example = "LAX")]
    pub(super) destination: Option<String>,
    /// Other airports within so many kilometres of both ends do as well.
    #[param(default = 0, maximum = 300)]
    pub(super) nearby_km: Option<u32>,
    /// Date of departure, local at the origin.
    #[param(value_type = String, format = Date, example = "2026-12-01")]
    pub(super) date: Option<String>,
    /// Travellers of twelve years or older.
    #[param(default = 1, minimum = 1, maximum = 9)]
    pub(super) adults: Option<u8>,
    /// Two to eleven years; each has a seat.
    #[param(default = 0, maximum = 8)]
    pub(super) children: Option<u8>,
    /// Under two years, on a lap; at most one for each adult.
    #[param(default = 0, maximum = 9)]
    pub(super) infants: Option<u8>,
    /// economy, `premium_economy`, business or first; economy if left out.
    #[param(example = "economy")]
    pub(super) cabin: Option<String>,
    /// Whether flights that do not sell the cabin to the party may be flown in the next lower one. One flight at least is in
    /// the cabin itself.
    #[param(default = false)]
    pub(super) mixed_cabin: Option<bool>,
    /// Whether something of the fare comes back when the trip is given up: itineraries are priced in the cheapest fare family
    /// of which that is true.
    #[param(default = false)]
    pub(super) refundable: Option<bool>,
    /// Whether checked baggage is included: itineraries are priced in the cheapest fare family that includes it.
    #[param(default = false)]
    pub(super) bag: Option<bool>,
    /// 0 to 3. Left out or 3: up to two stops, and three where nothing with fewer exists.
    #[param(minimum = 0, maximum = 3)]
    pub(super) max_stops: Option<u8>,
    /// What comes first: duration (then price), price (then duration), departure, arrival, or best (price plus a worth of each
    /// minute and stop; the lower the better).
    #[param(default = "duration", example = "duration")]
    pub(super) sort: Option<String>,
    /// At most this for the whole party, in minor units.
    #[param(example = 45_000)]
    pub(super) max_price: Option<i64>,
    /// At most so many minutes from first departure to last arrival.
    #[param(example = 600)]
    pub(super) max_duration: Option<u32>,
    /// Leaves at this local time or later. After `departs_before`, the window spans midnight.
    #[param(example = "06:00")]
    pub(super) departs_after: Option<String>,
    /// Leaves before this local time.
    #[param(example = "12:00")]
    pub(super) departs_before: Option<String>,
    /// Lands at this local time or later, on any date. After `arrives_before`, the window spans midnight.
    #[param(example = "08:00")]
    pub(super) arrives_after: Option<String>,
    /// Lands before this local time.
    #[param(example = "22:00")]
    pub(super) arrives_before: Option<String>,
    /// Airlines that may be flown, parted by commas.
    #[param(example = "KR,S2")]
    pub(super) airlines: Option<String>,
    /// Airlines that may not.
    #[param(example = "ZZ")]
    pub(super) exclude_airlines: Option<String>,
    /// Airports where planes may be changed, parted by commas; nonstop itineraries stay.
    #[param(example = "ATL,ORD")]
    pub(super) via: Option<String>,
    /// Airports where they may not.
    #[param(example = "JFK")]
    pub(super) exclude_via: Option<String>,
    /// A connection is at least this long, minutes; never shorter than the airport's minimum.
    #[param(example = 60)]
    pub(super) min_connection: Option<u32>,
    /// A connection is at most this long, minutes.
    #[param(example = 180)]
    pub(super) max_connection: Option<u32>,
    /// Whether to count what each filter would leave, with the cheapest price behind it. On the first page only.
    #[param(default = false)]
    pub(super) facets: Option<bool>,
    /// At most so many, 1 to 100.
    #[param(default = 20, minimum = 1, maximum = 100)]
    pub(super) limit: Option<usize>,
    /// `next_cursor` of the page before, with the same other parameters; `limit` may differ.
    pub(super) cursor: Option<String>,
}
