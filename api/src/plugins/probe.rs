//! Going through a library's first steps in a child process, where a crash harms nobody.
//!
//! The child receives the open library as its standard input, so that it maps the very file that was hashed.
//! It goes through the same steps as the server will, and writes what it found as one marked line.

use std::io::{BufRead as _, BufReader, Read};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::unix::process::{CommandExt as _, ExitStatusExt as _};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::io::Errno;
use rustix::process::{Pid, Signal, WaitId, WaitIdOptions, kill_process_group, waitid};
use serde::{Deserialize, Serialize};

use super::library::Library;
use super::load::{Inspected, inspect};
use super::problem::{LoadCode, LoadProblem};

/// What the marked line begins with; a library may print to the same stream.
const MARK: &str = "permanence-probe-report: ";

/// The most that is read from a child's stream.
const STREAM_LIMIT: u64 = 1024 * 1024;

/// What a child found.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    problems: Vec<LoadProblem>,
}

/// Probes a library in a child process.
///
/// # Errors
/// What the child found, or how the child ended.
pub fn run(
    program: &Path,
    library: &OwnedFd,
    name: &str,
    limit: Duration,
) -> Result<(), Vec<LoadProblem>> {
    let mut child = start(program, library, name).map_err(|error| {
        unavailable(format!("the probing process could not be started: {error}"))
    })?;
    let output = child.stdout.take().map(|stream| drain(stream, MARK));
    let complaint = child.stderr.take().map(|stream| drain(stream, ""));
    let in_time = has_ended_within(&child, limit);
    let status = end(&mut child).map_err(|error| {
        unavailable(format!("the probing process could not be watched: {error}"))
    })?;
    if !in_time {
        let seconds = limit.as_secs_f32();
        return Err(LoadProblem::new(
            LoadCode::TimedOut,
            format!(
                "it did not finish loading within {seconds} seconds; something in it waits or loops"
            ),
        )
        .into());
    }
    let report = output
        .and_then(last_line)
        .and_then(|line| serde_json::from_str::<Report>(&line).ok());
    match report {
        Some(report) if status.success() && report.problems.is_empty() => Ok(()),
        Some(report) if status.success() => Err(report.problems),
        _ => Err(crashed(status, complaint.and_then(last_line)).into()),
    }
}

/// The child's side: goes through the steps and writes the report.
#[expect(
    clippy::print_stdout,
    reason = "the report goes to the process that started this one"
)]
pub fn answer(library: OwnedFd, name: &str) {
    let problems = match Library::map(library, name)
        .map_err(Vec::from)
        .and_then(inspect)
    {
        Ok(Inspected { instance, .. }) => {
            drop(instance);
            Vec::new()
        }
        Err(problems) => problems,
    };
    match serde_json::to_string(&Report { problems }) {
        // The line break in front ends whatever the library printed without one.
        Ok(report) => println!("\n{MARK}{report}"),
        Err(error) => tracing::error!(%error, "the report could not be written"),
    }
}

fn start(program: &Path, library: &OwnedFd, name: &str) -> std::io::Result<Child> {
    Command::new(program)
        .args(["plugin", "probe", "--name", name])
        // Nothing of this process's environment can lead the dynamic linker elsewhere.
        .env_clear()
        .current_dir("/")
        .stdin(Stdio::from(library.as_fd().try_clone_to_owned()?))
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .process_group(0)
        .spawn()
}

/// Whether the child ends before the limit. It is not reaped yet, so that its number still names its group.
fn has_ended_within(child: &Child, limit: Duration) -> bool {
    let Some(number) = number_of(child) else {
        return false;
    };
    let deadline = Instant::now() + limit;
    let mut pause = Duration::from_micros(500);
    let look = WaitIdOptions::EXITED | WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG;
    loop {
        match waitid(WaitId::Pid(number), look) {
            Ok(None) | Err(Errno::INTR) => {}
            Ok(Some(_)) => return true,
            Err(_) => return false,
        }
        if Instant::now() >= deadline {
            return false;
        }
        std::thread::sleep(pause);
        pause = (pause * 2).min(Duration::from_millis(10));
    }
}

/// Ends the child and whatever a library started in it, which would keep the streams open.
fn end(child: &mut Child) -> std::io::Result<ExitStatus> {
    if let Some(group) = number_of(child) {
        let _ = kill_process_group(group, Signal::KILL);
    }
    child.wait()
}

fn number_of(child: &Child) -> Option<Pid> {
    i32::try_from(child.id()).ok().and_then(Pid::from_raw)
}

/// Reads a stream to its end on a thread of its own; the last line that begins with the mark is what counts.
fn drain(stream: impl Read + Send + 'static, mark: &'static str) -> JoinHandle<Option<String>> {
    std::thread::spawn(move || {
        let mut last = None;
        for line in BufReader::new(stream.take(STREAM_LIMIT))
            .split(b'\n')
            .map_while(Result::ok)
        {
            let line = String::from_utf8_lossy(&line).into_owned();
            if let Some(rest) = line
                .strip_prefix(mark)
                .filter(|rest| !rest.trim().is_empty())
            {
                last = Some(rest.to_owned());
            }
        }
        last
    })
}

fn last_line(reader: JoinHandle<Option<String>>) -> Option<String> {
    reader.join().ok().flatten()
}

fn crashed(status: ExitStatus, complaint: Option<String>) -> LoadProblem {
    let how = match (status.signal(), status.code()) {
        (Some(signal), _) => format!("it crashed while loading ({})", signal_name(signal)),
        (None, Some(code)) => {
            format!("it ended the process while loading, with exit status {code}")
        }
        (None, None) => "it ended the process while loading".to_owned(),
    };
    let said = complaint.map(|line| {
        format!(
            "; the last it said: {}",
            line.chars().take(200).collect::<String>()
        )
    });
    LoadProblem::new(LoadCode::Crashed, how + &said.unwrap_or_default())
}

fn signal_name(signal: i32) -> String {
    let name = match signal {
        4 => "SIGILL: an instruction that this processor does not have",
        6 => "SIGABRT: it ended itself",
        7 => "SIGBUS: the file is cut short or damaged",
        8 => "SIGFPE: a calculation without a result",
        9 => "SIGKILL: ended from outside, perhaps for want of memory",
        11 => "SIGSEGV: it touched memory that is not its own",
        other => return format!("signal {other}"),
    };
    name.to_owned()
}

fn unavailable(message: String) -> Vec<LoadProblem> {
    LoadProblem::new(LoadCode::ProbeUnavailable, message).into()
}
