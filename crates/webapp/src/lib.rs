//! The built web app as bytes in the binary. It is empty where `web/dist` was when this was built; then the server says so at `/`.

use platform::http::site::File;

/// Every file of the web app, by its address.
pub const FILES: &[File] = include!(concat!(env!("OUT_DIR"), "/files.rs"));
