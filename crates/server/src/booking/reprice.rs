//! An offer as it sells now: its flights read anew, its slices priced anew.

use domain::boarding::may_be_closed;
use domain::fare_families::FareFamily;
use domain::pricing::{self, PassengerType, Quote, Tariff};
use domain::promotions::TripSlice;
use domain::sold::SoldFare;
use jiff::{SignedDuration, Timestamp};
use kernel::{BookingClass, Cabin, Category, FlightId, Money};
use platform::db::Tx;
use platform::http::Problem;

use super::{coupon, sold};
use crate::app::App;
use crate::check_in::api as check_in;
use crate::flights::api::{self as flights, Directory, FlightRow, LegOnSale};
use crate::search::api::{self as search, Offer, OfferError, OfferLeg, OfferSlice};

/// One direction of a trip with its price now.
pub(super) struct PricedSlice {
    pub(super) cabin: Cabin,
    pub(super) family: FareFamily,
    pub(super) legs: Vec<LegOnSale>,
    pub(super) quote: Quote,
}

/// The slices of an offer as they sell now: their flights read in the transaction, refused if one is sold out, if there is
/// no time any more to change planes, or if the fare family is gone.
pub(super) async fn slices(
    app: &App,
    tx: &Tx,
    offer: &Offer,
    now: Timestamp,
) -> Result<Vec<PricedSlice>, Problem> {
    let wanted: Vec<(FlightId, Cabin)> = offer.legs().map(|leg| (leg.flight, leg.class.cabin)).collect();
    let close = SignedDuration::from_mins(app.config.booking.sales_close_minutes);
    let legs = flights::legs_on_sale(tx, &wanted, offer.party.seats(), now, close).await?;
    let legs: Option<Vec<LegOnSale>> = legs.into_iter().collect();
    let legs = legs.ok_or_else(|| Problem::new(Category::Conflict, "sold_out").actions(&["search"]))?;
    check_gates(app, tx, &legs, now).await?;
    let directory = app.directory.load();
    let mut rest = legs.into_iter();
    let mut priced: Vec<PricedSlice> = Vec::with_capacity(offer.slices.len());
    for slice in &offer.slices {
        let legs: Vec<LegOnSale> = rest.by_ref().take(slice.legs.len()).collect();
        // An offer carries no times: a flight may have been retimed, or an exception filed, since it was made.
        let connects = legs.windows(2).all(|pair| directory.connects(&pair[0].flight, &pair[1].flight));
        let follows = priced.last().is_none_or(|before| follows(&before.legs, &legs));
        if !connects || !follows {
            return Err(Problem::new(Category::Conflict, "connection_changed").actions(&["search"]));
        }
        priced.push(price(app, &directory, offer, slice, legs)?);
    }
    Ok(priced)
}

/// Refuses flights whose gate or check-in is closed, as if they were sold out; of those that leave much later nothing is asked.
async fn check_gates(app: &App, tx: &Tx, legs: &[LegOnSale], now: Timestamp) -> Result<(), Problem> {
    let near = legs.iter().filter(|leg| may_be_closed(leg.flight.departs_at, now));
    let near: Vec<FlightRow> = near.map(|leg| leg.flight.clone()).collect();
    let ids: Vec<FlightId> = near.iter().map(|flight| flight.id).collect();
    if near.is_empty() {
        return Ok(());
    }
    let closed = !check_in::closed_of(tx, &ids).await?.is_empty();
    if !closed && !check_in::any_over(app, tx, &near, now).await? {
        return Ok(());
    }
    Err(Problem::new(Category::Conflict, "sold_out").actions(&["search"]))
}

/// Nobody sets out on a slice before the one before has ended.
fn follows(before: &[LegOnSale], after: &[LegOnSale]) -> bool {
    let ends = before.last().zip(after.first());
    ends.is_some_and(|(before, after)| before.flight.arrives_at <= after.flight.departs_at)
}

