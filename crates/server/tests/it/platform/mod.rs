mod backup;
mod cancelled;
mod locks;
mod migrations;
mod nul;
