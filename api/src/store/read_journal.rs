//! The journal of reads: who read which case, written before the answer leaves, without a commit for each.
//!
//! A read is one line appended to a file of this process; the file belongs to the operating system from then on, so a
//! killed process loses none. [`ReadJournal::drain`] moves lines to the audit in batches, together with how far it
//! came, in one transaction: nothing is lost between the two and nothing is moved twice.
//! Files of processes that are gone are found by their lock being free, and moved by whoever starts next.
//!
//! What it cannot guarantee: lines of the last moments before a power cut, and files on a disk that is thrown away.
//! They are not synced to the disk, in groups or one by one, and this is why: an answer would wait for the disk,
//! and a sync by itself every second would protect nothing that [`ReadJournal::drain`]
//! does not protect, which moves the same lines every second into a database that does sync. What is at stake is a
//! second of reads (not of changes, whose events are in their transaction) if the whole machine loses its power; a council
//! that cannot accept that puts the folder on a disk with a protected write cache, or mounts it with `sync`.
//! After a power cut a journal may be shorter than the position stored for it; reading then finds nothing there, and a line
//! that was torn is passed over, so the rest of it is moved all the same.

use std::collections::HashMap;
use std::fs::{File, OpenOptions};
use std::io::{BufRead as _, BufReader, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use chrono::{DateTime, Utc};
use diesel::{ExpressionMethods as _, OptionalExtension as _, QueryDsl as _};
use permanence_core::CouncilCode;
use serde::{Deserialize, Serialize};

use super::audit::{Actor, Event, audit_record_in_txn};
use super::conn::on;
use super::ids::{AnyId, CaseId, JournalId};
use super::schema::read_journals;
use super::{Conn, Store, StoreError, Tx};

/// The ending of a journal's name: `anytown.01980f0e-….reads`.
const ENDING: &str = "reads";
/// A journal that has grown so large is ended and a new one begun.
const ROTATE_AT: u64 = 16 << 20;
/// How much is moved in one transaction: other writers of the council wait meanwhile, and go first before the next.
const BATCH: usize = 32 << 10;

/// One read of case data.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct CaseRead {
    /// When.
    pub at: DateTime<Utc>,
    /// The caller's id.
    pub actor: String,
    /// The role that allowed it.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub role: Option<String>,
    /// The operation, as the API names it.
    pub operation: String,
    /// The cases that the answer shows.
    pub cases: Vec<CaseId>,
    /// The request.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub request_id: Option<String>,
}

/// The journals of this process, one a council.
pub struct ReadJournal {
    folder: PathBuf,
    open: Mutex<HashMap<CouncilCode, OpenJournal>>,
}

struct OpenJournal {
    path: PathBuf,
    file: File,
    size: u64,
    /// The last write failed midway: the next line begins with a line feed, so that it is not glued to the rest.
    torn: bool,
}

/// A journal to be moved: its file, and its lock while it is another process's.
struct Waiting {
    path: PathBuf,
    council: CouncilCode,
    id: JournalId,
    own: bool,
    _lock: Option<File>,
}

impl ReadJournal {
    /// Keeps journals in `folder`, which is made if it is not there.
    ///
    /// # Errors
    /// When the folder cannot be made.
    pub fn open(folder: &Path) -> Result<Self, StoreError> {
        std::fs::create_dir_all(folder)?;
        Ok(Self {
            folder: folder.to_owned(),
            open: Mutex::default(),
        })
    }

    /// Records one read. The answer may leave only after this is well.
    ///
    /// # Errors
    /// When the line cannot be written whole.
    pub fn record(&self, council: &CouncilCode, read: &CaseRead) -> Result<(), StoreError> {
        let mut line = serde_json::to_vec(read)?;
        line.push(b'\n');
        let mut open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
        if open
            .get(council)
            .is_none_or(|journal| journal.size >= ROTATE_AT)
        {
            open.insert(council.clone(), OpenJournal::create(&self.folder, council)?);
        }
        let journal = open
            .get_mut(council)
            .ok_or(StoreError::Corrupt("a journal is not there"))?;
        journal.append(&line)
    }

