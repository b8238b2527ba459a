//! Counters, as text for Prometheus, served on a port of their own.
//!
//! Labels are the method, the matched pattern and the status: never an address, which may name a case.

use std::collections::BTreeMap;
use std::fmt::Write;
use std::sync::{Mutex, PoisonError};

/// Upper bounds of the duration buckets, in microseconds.
const BUCKETS: [u64; 9] = [
    500, 1_000, 2_500, 5_000, 10_000, 50_000, 250_000, 1_000_000, 5_000_000,
];

#[derive(Debug, Default, Clone)]
struct Series {
    count: u64,
    micros: u64,
    buckets: [u64; BUCKETS.len()],
}

/// What has been answered so far.
#[derive(Debug, Default)]
pub struct Metrics {
    requests: Mutex<BTreeMap<(String, String, u16), Series>>,
}

impl Metrics {
    /// Counts one answer.
    pub fn record(&self, method: &str, pattern: &str, status: u16, micros: u64) {
        // A method is what the caller writes: unknown ones share a label, or anybody could grow the table.
        let method = match method {
            "GET" | "HEAD" | "POST" | "PUT" | "PATCH" | "DELETE" | "OPTIONS" => method,
            _ => "OTHER",
        };
        let mut requests = self.requests.lock().unwrap_or_else(PoisonError::into_inner);
        let series = requests
            .entry((method.to_owned(), pattern.to_owned(), status))
            .or_default();
        series.count = series.count.saturating_add(1);
        series.micros = series.micros.saturating_add(micros);
        for (bucket, bound) in series.buckets.iter_mut().zip(BUCKETS) {
            if micros <= bound {
                *bucket = bucket.saturating_add(1);
            }
        }
    }

    /// All of it in Prometheus' text format.
    pub fn render(&self) -> String {
        let requests = self
            .requests
            .lock()
            .unwrap_or_else(PoisonError::into_inner)
            .clone();
        let mut text = String::from(
            "# HELP permanence_requests_seconds How long requests took.\n# TYPE permanence_requests_seconds histogram\n",
        );
        for ((method, pattern, status), series) in requests {
            let labels = format!("method=\"{method}\",pattern=\"{pattern}\",status=\"{status}\"");
            // Writing to a string cannot fail.
            for (count, bound) in series.buckets.iter().zip(BUCKETS) {
                let _ = writeln!(
                    text,
                    "permanence_requests_seconds_bucket{{{labels},le=\"{}\"}} {count}",
                    seconds(bound)
                );
            }
            let _ = writeln!(
                text,
                "permanence_requests_seconds_bucket{{{labels},le=\"+Inf\"}} {}",
                series.count
            );
            let _ = writeln!(
                text,
                "permanence_requests_seconds_sum{{{labels}}} {}",
                seconds(series.micros)
            );
            let _ = writeln!(
                text,
                "permanence_requests_seconds_count{{{labels}}} {}",
                series.count
            );
        }
        text
    }
}

fn seconds(micros: u64) -> String {
    format!("{}.{:06}", micros / 1_000_000, micros % 1_000_000)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn answers_are_counted_by_pattern() {
        let metrics = Metrics::default();
        metrics.record("GET", "/v1/councils/{council}", 200, 700);
        metrics.record("BREW", "/v1/councils/{council}", 405, 1);
        let text = metrics.render();
        assert!(text.contains("le=\"0.000500\"} 0"));
        assert!(text.contains("le=\"0.001000\"} 1"));
        assert!(text.contains("method=\"OTHER\""));
    }
}
