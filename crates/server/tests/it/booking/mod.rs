mod expiry;
mod hold;
mod race;
