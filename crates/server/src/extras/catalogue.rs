//! The catalogue of extras: everybody may read it, staff edit it.

use axum::extract::State;
use axum::http::StatusCode;
use domain::extras::{Extra, ExtraKind, MOST_MAX, Per, Unit, is_code};
use domain::fare_families::RefundStep;
use domain::pricing::PassengerType;
use kernel::{Cabin, Category, Money};
use platform::db::Tx;
use platform::http::problem::Outcome;
use platform::http::{Json, Path, Problem};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::store::catalogue;
use super::view::{CatalogueView, RefundView};
use crate::app::App;
use crate::audit::api::{self as audit, Act, Actor};

/// The catalogue.
#[derive(Serialize, ToSchema)]
#[schema(example = json!({"extras": [{"code": "bag_23", "kind": "baggage", "name": "Checked bag up to 23 kg", "per": "slice",
    "unit": "piece", "kg": 23, "price": {"amount": 4000, "currency": "USD"}, "cabins": ["economy"],
    "passengers": ["adult", "child"], "most": 5, "stock": 120, "refund": [{"hours": 24, "percent": 100}],
    "closes_minutes": 120}]}))]
pub(super) struct Catalogue {
    extras: Vec<CatalogueView>,
}

/// Everything that is sold beside the seat, by code.
#[utoipa::path(get, path = "/extras", tag = "extras",
    responses((status = 200, description = "The catalogue", body = Catalogue)))]
pub(super) async fn list_extras(State(app): State<App>) -> Outcome<Json<Catalogue>> {
    let extras = catalogue::extras(&app.db.read().await?).await?;
    Ok(Json(Catalogue { extras: extras.iter().map(CatalogueView::from).collect() }))
}

/// An extra to file.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"kind": "baggage", "name": "Checked bag up to 23 kg", "per": "slice", "unit": "piece", "kg": 23,
    "price": {"amount": 4000, "currency": "USD"}, "cabins": ["economy"], "passengers": ["adult", "child"], "most": 5,
    "stock": 120, "refund": [{"hours": 24, "percent": 100}], "closes_minutes": 120}))]
pub(super) struct ExtraBody {
    /// baggage, meal, priority or other.
    #[schema(example = "baggage")]
    kind: String,
    /// What travellers call it, 1 to 60 characters.
    #[schema(example = "Checked bag up to 23 kg")]
    name: String,
    /// What one price is for: `flight`, or all flights of a `slice`.
    #[schema(example = "slice")]
    per: String,
    /// `one`, `piece` or `kg`.
    #[schema(example = "piece")]
    unit: String,
    /// What a piece may weigh, 1 to 50 kilograms; for pieces only.
    kg: Option<u8>,
    /// What one unit costs.
    price: Money,
    /// The cabins it is sold in.
    cabins: Vec<Cabin>,
    /// Who can have it: adult, child, infant.
    #[schema(value_type = Vec<String>)]
    passengers: Vec<PassengerType>,
    /// So many for a passenger on a flight or slice at most, 1 to 99.
    #[schema(example = 5)]
    most: u8,
    /// So many on a flight at most, up to 10,000; left out is any number. A smaller one than is sold closes the sale.
    stock: Option<u32>,
    /// What comes back when a traveller gives it back, the longest time before departure first; left out is nothing.
    #[serde(default)]
    refund: Vec<RefundView>,
    /// Its sale ends so many minutes before departure, and not later than check-in does.
    #[serde(default)]
    #[schema(example = 120)]
    closes_minutes: u32,
}

/// An extra to file under a new code.
#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
#[schema(example = json!({"code": "bag_23", "extra": {"kind": "baggage", "name": "Checked bag up to 23 kg", "per": "slice",
    "unit": "piece", "kg": 23, "price": {"amount": 4000, "currency": "USD"}, "cabins": ["economy"],
    "passengers": ["adult", "child"], "most": 5, "stock": 120, "refund": [{"hours": 24, "percent": 100}],
    "closes_minutes": 120}}))]
pub(super) struct NewExtra {
    /// What programs call it: a-z, 0-9 and _, up to 32.
    #[schema(example = "bag_23")]
    code: String,
    extra: ExtraBody,
}

/// File a new extra (admin). 409 `extra_exists` if the code is in use.
#[utoipa::path(post, path = "/extras", tag = "extras", request_body = NewExtra,
    responses((status = 201, description = "On sale", body = CatalogueView),
        (status = 409, description = "`extra_exists`")))]
pub(super) async fn create_extra(
    State(app): State<App>,
    actor: Actor,
    Json(request): Json<NewExtra>,
) -> Outcome<(StatusCode, Json<CatalogueView>)> {
    if !is_code(&request.code) {
        return Err(Problem::invalid("code", "it must be a-z, 0-9 and _, at most 32, such as bag_23"));
    }
    let extra = request.extra.read(request.code, "extra.")?;
    let tx = app.db.begin().await?;
    if !catalogue::put_extra(&tx, &extra, true).await? {
        return Err(Problem::new(Category::Conflict, "extra_exists").field("code"));
    }
    let view = CatalogueView::from(&extra);
    audit::record(&app, &tx, &actor, Act::new("extra.create", &extra.code).after(&view)).await?;
    tx.commit().await?;
    tracing::info!(extra = extra.code, "extra filed");
    Ok((StatusCode::CREATED, Json(view)))
}

