mod airports;
mod connection_times;
mod export;
mod feed;
mod import;
mod staff;
