mod docs;
mod order;
mod record;
mod relay;