fn price(
    app: &App,
    directory: &Directory,
    offer: &Offer,
    slice: &OfferSlice,
    legs: Vec<LegOnSale>,
) -> Result<PricedSlice, Problem> {
    let (Some(first), Some(last)) = (legs.first(), legs.last()) else { return Err(Problem::not_found()) };
    // One flight is in the slice's cabin and none in a better one; whatever said otherwise is not what search shows.
    let flown = |cabin: Cabin| legs.iter().any(|leg| leg.cabin == cabin);
    if !flown(slice.cabin) || Cabin::ALL.into_iter().skip(slice.cabin.index() + 1).any(flown) {
        return Err(search::refuse(OfferError::Unknown));
    }
    let family = directory
        .families()
        .get(slice.cabin, &slice.family)
        .filter(|family| family.terms() == slice.terms)
        .cloned();
    let family = family.ok_or_else(|| search::refuse(OfferError::Expired))?;
    let market_ppm = directory.ratio_ppm(first.flight.origin, last.flight.destination, slice.cabin);
    let fares: Vec<u32> = legs.iter().map(|leg| leg.fare).collect();
    let tariff = Tariff::new(market_ppm, family.difference);
    let quote = pricing::price(&fares, tariff, offer.party, search::percents(app), first.currency);
    Ok(PricedSlice { cabin: slice.cabin, family, quote: quote.map_err(Problem::internal)?, legs })
}

/// What all slices cost together.
pub(super) fn total(slices: &[PricedSlice]) -> Result<Money, Problem> {
    let mut totals = slices.iter().map(|slice| slice.quote.total);
    let first = totals.next().ok_or_else(Problem::not_found)?;
    totals.try_fold(first, Money::checked_add).map_err(Problem::internal)
}

/// Refuses a price that is higher than the offer's: the answer carries an offer at the new price. A lower price is simply
/// charged.
pub(super) fn compare(app: &App, offer: &Offer, slices: &[PricedSlice]) -> Result<(), Problem> {
    let (old, new) = (offer.total().map_err(Problem::internal)?, total(slices)?);
    if new.currency == old.currency && new.amount <= old.amount {
        return Ok(());
    }
    let json = |money| serde_json::to_value(money).map_err(Problem::internal);
    let again = slices.iter().map(|slice| offered(slice, offer)).collect();
    Err(Problem::new(Category::Conflict, "price_changed")
        .arg("old", old.to_string())
        .arg("new", new.to_string())
        .with("offer_id", search::offer_again(app, offer, new.currency, again))
        .with("price", json(new)?)
        .with("old_price", json(old)?)
        .actions(&["book_new_offer", "search"]))
}

fn offered(slice: &PricedSlice, offer: &Offer) -> OfferSlice {
    let leg = |leg: &LegOnSale| {
        let class = BookingClass::new(leg.cabin, leg.class_rank)?;
        Some(OfferLeg { flight: leg.flight.id, class, fare: leg.fare })
    };
    let price = |kind: PassengerType| {
        if offer.party.count(kind) > 0 { slice.quote.of(kind).amount } else { 0 }
    };
    OfferSlice {
        cabin: slice.cabin,
        family: slice.family.code.clone(),
        terms: slice.family.terms(),
        prices: PassengerType::ALL.map(price),
        legs: slice.legs.iter().filter_map(leg).collect(),
    }
}

/// An offer as it would be booked now.
#[derive(Clone, Debug)]
pub struct PricedOffer {
    /// For the whole party, never more than the offer says.
    pub total: Money,
    /// Where it goes, as promotions see it.
    pub slices: Vec<TripSlice>,
    /// What each traveller would pay for each slice.
    pub fares: Vec<SoldFare>,
    /// The party, numbered as its fares are.
    pub travellers: Vec<(i16, PassengerType)>,
}

/// What an offer would cost if it were booked now; refused as the hold would be.
pub async fn price_offer(app: &App, tx: &Tx, offer_id: &str) -> Result<PricedOffer, Problem> {
    if !app.live.is_loaded() {
        return Err(Problem::new(Category::Unavailable, "search_not_ready").retry_after(2));
    }
    let now = app.now();
    let offer = app.offers.open(offer_id, now).map_err(search::refuse)?;
    let priced = slices(app, tx, &offer, now).await?;
    compare(app, &offer, &priced)?;
    let kinds = PassengerType::ALL
        .into_iter()
        .flat_map(|kind| std::iter::repeat_n(kind, usize::from(offer.party.count(kind))));
    let travellers: Vec<(i16, PassengerType)> = (1..).zip(kinds).collect();
    let fares = sold::rows(app, &priced, &travellers, (0, 0), now).fares;
    Ok(PricedOffer { total: total(&priced)?, slices: coupon::trip_slices(&priced), fares, travellers })
}

/// All flights of the slices in order.
pub(super) fn legs(slices: &[PricedSlice]) -> Vec<&LegOnSale> {
    slices.iter().flat_map(|slice| &slice.legs).collect()
}
