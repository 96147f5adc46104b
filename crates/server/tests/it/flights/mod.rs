mod feed;
mod import;
mod staff;
