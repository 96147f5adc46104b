//! Serving and working: sockets, jobs, and an orderly end.

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use axum::Router;
use axum::routing::get;
use platform::clock::SystemClock;
use platform::config::Config;
use platform::http::listener;
use platform::http::site::Site;
use platform::jobs;
use platform::random::Random;
use platform::telemetry;
use server::App;
use tokio::net::TcpListener;
use tokio_util::sync::CancellationToken;
use tokio_util::task::TaskTracker;

use crate::{cli, keys};

/// What this process does.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Roles {
    /// Answers requests.
    pub(crate) serve: bool,
    /// Runs the jobs.
    pub(crate) work: bool,
}

/// Runs until it is told to stop.
pub(crate) async fn run(config: Config, roles: Roles) -> anyhow::Result<()> {
    let metrics = telemetry::start_metrics()?;
    let keys = keys::load(&config)?;
    let app = App::new(config, keys, Arc::new(SystemClock))?;
    refuse_old_schema(&app).await?;

    let stop = stop_on_signal();
    let tracker = TaskTracker::new();
    let operations = bind(&app.config.http.operations_listen, "http.operations_listen").await?;
    let render = get(move || std::future::ready(metrics.render()));
    tracker.spawn(serve_until(operations, Router::new().route("/metrics", render), stop.clone()));

    jobs::start(jobs_of(&app, roles), &tracker, &stop);
    if roles.serve {
        let listener = bind(&app.config.http.listen, "http.listen").await?;
        tracing::info!(address = %listener.local_addr()?, "listening");
        let (router, http) =
            (server::router::with_web_app(&app, Site::new(webapp::FILES)), app.config.http.clone());
        let until = stop.clone();
        tracker.spawn(async move { listener::serve(listener, router, &http, until).await });
        let (sockets, until) = (Arc::clone(&app.sockets), stop.clone());
        tracker.spawn(async move {
            until.cancelled().await;
            sockets.stop().await;
        });
        // The port is open while the timetable loads: /readyz says when search answers.
        let loading = server::search::api::load(&app);
        tokio::select! {
            loaded = loading => { loaded.context("loading the timetable")?; }
            () = stop.cancelled() => {}
        }
    }
    stop.cancelled().await;
    tracker.close();
    let drain = Duration::from_secs(app.config.http.drain_seconds);
    if tokio::time::timeout(drain, tracker.wait()).await.is_err() {
        tracing::warn!(seconds = drain.as_secs(), "stopped with requests still under way");
    }
    tracing::info!("stopped");
    Ok(())
}

fn jobs_of(app: &App, roles: Roles) -> Vec<jobs::Job> {
    let mut jobs = Vec::new();
    if roles.serve {
        jobs.push(server::search::api::follow_job(app));
        jobs.extend(server::search::api::check_job(app));
        jobs.push(server::app::housekeeping_job(app));
        jobs.push(server::identity::api::follow_job(app));
        jobs.push(server::reviews::api::follow_job(app));
        jobs.push(server::realtime::api::follow_job(app));
    }
    if roles.work {
        jobs.extend(server::search::api::sequence_jobs(app));
        jobs.extend(server::booking::api::jobs(app));
        jobs.extend(server::payments::api::jobs(app));
        jobs.extend(server::integrity::api::job(app));
        jobs.extend(server::identity::api::jobs(app));
        jobs.extend(server::events::api::jobs(app));
        jobs.extend(server::webhooks::api::jobs(app));
        jobs.extend(server::audit::api::jobs(app));
        jobs.extend(server::mail::api::jobs(app));
        jobs.extend(server::check_in::api::jobs(app));
        jobs.extend(server::boarding::api::jobs(app));
        jobs.extend(server::records::api::jobs(app));
        jobs.extend(server::notify::api::jobs(app));
        jobs.extend(server::support::api::jobs(app));
        jobs.extend(server::realtime::api::jobs(app));
        jobs.extend(server::tracking::api::jobs(app));
        jobs.extend(server::push::api::jobs(app));
    }
    jobs
}

async fn refuse_old_schema(app: &App) -> anyhow::Result<()> {
    let pending = platform::db::pending_migrations(&app.db, server::migrations::MIGRATIONS)
        .await
        .context("database")?;
    anyhow::ensure!(pending.is_empty(), "the schema lacks {}; run `udaan migrate` first", pending.join(", "));
    Ok(())
}

async fn bind(address: &str, setting: &str) -> anyhow::Result<TcpListener> {
    TcpListener::bind(address).await.with_context(|| format!("{setting} = {address:?} cannot be listened on"))
}

async fn serve_until(listener: TcpListener, router: Router, stop: CancellationToken) {
    let service = router.into_make_service_with_connect_info::<SocketAddr>();
    if let Err(error) = axum::serve(listener, service).with_graceful_shutdown(stop.cancelled_owned()).await {
        tracing::error!(%error, "a server ended");
    }
}

/// A token that is cancelled by Ctrl-C or SIGTERM.
fn stop_on_signal() -> CancellationToken {
    let stop = CancellationToken::new();
    let told = stop.clone();
    tokio::spawn(async move {
        wait_for_signal().await;
        tracing::info!("stopping");
        told.cancel();
    });
    stop
}

#[cfg(unix)]
async fn wait_for_signal() {
    use tokio::signal::unix::{SignalKind, signal};
    match signal(SignalKind::terminate()) {
        Ok(mut terminate) => tokio::select! {
            _ = terminate.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        },
        Err(_) => {
            let _ = tokio::signal::ctrl_c().await;
        }
    }
}

#[cfg(not(unix))]
async fn wait_for_signal() {
    let _ = tokio::signal::ctrl_c().await;
}

/// Runs the test gateway until it is told to stop.
pub(crate) async fn gateway(config: &Config, told: cli::Gateway) -> anyhow::Result<()> {
    let listener = bind(&told.listen, "--listen").await?;
    let address = listener.local_addr()?;
    let webhook =
        told.webhook.map(|url| anyhow::Ok(gateway::Webhook::of_everything(&url, &webhook_secret(config)?)));
    let (site, seed) = (format!("http://{address}"), u64::from_be_bytes(Random.bytes()));
    let gateway = gateway::Config {
        publishable_key: config.gateway.publishable_key.clone(),
        minimum_amounts: config.gateway.minimum_amounts.clone(),
        hang: Duration::from_secs(told.hang_seconds),
        settle_after: Duration::from_secs(told.settle_seconds),
        webhooks: webhook.transpose()?.into_iter().collect(),
        hostility: told.hostile,
        ..gateway::Config::new(&config.gateway.secret_key, &site, seed, Arc::new(SystemClock))
    };
    let stop = stop_on_signal();
    tracing::info!(%address, hostility = ?gateway.hostility, "test gateway listening; nothing it does is real");
    Ok(gateway::serve(listener, gateway, stop.cancelled_owned()).await?)
}

fn webhook_secret(config: &Config) -> anyhow::Result<String> {
    let secret = config.gateway.webhook_secrets.first().cloned();
    secret.context("--webhook needs gateway.webhook_secrets: what its webhooks are signed with")
}
