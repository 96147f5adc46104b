mod cancel;
mod expiry;
mod hold;
mod race;
