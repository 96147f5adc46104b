mod docs;
mod order;
mod prune;
mod record;
mod relay;
