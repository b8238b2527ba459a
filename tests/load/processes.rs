//! What processes use, as /proc has it.

use std::fs;
use std::time::Duration;

/// Processor time that a process has used, its own and the kernel's for it.
pub fn time_of(process: u32) -> Duration {
    stat(&process.to_string()).map_or(Duration::ZERO, |(_, ticks)| ticks)
}

/// Processor time that all processes of PostgreSQL have used so far, those that have ended included.
pub fn time_of_postgres() -> Duration {
    let Ok(entries) = fs::read_dir("/proc") else {
        return Duration::ZERO;
    };
    entries
        .filter_map(|entry| entry.ok()?.file_name().into_string().ok())
        .filter_map(|name| stat(&name))
        .filter(|(name, _)| name.starts_with("postgres"))
        .map(|(_, ticks)| ticks)
        .sum()
}

/// Memory that a process holds, and the most that it has held, in MiB.
pub fn memory_of(process: u32) -> (f64, f64) {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let of = |name: &str| {
        let line = status.lines().find(|line| line.starts_with(name));
        let kib = line
            .and_then(|line| line.split_whitespace().nth(1))
            .and_then(|kib| kib.parse::<f64>().ok());
        kib.unwrap_or(0.0) / 1024.0
    };
    (of("VmRSS:"), of("VmHWM:"))
}

fn stat(process: &str) -> Option<(String, Duration)> {
    if !process.bytes().all(|digit| digit.is_ascii_digit()) {
        return None;
    }
    let text = fs::read_to_string(format!("/proc/{process}/stat")).ok()?;
    let (before, after) = text.rsplit_once(')')?;
    let name = before.split_once('(')?.1.to_owned();
    let fields: Vec<&str> = after.split_whitespace().collect();
    let ticks: u64 = [11, 12]
        .into_iter()
        .filter_map(|at| fields.get(at)?.parse::<u64>().ok())
        .sum();
    // Linux counts in hundredths of a second wherever it shows times to programs.
    Some((name, Duration::from_millis(ticks * 10)))
}
