//! Judging many children in one go: questions come in as lines of JSON, answers go out as lines of JSON in the same order.
//!
//! Memory does not grow with the number of lines: a batch is read, judged and written while the next ones wait in short
//! queues, one worker a core.

mod line;

use std::io::{BufRead, Write};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::thread;

use chrono::NaiveDate;

pub use line::{Child, Judged};

use crate::plugins::Councils;

/// Lines of one batch.
const BATCH: usize = 200;
/// Batches that wait before and after each worker.
const WAITING: usize = 2;
/// The longest line that is taken, in bytes.
const LONGEST_LINE: u64 = 1 << 20;

/// How to judge.
#[derive(Debug, Clone)]
pub struct Settings {
    /// The day of lines that name none.
    pub today: NaiveDate,
    /// Threads that judge.
    pub workers: usize,
    /// Write every finding; otherwise only count.
    pub write: bool,
}

/// What was judged.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Totals {
    /// Children that have an answer.
    pub judged: u64,
    /// Lines that have none; each has a line with its problem in the output.
    pub refused: u64,
    /// Exceptions found.
    pub exceptions: u64,
    /// Exceptions that the facts settle.
    pub certain: u64,
    /// Checkpoints that are overdue or flagged.
    pub checkpoints: u64,
}

/// Lines as they were read, with the number of the first.
struct Batch {
    first: u64,
    lines: Vec<String>,
}

/// A batch as it is written.
struct Done {
    text: Vec<u8>,
    totals: Totals,
}

/// Judges every line.
///
/// # Errors
/// When the input cannot be read or the output cannot be written. A line that cannot be judged is no error: it is answered
/// with its problem, and counted.
pub fn judge(
    councils: &Councils,
    settings: &Settings,
    input: &mut impl BufRead,
    output: &mut (impl Write + Send),
) -> std::io::Result<Totals> {
    thread::scope(|scope| {
        let mut ways_in: Vec<SyncSender<Batch>> = Vec::new();
        let mut ways_out: Vec<(Receiver<Done>, SyncSender<Vec<u8>>)> = Vec::new();
        for _ in 0..settings.workers.max(1) {
            let (way_in, batches) = sync_channel::<Batch>(WAITING);
            let (done, way_out) = sync_channel::<Done>(WAITING);
            // Written texts come back to be filled again: fresh memory for each costs more than filling it.
            let (way_back, spare) = sync_channel::<Vec<u8>>(WAITING);
            ways_in.push(way_in);
            ways_out.push((way_out, way_back));
            scope.spawn(move || {
                for batch in batches {
                    let text = spare.try_recv().unwrap_or_default();
                    if done
                        .send(line::judge(councils, settings, batch, text))
                        .is_err()
                    {
                        break;
                    }
                }
            });
        }
        // Batches go round the workers, and come back from them in the same round: so the order is kept.
        let writer = scope.spawn(move || {
            let mut totals = Totals::default();
            for (way_out, way_back) in ways_out.iter().cycle() {
                let Ok(Done {
                    mut text,
                    totals: more,
                }) = way_out.recv()
                else {
                    break;
                };
                output.write_all(&text)?;
                totals.add(more);
                text.clear();
                // Where the worker has ended or has enough, it is freed.
                let _ = way_back.try_send(text);
            }
            output.flush()?;
            Ok(totals)
        });
        let read = send_all(input, &ways_in);
        drop(ways_in);
        let written = writer
            .join()
            .unwrap_or_else(|_| Err(std::io::Error::other("the writer stopped")));
        read.and(written)
    })
}

fn send_all(input: &mut impl BufRead, ways_in: &[SyncSender<Batch>]) -> std::io::Result<()> {
    let mut number = 0;
    for way_in in (0..ways_in.len()).cycle() {
        let mut batch = Batch {
            first: number + 1,
            lines: Vec::with_capacity(BATCH),
        };
        while batch.lines.len() < BATCH {
            let Some(line) = next_line(input)? else {
                break;
            };
            number += 1;
            batch.lines.push(line);
        }
        let last = batch.lines.len() < BATCH;
        let sent = ways_in.get(way_in).map(|way_in| way_in.send(batch));
        // A writer that failed has closed the ways; it says why.
        if last || !matches!(sent, Some(Ok(()))) {
            break;
        }
    }
    Ok(())
}

fn next_line(input: &mut impl BufRead) -> std::io::Result<Option<String>> {
    let mut line = String::new();
    let read = std::io::Read::take(&mut *input, LONGEST_LINE).read_line(&mut line)?;
    if read == 0 {
        return Ok(None);
    }
    if !line.ends_with('\n') && u64::try_from(read).is_ok_and(|read| read >= LONGEST_LINE) {
        return Err(std::io::Error::other(format!(
            "a line is longer than {LONGEST_LINE} bytes"
        )));
    }
    Ok(Some(line))
}

impl Totals {
    fn add(&mut self, more: Self) {
        self.judged += more.judged;
        self.refused += more.refused;
        self.exceptions += more.exceptions;
        self.certain += more.certain;
        self.checkpoints += more.checkpoints;
    }
}
