//! Promotion codes: filed by staff, checked and listed for travellers, reserved with a hold, redeemed with its payment.
//!
//! Owns `promotions`, `promotion_counters`, `promotion_redemptions`, `booking_promotions`, `promotion_audience` and
//! `promotion_first_bookings`.
//! Invariants: no more uses of a code are taken than its limit allows (one row, a conditional UPDATE, under a CHECK), and no
//! more of one traveller than theirs (unique slots); codes for a first booking are on one booking of a traveller (one row); a use is reserved in the transaction that lowers the price, and given
//! back in the one that ends the hold or takes the code off; what codes took off a booking is what its fares say.

mod admin;
pub mod api;
mod audience;
mod body;
mod check;
pub mod import;
mod mine;
mod redeem;
mod store;
mod view;

use axum::Extension;
use platform::limits::LimitClass;
use utoipa_axum::router::UtoipaMethodRouterExt;
use utoipa_axum::routes;

use crate::access::{Access, Area, Permission, Routes};

pub(crate) fn routes() -> Routes {
    let mine = Access::SignedIn(Area::Bookings);
    let (see, file) = (Access::Staff(Permission::PromotionsRead), Access::Staff(Permission::PromotionsWrite));
    Routes::new()
        .add(mine, LimitClass::Codes, routes!(check::check_coupon))
        .add(mine, LimitClass::Other, routes!(mine::list_my_coupons))
        .add(see, LimitClass::Other, routes!(admin::list_promotions))
        .add(file, LimitClass::Other, routes!(admin::create_promotion))
        .add(see, LimitClass::Other, routes!(admin::get_promotion))
        .add(file, LimitClass::Other, routes!(admin::update_promotion, admin::end_promotion))
        .add(
            file,
            LimitClass::Other,
            routes!(audience::set_promotion_audience).layer(Extension(audience::LIMITS)),
        )
}