    /// Moves what was recorded to the audit; gives the number of reads moved.
    ///
    /// # Errors
    /// When a journal cannot be read, or whatever the database says; what was moved before stays moved.
    pub async fn drain(&self, store: &Store) -> Result<usize, StoreError> {
        let mut moved = 0;
        for journal in self.waiting()? {
            moved += move_journal(store, &journal).await?;
            if !journal.own {
                std::fs::remove_file(&journal.path)?;
                let (council, id) = (journal.council.clone(), journal.id);
                store
                    .write(async move |tx: &mut Tx| position_forget_in_txn(tx, &council, id).await)
                    .await?;
            }
        }
        Ok(moved)
    }

    /// Moves reads to the audit for ever; a fault is logged and tried again.
    pub async fn drain_forever(&self, store: &Store, every: Duration) {
        loop {
            if let Err(fault) = self.drain(store).await {
                tracing::error!(
                    error = &fault as &dyn std::error::Error,
                    "reads not yet moved to the audit"
                );
            }
            tokio::time::sleep(every).await;
        }
    }

    /// The journals that may hold something to move: one's own, and those whose process is gone.
    fn waiting(&self) -> Result<Vec<Waiting>, StoreError> {
        let own: Vec<PathBuf> = {
            let open = self.open.lock().unwrap_or_else(PoisonError::into_inner);
            open.values().map(|journal| journal.path.clone()).collect()
        };
        let mut waiting = Vec::new();
        for entry in std::fs::read_dir(&self.folder)? {
            let path = entry?.path();
            let Some((council, id)) = name_of(&path) else {
                continue;
            };
            if own.contains(&path) {
                waiting.push(Waiting {
                    path,
                    council,
                    id,
                    own: true,
                    _lock: None,
                });
                continue;
            }
            let Ok(lock) = File::open(&path) else {
                continue;
            };
            if lock.try_lock().is_ok() {
                waiting.push(Waiting {
                    path,
                    council,
                    id,
                    own: false,
                    _lock: Some(lock),
                });
            }
        }
        waiting.sort_by_key(|journal| journal.id);
        Ok(waiting)
    }
}

impl OpenJournal {
    fn create(folder: &Path, council: &CouncilCode) -> Result<Self, StoreError> {
        let path = folder.join(format!("{council}.{}.{ENDING}", JournalId::generate()));
        // It is locked before it has its name: nobody can take it for one whose process is gone.
        let unnamed = path.with_extension("new");
        let file = OpenOptions::new()
            .append(true)
            .create_new(true)
            .open(&unnamed)?;
        file.try_lock().map_err(std::io::Error::from)?;
        std::fs::rename(&unnamed, &path)?;
        Ok(Self {
            path,
            file,
            size: 0,
            torn: false,
        })
    }

    fn append(&mut self, line: &[u8]) -> Result<(), StoreError> {
        if self.torn {
            self.file.write_all(b"\n")?;
            self.torn = false;
        }
        if let Err(fault) = self.file.write_all(line) {
            self.torn = true;
            return Err(fault.into());
        }
        self.size += u64::try_from(line.len()).unwrap_or(0);
        Ok(())
    }
}

/// The council and id in a journal's name.
fn name_of(path: &Path) -> Option<(CouncilCode, JournalId)> {
    let mut parts = path.file_name()?.to_str()?.split('.');
    let (council, id, ending) = (parts.next()?, parts.next()?, parts.next()?);
    if ending != ENDING || parts.next().is_some() {
        return None;
    }
    Some((council.parse().ok()?, id.parse().ok()?))
}

