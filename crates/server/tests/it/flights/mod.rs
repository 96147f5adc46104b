mod airports;
mod export;
mod feed;
mod import;
mod staff;
