//! Files that are imported: each is read, or refused with the place of what is wrong. The first byte says which kind.

#![no_main]

use domain::input::BadInput;
use domain::{airports, check_in, connection_times, extras, fare_families, fares, places, promotions, refund_rules, seat_maps, taxes, timetable};
use libfuzzer_sys::fuzz_target;

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    let name = "file.csv";
    let read: Result<usize, BadInput> = match kind % 12 {
        0 => airports::parse(name, bytes, &|zone| zone.contains('/')).map(|rows| rows.len()),
        1 => connection_times::parse(name, bytes, &|_| true).map(|rows| rows.len()),
        2 => extras::parse(name, bytes).map(|rows| rows.len()),
        3 => fare_families::parse(name, bytes).map(|rows| rows.len()),
        4 => fares::market::parse(name, bytes).map(|rows| rows.len()),
        5 => places::cities::parse(name, bytes).map(|rows| rows.len()),
        6 => promotions::parse(name, bytes).map(|rows| rows.len()),
        7 => refund_rules::parse(name, bytes).map(|rows| rows.len()),
        8 => seat_maps::parse(name, bytes).map(|rows| rows.len()),
        9 => taxes::parse(name, bytes).map(|rows| rows.len()),
        10 => timetable::parse(name, bytes, &|_| true).map(|rows| rows.len()),
        _ => check_in::parse(name, bytes, &|_| true).map(|rows| rows.len()),
    };
    if let Err(error) = read {
        assert!(error.to_string().starts_with(name), "{error}: no word of the file");
    }
});