/// Moves one journal to its end, as far as whole lines go.
async fn move_journal(store: &Store, journal: &Waiting) -> Result<usize, StoreError> {
    let (council, id) = (journal.council.clone(), journal.id);
    let mut position = store
        .read(async |conn: &mut Conn| position_get(conn, &council, id).await)
        .await?;
    let mut moved = 0;
    loop {
        let (lines, length) = read_lines(&journal.path, position)?;
        if length == 0 {
            return Ok(moved);
        }
        let events = lines
            .into_iter()
            .flat_map(|read| read.into_events(&journal.council))
            .collect::<Vec<_>>();
        let count = events.len();
        let council = journal.council.clone();
        let after = position + length;
        let mine = store
            .write(async move |tx: &mut Tx| {
                if !position_move_in_txn(tx, &council, id, position, after).await? {
                    return Ok::<_, StoreError>(false);
                }
                if !events.is_empty() {
                    for event in events {
                        audit_record_in_txn(tx, event);
                    }
                }
                Ok(true)
            })
            .await?;
        if !mine {
            // Another process is moving this journal; it goes on with it.
            return Ok(moved);
        }
        moved += count;
        position = after;
    }
}

/// The reads from a place on, and how many bytes they take; a line without its end is not yet there.
fn read_lines(path: &Path, position: i64) -> Result<(Vec<CaseRead>, i64), StoreError> {
    let mut file = File::open(path)?;
    file.seek(SeekFrom::Start(
        u64::try_from(position).map_err(|_| StoreError::Corrupt("a journal's position"))?,
    ))?;
    let mut file = BufReader::new(file);
    let mut bytes = Vec::new();
    let mut whole = 0;
    // One line may be longer than a batch: a read of a whole caseload names every case.
    while whole < BATCH {
        file.read_until(b'\n', &mut bytes)?;
        if bytes.len() == whole || bytes.last() != Some(&b'\n') {
            break;
        }
        whole = bytes.len();
    }
    bytes.truncate(whole);
    let mut reads = Vec::new();
    for line in bytes
        .split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
    {
        match serde_json::from_slice(line) {
            Ok(read) => reads.push(read),
            // Its write failed midway, so its answer never left.
            Err(_) => tracing::warn!("a torn line in a journal of reads was passed over"),
        }
    }
    Ok((
        reads,
        i64::try_from(whole).map_err(|_| StoreError::Corrupt("a journal's length"))?,
    ))
}

impl CaseRead {
    fn into_events(self, council: &CouncilCode) -> Vec<Event> {
        let event = |case_id: CaseId| Event {
            council: council.clone(),
            occurred_at: self.at,
            actor: Actor {
                id: self.actor.clone(),
                role: self.role.clone(),
            },
            operation: self.operation.clone(),
            subject_kind: "case",
            subject_id: Some(AnyId::from(*case_id.as_uuid())),
            subject_version: None,
            case_id: Some(case_id),
            after_document: None,
            why: None,
            request_id: self.request_id.clone(),
        };
        self.cases.iter().copied().map(event).collect()
    }
}

async fn position_get(
    conn: &mut Conn,
    council: &CouncilCode,
    id: JournalId,
) -> Result<i64, StoreError> {
    let row = read_journals::table
        .find((council.as_str(), id))
        .select(read_journals::position);
    let position: Option<i64> = on!(conn, get_result(row)).optional()?;
    Ok(position.unwrap_or(0))
}

/// Moves a journal's position on, if it still is where the caller read it.
async fn position_move_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    id: JournalId,
    from: i64,
    to: i64,
) -> Result<bool, StoreError> {
    use read_journals::dsl;
    let count = if from == 0 {
        let row = (
            dsl::council.eq(council.as_str()),
            dsl::journal.eq(id),
            dsl::position.eq(to),
        );
        on!(
            tx,
            execute(
                diesel::insert_into(dsl::read_journals)
                    .values(row)
                    .on_conflict_do_nothing()
            )
        )?
    } else {
        let row = dsl::read_journals
            .find((council.as_str(), id))
            .filter(dsl::position.eq(from));
        on!(tx, execute(diesel::update(row).set(dsl::position.eq(to))))?
    };
    Ok(count == 1)
}

async fn position_forget_in_txn(
    tx: &mut Tx,
    council: &CouncilCode,
    id: JournalId,
) -> Result<(), StoreError> {
    on!(
        tx,
        execute(diesel::delete(
            read_journals::table.find((council.as_str(), id))
        ))
    )?;
    Ok(())
}
