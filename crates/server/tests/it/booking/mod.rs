pub(crate) mod cancel;
mod carried;
pub(crate) mod change;
mod expiry;
mod hold;
mod pauses;
mod race;
mod receipt;
mod told;
