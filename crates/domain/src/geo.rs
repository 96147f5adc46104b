//! Where an airport is, and how far it is to another.

/// A position on the globe, in degrees.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Position {
    /// North of the equator, -90 to 90.
    pub latitude: f64,
    /// East of Greenwich, -180 to 180.
    pub longitude: f64,
}

/// The mean radius of the Earth (IUGG R1) in statute miles.
const EARTH_RADIUS_MILES: f64 = 3_958.761_3;
/// The same in kilometres.
const EARTH_RADIUS_KM: f64 = 6_371.008_8;

impl Position {
    /// The great-circle distance in whole statute miles (haversine on a sphere, within 0.5 % of the ellipsoid).
    pub fn miles_to(self, other: Self) -> u32 {
        whole(EARTH_RADIUS_MILES * self.arc_to(other))
    }

    /// The same in whole kilometres.
    pub fn km_to(self, other: Self) -> u32 {
        whole(EARTH_RADIUS_KM * self.arc_to(other))
    }

    /// Whether the distance may be `km` or less, told by the latitudes alone: false is certain, and cheaper than
    /// [`Self::km_to`].
    pub fn may_be_within_km(self, other: Self, km: u32) -> bool {
        EARTH_RADIUS_KM * (self.latitude - other.latitude).abs().to_radians() <= f64::from(km) + 1.0
    }

    /// The angle between the two as seen from the centre of the Earth, 0 to π.
    fn arc_to(self, other: Self) -> f64 {
        let (lat_a, lat_b) = (self.latitude.to_radians(), other.latitude.to_radians());
        let half_lat = ((lat_b - lat_a) / 2.0).sin();
        let half_lon = ((other.longitude - self.longitude).to_radians() / 2.0).sin();
        let haversine = half_lat * half_lat + lat_a.cos() * lat_b.cos() * half_lon * half_lon;
        2.0 * haversine.sqrt().min(1.0).asin()
    }
}

#[expect(
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss,
    reason = "a distance on the globe is between 0 and 20,015 kilometres"
)]
fn whole(distance: f64) -> u32 {
    distance.round() as u32
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn distances_agree_with_the_timetable() {
        let (abe, atl) = (
            Position { latitude: 40.6521, longitude: -75.4408 },
            Position { latitude: 33.6367, longitude: -84.428_101 },
        );
        assert_eq!(abe.miles_to(atl), 692);
        assert_eq!((atl.miles_to(abe), atl.miles_to(atl)), (692, 0));
        let antipode = Position { latitude: -33.6367, longitude: 180.0 - 84.428_101 };
        assert_eq!((atl.miles_to(antipode), atl.km_to(antipode)), (12_437, 20_015));
        assert_eq!(abe.km_to(atl), 1_114);
        assert!(abe.may_be_within_km(atl, 1_114) && !abe.may_be_within_km(atl, 700));
    }
}
