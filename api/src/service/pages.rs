//! Pages of a list: the store is asked for one row more than a page holds, and that row tells whether another page follows.

use crate::store::ids::CaseId;

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
