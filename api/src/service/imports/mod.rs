//! Imports: taking what a council's system sends, and telling what came of it.
//!
//! A request only stores what was sent; the work is done after it (`queue`), so that a return of any size is answered
//! at once. Sending the same content again while it is the latest gives the same import.

mod apply;
mod outcome;
mod queue;
mod work;

use crate::service::pages::{one_more, page};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use permanence_core::care::Coverage;
use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};

use super::{Acting, Desk, Fault, Made, Once, ServiceError, Subject};
use crate::integrations::ssda903::report::Section;
use crate::store::audit::audit_record_in_txn;
use crate::store::ids::ImportId;
use crate::store::import_issues::{ImportIssue, IssueFilter, import_issue_list};
use crate::store::imports::{
    Import, ImportFile, ImportStatus, import_create_in_txn, import_get, import_latest, import_list,
};
use crate::store::{Conn, Tx};

pub use queue::{work_forever, work_through};

/// The statutory return of looked after children: the kind of import, and the source of what it leaves.
pub const SSDA903: &str = "ssda903";

/// A file to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewFile {
    /// Its name, for the report.
    pub name: String,
    /// Its bytes.
    pub content: Vec<u8>,
    /// Its collection year by the first calendar year, where the sender knows it.
    pub collection_year: Option<i32>,
}

/// What is to be imported.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NewImport {
    /// Whether only the report is wanted.
    pub dry_run: bool,
    /// The files, read together.
    pub files: Vec<NewFile>,
}

/// How far an import is.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct Progress {
    /// Children that were found in the files; 0 until they are read.
    pub children: u32,
    /// Children that are in.
    pub children_done: u32,
}

/// What came of an import.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "camelCase")]
pub struct ImportResult {
    /// Rows in all files; always those used plus those not used.
    pub rows_read: u32,
    /// Rows that went into a history.
    pub rows_used: u32,
    /// Rows that did not, each accounted for in the report.
    pub rows_not_used: u32,
    /// Children in the files.
    pub children: u32,
    /// Cases that were opened.
    pub cases_created: u32,
    /// Cases of which a particular changed.
    pub cases_updated: u32,
    /// Cases that were closed because the time in care ended.
    #[serde(default)]
    pub cases_closed: u32,
    /// Cases that were opened again because a new time in care began.
    #[serde(default)]
    pub cases_reopened: u32,
    /// Care events that are new.
    pub events_created: u32,
    /// Care events that changed.
    pub events_changed: u32,
    /// Care events that the returns do not hold any more.
    pub events_withdrawn: u32,
    /// Lines of the report about what could not be used.
    pub errors: u32,
    /// Lines about contradictions in what was used.
    pub warnings: u32,
    /// Lines for information.
    pub notices: u32,
    /// The collection years, such as `2024-25`.
    pub collection_years: Vec<String>,
    /// File by file and table by table.
    pub sections: Vec<Section>,
    /// What this and all earlier imports cover together.
    pub coverage: Coverage,
}

/// Takes an import; the work on it is [`work_through`].
///
/// # Errors
/// [`ServiceError::Invalid`] when two files have one name, [`ServiceError::NotFound`] when the council is not served.
pub async fn create(
    desk: &Desk,
    by: &Acting,
    new: NewImport,
    once: Once<Import>,
) -> Result<Made<Import>, ServiceError> {
    desk.council(by)?;
    one_name_each(&new.files)?;
    let now = desk.now();
    let import = Import {
        id: ImportId::generate(),
        kind: SSDA903.to_owned(),
        status: ImportStatus::Queued,
        dry_run: new.dry_run,
        content_hash: hash_of(&new.files),
        files: new.files.iter().map(stored).collect(),
        progress: serde_json::to_value(Progress::default()).unwrap_or_default(),
        result: serde_json::json!({}),
        problem: None,
        created_by: by.actor.id.clone(),
        version: 1,
        created_at: now,
        updated_at: now,
        finished_at: None,
    };
    let own = by.clone();
    desk.store
        .write(async move |tx: &mut Tx| {
            once.run_in_txn(tx, now, async |tx| {
                if !import.dry_run
                    && let Some(latest) = import_latest(tx, &own.council).await?
                    && latest.content_hash == import.content_hash
                {
                    return Ok(without_content(latest));
                }
                import_create_in_txn(tx, &own.council, &import).await?;
                let kept = without_content(import);
                let event = own.event(now, "createImport", subject(&kept), &kept, None)?;
                audit_record_in_txn(tx, event);
                Ok(kept)
            })
            .await
        })
        .await
}

/// Reads how far an import is and what came of it.
///
/// # Errors
/// [`ServiceError::NotFound`] when the council has none with this id.
pub async fn get(desk: &Desk, by: &Acting, id: ImportId) -> Result<Import, ServiceError> {
    let found = desk
        .store
        .read(async |conn: &mut Conn| import_get(conn, &by.council, id).await)
        .await?;
    found.map(without_content).ok_or(ServiceError::NotFound)
}

