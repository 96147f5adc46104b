//! Logs and metrics. A log line reads alone, has fields, and carries no personal data.

use std::time::Duration;

use metrics_exporter_prometheus::{Matcher, PrometheusBuilder, PrometheusHandle};
use tracing_subscriber::EnvFilter;

use crate::config::{Log, LogFormat};

/// Starts logging to standard error. The first call wins, so tests may all call it.
pub fn start_logging(config: &Log) -> anyhow::Result<()> {
    let filter = EnvFilter::try_new(&config.filter)?;
    let builder =
        tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false);
    let _ = match config.format {
        LogFormat::Text => builder.with_ansi(std::io::IsTerminal::is_terminal(&std::io::stderr())).try_init(),
        LogFormat::Json => builder.json().flatten_event(true).try_init(),
    };
    Ok(())
}

/// Starts collecting metrics, inside the runtime; the handle renders them in Prometheus' text format.
pub fn start_metrics() -> anyhow::Result<PrometheusHandle> {
    let seconds = [0.000_1, 0.000_5, 0.001, 0.005, 0.01, 0.05, 0.1, 0.5, 1.0, 5.0, 10.0];
    let builder =
        PrometheusBuilder::new().set_buckets_for_metric(Matcher::Suffix("_seconds".into()), &seconds)?;
    let handle = builder.install_recorder()?;
    let upkeep = handle.clone();
    // Samples of histograms are folded in here as well as by a scrape, so that memory is bounded when nobody scrapes.
    tokio::spawn(async move {
        loop {
            tokio::time::sleep(Duration::from_secs(5)).await;
            upkeep.run_upkeep();
        }
    });
    Ok(handle)
}
