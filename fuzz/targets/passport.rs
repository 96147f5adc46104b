//! The two lines at the foot of a passport's page, as a traveller types them or a camera reads them.

#![no_main]

use domain::travel_document::Passport;
use jiff::civil::date;
use libfuzzer_sys::fuzz_target;

fuzz_target!(|lines: &str| {
    let (first, second) = lines.split_once('\n').unwrap_or((lines, ""));
    let today = date(2026, 6, 1);
    if let Ok(passport) = Passport::from_lines(first, second, today) {
        assert!(passport.is_sound(), "{passport:?}");
        assert!(passport.born_on <= today, "nobody was born tomorrow: {passport:?}");
        let _fit = passport.check(passport.born_on, today, 6);
    }
});