/// Lists imports, the latest first; the second part is where the next page begins, if there is one.
///
/// # Errors
/// Those of the store.
pub async fn list(
    desk: &Desk,
    by: &Acting,
    status: Vec<ImportStatus>,
    before: Option<ImportId>,
    limit: u16,
) -> Result<(Vec<Import>, Option<ImportId>), ServiceError> {
    let council = by.council.clone();
    let imports = desk
        .store
        .list(async move |conn: &mut Conn| {
            import_list(conn, &council, &status, before, one_more(limit)).await
        })
        .await?;
    let (imports, next) = page(imports, limit, |import| import.id);
    Ok((imports.into_iter().map(without_content).collect(), next))
}

/// Lists the lines of an import's report; the second part is where the next page begins, if there is one.
///
/// # Errors
/// [`ServiceError::NotFound`] when the council has no import with this id.
pub async fn list_issues(
    desk: &Desk,
    by: &Acting,
    id: ImportId,
    filter: IssueFilter,
    after: Option<i64>,
    limit: u16,
) -> Result<(Vec<ImportIssue>, Option<i64>), ServiceError> {
    let council = by.council.clone();
    let issues = desk
        .store
        .list(async move |conn: &mut Conn| {
            import_get(conn, &council, id)
                .await?
                .ok_or(ServiceError::NotFound)?;
            let rows = one_more(limit);
            let found = import_issue_list(conn, &council, id, &filter, after, rows).await?;
            Ok::<_, ServiceError>(found)
        })
        .await?;
    Ok(page(issues, limit, |issue| issue.seq))
}

fn one_name_each(files: &[NewFile]) -> Result<(), ServiceError> {
    let twice = |place: &usize| {
        let name = files.get(*place).map(|file| &file.name);
        files
            .iter()
            .take(*place)
            .any(|before| Some(&before.name) == name)
    };
    let faults: Vec<Fault> = (0..files.len())
        .filter(twice)
        .map(|place| {
            let pointer = format!("/files/{place}/name");
            Fault::new(
                pointer,
                "not_unique",
                "Another file of this import has the same name.",
            )
        })
        .collect();
    if faults.is_empty() {
        Ok(())
    } else {
        Err(ServiceError::Invalid(faults))
    }
}

/// The hash over names, years and bytes, whatever the order of the files.
fn hash_of(files: &[NewFile]) -> String {
    let mut parts: Vec<[u8; 32]> = files
        .iter()
        .map(|file| {
            let mut hash = Sha256::new();
            hash.update(file.name.len().to_le_bytes());
            hash.update(&file.name);
            hash.update(file.collection_year.unwrap_or_default().to_le_bytes());
            hash.update(&file.content);
            hash.finalize().into()
        })
        .collect();
    parts.sort_unstable();
    let mut whole = Sha256::new();
    parts.iter().for_each(|part| whole.update(part));
    whole
        .finalize()
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect()
}

fn stored(file: &NewFile) -> ImportFile {
    ImportFile {
        name: file.name.clone(),
        bytes: u64::try_from(file.content.len()).unwrap_or(u64::MAX),
        collection_year: file.collection_year,
        content: Some(STANDARD.encode(&file.content)),
    }
}

fn without_content(mut import: Import) -> Import {
    import.files.iter_mut().for_each(|file| file.content = None);
    import
}

fn subject(import: &Import) -> Subject {
    Subject {
        kind: "import",
        id: import.id.untyped(),
        version: import.version,
        case_id: None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn file(name: &str, content: &str) -> NewFile {
        NewFile {
            name: name.to_owned(),
            content: content.as_bytes().to_vec(),
            collection_year: None,
        }
    }

    #[test]
    fn the_order_of_files_makes_no_other_content_and_a_byte_does() {
        let (one, two) = (file("a.csv", "x"), file("b.csv", "y"));
        let hash = hash_of(&[one.clone(), two.clone()]);
        assert_eq!(hash, hash_of(&[two.clone(), one.clone()]));
        assert_ne!(hash, hash_of(&[one.clone(), file("b.csv", "z")]));
        assert_ne!(hash, hash_of(&[file("b.csv", "x"), file("a.csv", "y")]));
        let year = NewFile {
            collection_year: Some(2024),
            ..two
        };
        assert_ne!(hash, hash_of(&[one, year]));
    }

    #[test]
    fn two_files_of_one_name_are_refused_with_their_place() {
        let refused = one_name_each(&[file("a.csv", "x"), file("b.csv", "x"), file("a.csv", "y")]);
        let Err(ServiceError::Invalid(faults)) = refused else {
            unreachable!("it was taken")
        };
        assert_eq!(
            faults
                .iter()
                .map(|fault| fault.pointer.as_str())
                .collect::<Vec<_>>(),
            ["/files/2/name"]
        );
    }
}
