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

use super::check::Check;
use super::library::Library;
use super::problem::{LoadCode, LoadProblem};

/// What the marked line begins with; a library may print to the same stream.
const MARK: &str = "permanence-probe-report: ";

/// The most that is read from a child's stream.
const STREAM_LIMIT: u64 = 1024 * 1024;

/// One run of a child process.
#[derive(Debug, Clone, Copy)]
pub struct Probe<'a> {
    /// The program: this one.
    pub program: &'a Path,
    /// How long it may take.
    pub limit: Duration,
    /// What the child goes through.
    pub check: Check,
    /// The whole environment of the child: nothing of this process's can lead the dynamic linker elsewhere.
    pub environment: &'a [(&'a str, &'a str)],
    /// The folder that the child works in.
    pub folder: &'a str,
}

/// What a child found.
#[derive(Debug, Serialize, Deserialize)]
struct Report {
    problems: Vec<LoadProblem>,
    /// What the library answered, in short, to be compared with another run.
    fingerprint: Option<String>,
}

impl<'a> Probe<'a> {
    /// The probe that every library goes through before it is mapped.
    pub fn first_steps(program: &'a Path, limit: Duration) -> Self {
        Self {
            program,
            limit,
            check: Check::Loads,
            environment: &[],
            folder: "/",
        }
    }

    /// Probes a library in a child process, and gives the fingerprint of its answers.
    ///
    /// # Errors
    /// What the child found, or how the child ended.
    pub fn run(&self, library: &OwnedFd, name: &str) -> Result<Option<String>, Vec<LoadProblem>> {
        let mut child = self.start(library, name).map_err(|error| {
            unavailable(format!("the probing process could not be started: {error}"))
        })?;
        let output = child.stdout.take().map(|stream| drain(stream, MARK));
        let complaint = child.stderr.take().map(|stream| drain(stream, ""));
        let in_time = has_ended_within(&child, self.limit);
        let status = end(&mut child).map_err(|error| {
            unavailable(format!("the probing process could not be watched: {error}"))
        })?;
        if !in_time {
            let seconds = self.limit.as_secs_f32();
            let message = format!(
                "it did not finish within {seconds} seconds; something in it waits or loops"
            );
            return Err(LoadProblem::new(LoadCode::TimedOut, message).into());
        }
        let report = output
            .and_then(last_line)
            .and_then(|line| serde_json::from_str::<Report>(&line).ok());
        match report {
            Some(report) if status.success() && report.problems.is_empty() => {
                Ok(report.fingerprint)
            }
            Some(report) if status.success() => Err(report.problems),
            _ => Err(crashed(status, complaint.and_then(last_line)).into()),
        }
    }

    fn start(&self, library: &OwnedFd, name: &str) -> std::io::Result<Child> {
        Command::new(self.program)
            .args([
                "plugin",
                "probe",
                "--name",
                name,
                "--check",
                self.check.name(),
            ])
            .env_clear()
            .envs(self.environment.iter().copied())
            .current_dir(self.folder)
            .stdin(Stdio::from(library.as_fd().try_clone_to_owned()?))
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .process_group(0)
            .spawn()
    }
}

/// The child's side: goes through a check and writes the report.
#[expect(
    clippy::print_stdout,
    reason = "the report goes to the process that started this one"
)]
pub fn answer(library: OwnedFd, name: &str, check: Check) {
    let report = match Library::map(library, name)
        .map_err(Vec::from)
        .and_then(|library| check.perform(library))
    {
        Ok(fingerprint) => Report {
            problems: Vec::new(),
            fingerprint,
        },
        Err(problems) => Report {
            problems,
            fingerprint: None,
        },
    };
    match serde_json::to_string(&report) {
        // The line break in front ends whatever the library printed without one.
        Ok(report) => println!("\n{MARK}{report}"),
        Err(error) => tracing::error!(%error, "the report could not be written"),
    }
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
