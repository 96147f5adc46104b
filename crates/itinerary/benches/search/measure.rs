//! CPU time, memory, and a table of them.

use rustix::time::{ClockId, clock_gettime};

/// CPU time of this thread, microseconds.
pub(crate) fn cpu() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e6 + time.tv_nsec as f64 / 1e3
}

/// Resident memory of this process, bytes.
pub(crate) fn resident() -> u64 {
    let pages = std::fs::read_to_string("/proc/self/statm").ok();
    let pages = pages.and_then(|text| text.split_whitespace().nth(1)?.parse::<u64>().ok());
    pages.expect("Linux") * rustix::param::page_size() as u64
}

/// Questions with the quantiles of their times.
#[derive(Default)]
pub(crate) struct Table(Vec<String>);

impl Table {
    pub(crate) fn add(&mut self, question: &str, times: &[f64]) {
        let mut sorted = times.to_vec();
        sorted.sort_unstable_by(f64::total_cmp);
        let quantile = |q: f64| sorted[((sorted.len() - 1) as f64 * q) as usize];
        let mean = times.iter().sum::<f64>() / times.len() as f64;
        let row = format!(
            "| {question} | {:.2} | {:.1} | {:.1} | {:.1} | {mean:.1} |",
            quantile(0.5),
            quantile(0.9),
            quantile(0.99),
            sorted[sorted.len() - 1]
        );
        println!("{row}");
        self.0.push(row);
    }

    pub(crate) fn print(&self) {
        println!("\n| question | p50 µs | p90 µs | p99 µs | max µs | mean µs |\n|---|---|---|---|---|---|");
        for row in &self.0 {
            println!("{row}");
        }
    }
}
