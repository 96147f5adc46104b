//! The one binary of the airline. Every command reads the same configuration; only this crate reads the environment.

mod audit;
mod bootstrap;
mod cli;
mod config;
mod demo;
mod doctor;
mod events;
mod export;
mod gate;
mod import;
mod integrity;
mod keys;
mod serve;

use std::io::{ErrorKind, Write};
use std::process::ExitCode;

use clap::Parser;
use mimalloc::MiMalloc;

use cli::{Audit, Cli, Command, Events, Export, Gate, Import};

/// A refused request costs less with it than with glibc's: docs/reliability.md, "Overload", has the figures.
#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    let cli = Cli::parse();
    let runtime = match tokio::runtime::Builder::new_multi_thread().enable_all().build() {
        Ok(runtime) => runtime,
        Err(error) => {
            eprintln!("udaan: the runtime does not start: {error}");
            return ExitCode::FAILURE;
        }
    };
    match runtime.block_on(run(cli)) {
        Ok(code) => code,
        Err(error) => {
            eprintln!("udaan: {error:#}");
            ExitCode::FAILURE
        }
    }
}

/// The OpenAPI document; whoever reads it may stop where they like.
fn print_document() -> anyhow::Result<()> {
    let document = server::router::document().to_pretty_json()?;
    match writeln!(std::io::stdout().lock(), "{document}") {
        Err(error) if error.kind() == ErrorKind::BrokenPipe => Ok(()),
        written => Ok(written?),
    }
}

async fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    if let Command::Openapi = cli.command {
        return print_document().map(|()| ExitCode::SUCCESS);
    }
    if let Command::Keys { file } = &cli.command {
        return keys::create(file).map(|()| ExitCode::SUCCESS);
    }
    if let Command::Gate(Gate::Verify { keys, texts }) = &cli.command {
        return gate::run(keys, texts).map(|()| ExitCode::SUCCESS);
    }
    if let Command::ServingRole { name } = &cli.command {
        print!("{}", platform::db::serving_role(name)?);
        return Ok(ExitCode::SUCCESS);
    }
    let config = config::load(cli.config.as_deref())?;
    platform::telemetry::start_logging(&config.log)?;
    match cli.command {
        Command::Serve => serve::run(config, serve::Roles { serve: true, work: false }).await?,
        Command::Work => serve::run(config, serve::Roles { serve: false, work: true }).await?,
        Command::All => serve::run(config, serve::Roles { serve: true, work: true }).await?,
        Command::Gateway(told) => serve::gateway(&config, told).await?,
        Command::Migrate => migrate(&config).await?,
        Command::Import(Import::Airports { file }) => import::airports(&config, &file).await?,
        Command::Import(Import::Timetable { file, from, days, fares }) => {
            import::timetable(&config, &file, from, days, fares.as_deref()).await?;
        }
        Command::Import(Import::ConnectionTimes { file }) => import::connection_times(&config, &file).await?,
        Command::Import(Import::FareFamilies { file }) => import::fare_families(&config, &file).await?,
        Command::Import(Import::Taxes { file }) => import::taxes(&config, &file).await?,
        Command::Import(Import::RefundRules { file }) => import::refund_rules(&config, &file).await?,
        Command::Import(Import::SeatMaps { file }) => import::seat_maps(&config, &file).await?,
        Command::Import(Import::CheckInPolicies { file }) => {
            import::check_in_policies(&config, &file).await?;
        }
        Command::Import(Import::Extras { file }) => import::extras(&config, &file, false).await?,
        Command::Import(Import::Promotions { file }) => import::promotions(&config, &file).await?,
        Command::Import(Import::Demo { data, days }) => demo::import(&config, &data, days).await?,
        Command::Export(Export::Gtfs { file, from, days }) => {
            export::gtfs(&config, &file, from, days).await?;
        }
        Command::Events(Events::Tail { since, types, subject, lines, follow, json }) => {
            events::tail(&config, events::Tail { since, types, subject, lines, follow, json }).await?;
        }
        Command::BootstrapAdmin { email } => bootstrap::run(&config, &email).await?,
        Command::Doctor => return doctor::run(&config).await,
        Command::Integrity => return integrity::run(&config).await,
        Command::Audit(Audit::Verify { expect }) => return audit::run(&config, expect.as_ref()).await,
        Command::Openapi | Command::Keys { .. } | Command::Gate(_) | Command::ServingRole { .. } => {}
    }
    Ok(ExitCode::SUCCESS)
}

async fn migrate(config: &platform::config::Config) -> anyhow::Result<()> {
    let db = platform::db::Db::new(&config.database)?;
    let report = platform::db::migrate(&db, server::migrations::MIGRATIONS).await?;
    for name in &report.applied {
        println!("applied {name}");
    }
    println!("schema is current: {} applied now, {} before", report.applied.len(), report.already);
    Ok(())
}
