//! What somebody attaches as a picture: made anew within its limits and readable again, or no picture. The first byte says which kind.

#![no_main]

use libfuzzer_sys::fuzz_target;
use server::support::api::read_picture;

const KINDS: [&str; 4] = ["image/jpeg", "image/webp", "image/png", "image/gif"];
const MOST: usize = 500_000;

fuzz_target!(|data: &[u8]| {
    let Some((kind, bytes)) = data.split_first() else { return };
    let Some((kept, media_type)) = read_picture(KINDS[usize::from(*kind) % KINDS.len()], bytes, MOST) else { return };
    assert!(kept.len() <= MOST, "{} bytes", kept.len());
    // Once more, with room for a picture that becomes a little larger each time it is written.
    assert!(read_picture(media_type, &kept, 4 * MOST).is_some(), "what is kept cannot be read");
});
