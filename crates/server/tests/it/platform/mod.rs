mod backup;
mod cancelled;
mod migrations;
