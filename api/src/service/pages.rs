//! Pages of a list: the store is asked for one row more than a page holds, and that row tells whether another page follows.

use super::policy::PanelDesk;
use super::{Acting, ServiceError};
use crate::store::ids::CaseId;
use crate::store::{Conn, StoreError};

/// How many rows to ask the store for.
pub(super) fn one_more(limit: u16) -> i64 {
    i64::from(limit) + 1
}

/// The page, of one row more than it holds; the second part is where the next page begins, if there is one, in the words of `key`.
pub(super) fn page<T, K>(
    mut found: Vec<T>,
    limit: u16,
    key: impl FnOnce(&T) -> K,
) -> (Vec<T>, Option<K>) {
    let limit = usize::from(limit);
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(key);
    (found, next)
}

/// The cases of a page's rows, each once: what is recorded as read.
pub(super) fn cases_of(rows: impl IntoIterator<Item = CaseId>) -> Vec<CaseId> {
    let mut cases: Vec<CaseId> = rows.into_iter().collect();
    cases.sort_unstable();
    cases.dedup();
    cases
}

/// A page of records that each belong to a case, recorded as read: `rows` asks the store for so many of those that the caller
/// may see, `of` says whose a record is, and its key.
pub(super) async fn page_of_cases<R, K>(
    desk: &PanelDesk,
    operation: &str,
    limit: u16,
    rows: impl AsyncFnOnce(&mut Conn, &Acting, i64) -> Result<Vec<R>, StoreError> + Send + 'static,
    of: impl Fn(&R) -> (CaseId, K),
) -> Result<(Vec<R>, Option<K>), ServiceError>
where
    R: Send + 'static,
{
    let by = desk.by.clone();
    let found = desk
        .desk
        .store
        .list(async move |conn: &mut Conn| rows(conn, &by, one_more(limit)).await)
        .await?;
    let (records, next) = page(found, limit, |record| of(record).1);
    let cases = cases_of(records.iter().map(|record| of(record).0));
    desk.desk.record_read(&desk.by, operation, cases)?;
    Ok((records, next))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn another_page_follows_when_there_is_one_row_more() {
        let rows = |count: u16| page((0..count).collect(), 2, |row| *row);
        assert_eq!(rows(0), (vec![], None));
        assert_eq!(rows(2), (vec![0, 1], None));
        assert_eq!(rows(3), (vec![0, 1], Some(1)));
    }
}
