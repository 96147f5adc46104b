mod docs;
mod record;
mod relay;
