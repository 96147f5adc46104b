mod airports;
mod feed;
mod import;
mod staff;