/// Change an extra (admin): the body is all of it. What was sold keeps its price and terms.
#[utoipa::path(put, path = "/extras/{code}", tag = "extras", request_body = ExtraBody,
    params(("code" = String, Path, description = "The extra's code", example = "bag_23")),
    responses((status = 200, description = "The extra, changed", body = CatalogueView)))]
pub(super) async fn update_extra(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
    Json(request): Json<ExtraBody>,
) -> Outcome<Json<CatalogueView>> {
    let extra = request.read(code, "")?;
    let tx = app.db.begin().await?;
    let act = as_it_was("extra.update", &tx, &extra.code).await?;
    if !catalogue::put_extra(&tx, &extra, false).await? {
        return Err(Problem::not_found());
    }
    let view = CatalogueView::from(&extra);
    audit::record(&app, &tx, &actor, act.after(&view)).await?;
    tx.commit().await?;
    tracing::info!(extra = extra.code, "extra changed");
    Ok(Json(view))
}

/// Take an extra off sale (admin). What was sold stays sold.
#[utoipa::path(delete, path = "/extras/{code}", tag = "extras",
    params(("code" = String, Path, description = "The extra's code", example = "bag_23")),
    responses((status = 204, description = "It is not sold any more")))]
pub(super) async fn delete_extra(
    State(app): State<App>,
    actor: Actor,
    Path(code): Path<String>,
) -> Outcome<StatusCode> {
    let tx = app.db.begin().await?;
    let act = as_it_was("extra.delete", &tx, &code).await?;
    if !catalogue::delete_extra(&tx, &code).await? {
        return Err(Problem::not_found());
    }
    audit::record(&app, &tx, &actor, act).await?;
    tx.commit().await?;
    tracing::info!(extra = code, "extra taken off sale");
    Ok(StatusCode::NO_CONTENT)
}

/// An act on an extra, with the extra as it is before it.
async fn as_it_was(action: &'static str, tx: &Tx, code: &str) -> Result<Act, Problem> {
    let act = Act::new(action, &code);
    let extras = catalogue::extras(tx).await?;
    let filed = extras.iter().find(|extra| extra.code == code).map(CatalogueView::from);
    Ok(match filed {
        Some(filed) => act.before(&filed),
        None => act,
    })
}

impl ExtraBody {
    /// The extra, or the first field that cannot be.
    fn read(self, code: String, within: &str) -> Result<Extra, Problem> {
        let wrong = |field: &str, right: &str| Problem::invalid(&format!("{within}{field}"), right);
        let kind = ExtraKind::from_word(&self.kind).filter(|kind| *kind != ExtraKind::Seat);
        let kind = kind.ok_or_else(|| wrong("kind", "it must be baggage, meal, priority or other"))?;
        let per = Per::from_word(&self.per).ok_or_else(|| wrong("per", "it must be flight or slice"))?;
        let unit = "it must be one or kg without kg, or piece with kg from 1 to 50";
        let unit = Unit::from_word(&self.unit, self.kg).ok_or_else(|| wrong("unit", unit))?;
        if !(1..=60).contains(&self.name.trim().chars().count()) {
            return Err(wrong("name", "it must have 1 to 60 characters"));
        }
        if !(0..=10_000_000).contains(&self.price.amount) {
            return Err(wrong("price", "it must be 0 to 10,000,000 minor units"));
        }
        let once = |count: usize, distinct: usize| count > 0 && count == distinct;
        let cabins: std::collections::BTreeSet<usize> =
            self.cabins.iter().map(|cabin| cabin.index()).collect();
        if !once(self.cabins.len(), cabins.len()) {
            return Err(wrong("cabins", "there must be at least one, each once"));
        }
        let types: std::collections::BTreeSet<PassengerType> = self.passengers.iter().copied().collect();
        if !once(self.passengers.len(), types.len()) {
            return Err(wrong("passengers", "there must be at least one type, each once"));
        }
        if !(1..=MOST_MAX).contains(&u32::from(self.most)) {
            return Err(wrong("most", "it must be 1 to 99"));
        }
        if self.stock.is_some_and(|stock| stock > 10_000) {
            return Err(wrong("stock", "it must be 10,000 at most"));
        }
        if self.closes_minutes > 14 * 24 * 60 {
            return Err(wrong("closes_minutes", "it must be two weeks at most, 20,160"));
        }
        let falls = |pair: &[RefundView]| pair[0].hours > pair[1].hours && pair[0].percent >= pair[1].percent;
        let known = |step: &RefundView| step.percent <= 100 && step.hours <= 366 * 24;
        if !self.refund.windows(2).all(falls) || !self.refund.iter().all(known) {
            return Err(wrong("refund", "the longest time first, percent from 0 to 100 and never growing"));
        }
        Ok(Extra {
            code,
            kind,
            name: self.name.trim().to_owned(),
            per,
            unit,
            price: self.price,
            cabins: self.cabins,
            passengers: self.passengers,
            most: self.most,
            stock: self.stock,
            refund: self
                .refund
                .iter()
                .map(|step| RefundStep { hours: step.hours, percent: step.percent })
                .collect(),
            closes_minutes: self.closes_minutes,
        })
    }
}
