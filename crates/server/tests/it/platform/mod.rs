mod backup;
mod cancelled;
mod lease;
mod locks;
mod migrations;
mod nul;
mod tls;
