//! The callers: so many connections on loopback, each sending the next request when the last was answered.
//!
//! Requests are bytes made beforehand and answers are read no further than their length,
//! so that the callers take as little as possible of the machine that the server runs on.

use std::net::SocketAddr;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use tokio::io::{AsyncReadExt as _, AsyncWriteExt as _};
use tokio::net::TcpStream;

/// What is asked.
pub struct Requests {
    /// Who answers.
    pub address: SocketAddr,
    /// The requests, in turns. Where each may be sent once, there are more of them than can be sent in the time.
    pub bytes: Vec<Vec<u8>>,
    /// Whether a request may be sent again.
    pub repeat: bool,
}

/// What came of asking.
#[derive(Debug, Clone, Default)]
pub struct Measured {
    /// Microseconds of each answer, sorted.
    pub micros: Vec<u32>,
    /// Answers that were not 2xx, and the first of them.
    pub refused: usize,
    /// The status line and body of the first refusal.
    pub first_refusal: Option<String>,
    /// How long all of it took.
    pub taken: Duration,
}

/// A request as bytes.
pub fn request(method: &str, path: &str, headers: &[(&str, &str)], body: Option<&str>) -> Vec<u8> {
    let mut text = format!("{method} {path} HTTP/1.1\r\nhost: localhost\r\n");
    for (name, value) in headers {
        text.push_str(&format!("{name}: {value}\r\n"));
    }
    if let Some(body) = body {
        text.push_str(&format!(
            "content-type: application/json\r\ncontent-length: {}\r\n",
            body.len()
        ));
    }
    text.push_str("\r\n");
    text.push_str(body.unwrap_or_default());
    text.into_bytes()
}

/// Asks from so many connections for so long.
pub async fn ask(
    requests: Arc<Requests>,
    next: Arc<AtomicUsize>,
    clients: usize,
    time: Duration,
) -> Measured {
    let started = Instant::now();
    let callers: Vec<_> = (0..clients)
        .map(|_| {
            tokio::task::spawn_local(caller(
                Arc::clone(&requests),
                Arc::clone(&next),
                started + time,
            ))
        })
        .collect();
    let mut all = Measured::default();
    for caller in callers {
        let one = caller
            .await
            .expect("a caller")
            .expect("a connection that holds");
        all.micros.extend(one.micros);
        all.refused += one.refused;
        all.first_refusal = all.first_refusal.or(one.first_refusal);
    }
    all.taken = started.elapsed();
    all.micros.sort_unstable();
    all
}

async fn caller(
    requests: Arc<Requests>,
    next: Arc<AtomicUsize>,
    until: Instant,
) -> std::io::Result<Measured> {
    let mut stream = TcpStream::connect(requests.address).await?;
    stream.set_nodelay(true)?;
    let mut measured = Measured::default();
    let mut answer = Vec::with_capacity(64 * 1024);
    while Instant::now() < until {
        let turn = next.fetch_add(1, Ordering::Relaxed);
        let request = match requests.bytes.get(turn) {
            Some(request) => request,
            None if requests.repeat => &requests.bytes[turn % requests.bytes.len()],
            None => break,
        };
        let sent = Instant::now();
        stream.write_all(request).await?;
        answer.clear();
        let status = read_answer(&mut stream, &mut answer).await?;
        measured
            .micros
            .push(u32::try_from(sent.elapsed().as_micros()).unwrap_or(u32::MAX));
        if !(200..300).contains(&status) {
            measured.refused += 1;
            measured
                .first_refusal
                .get_or_insert_with(|| String::from_utf8_lossy(&answer).into_owned());
        }
    }
    Ok(measured)
}

/// Reads one answer to its end and gives its status.
async fn read_answer(stream: &mut TcpStream, answer: &mut Vec<u8>) -> std::io::Result<u16> {
    let mut end = None;
    loop {
        if stream.read_buf(answer).await? == 0 {
            let so_far = String::from_utf8_lossy(answer).into_owned();
            return Err(std::io::Error::other(format!(
                "the connection was closed after {so_far:?}"
            )));
        }
        if end.is_none() {
            end = answer
                .windows(4)
                .position(|bytes| bytes == b"\r\n\r\n")
                .map(|head| {
                    let text = String::from_utf8_lossy(&answer[..head]).to_ascii_lowercase();
                    let length = text
                        .split("content-length: ")
                        .nth(1)
                        .and_then(|rest| rest.lines().next());
                    head + 4
                        + length.map_or(0, |length| {
                            length.trim().parse::<usize>().expect("a length")
                        })
                });
        }
        if end.is_some_and(|end| answer.len() >= end) {
            let status = answer
                .get(9..12)
                .and_then(|digits| std::str::from_utf8(digits).ok());
            return Ok(status
                .and_then(|digits| digits.parse().ok())
                .expect("a status"));
        }
    }
}

impl Measured {
    /// Answers a second.
    pub fn rate(&self) -> f64 {
        self.micros.len() as f64 / self.taken.as_secs_f64()
    }

    /// The time within which this share of the answers came, in milliseconds.
    pub fn percentile(&self, share: f64) -> f64 {
        let at =
            ((self.micros.len() as f64 * share) as usize).min(self.micros.len().saturating_sub(1));
        self.micros
            .get(at)
            .map_or(0.0, |micros| f64::from(*micros) / 1000.0)
    }
}
