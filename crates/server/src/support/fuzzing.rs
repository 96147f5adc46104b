//! The door of the fuzz target `picture`: what somebody attaches. Nothing but the target and a test goes through it.

use super::pictures::made_anew;

/// Makes a picture anew as one of the kinds there are, in at most so many bytes. Returns what is kept, if it is a picture.
pub fn read_picture(media_type: &str, bytes: &[u8], most: usize) -> Option<(Vec<u8>, &'static str)> {
    made_anew(media_type, bytes, most).map(|picture| (picture.bytes, picture.media_type))
}
