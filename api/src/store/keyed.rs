//! Records by their key: the same words for every table whose key is the council and an id.
//!
//! The names of the macros' arguments are those of the table in `schema.rs` and of the row that is read from it.

/// The row with this id, or none.
macro_rules! row_by_id {
    ($conn:expr, $table:ident, $row:ty, $council:expr, $id:expr) => {{
        let row: Option<$row> = on!(
            $conn,
            get_result(
                $table::table
                    .find(($council.as_str(), $id))
                    .select(<$row>::as_select())
            )
        )
        .optional()?;
        row
    }};
}

/// Writes a changed record over the one whose version is still the record's; gives it with its next version, or none if somebody
/// else was faster. The row is made of the record as it is then.
macro_rules! keep_changed {
    ($tx:expr, $table:ident, $council:expr, $record:ident => $row:expr) => {{
        let stored = $table::table
            .find(($council.as_str(), $record.id))
            .filter($table::version.eq($record.version));
        let mut $record = $record;
        $record.version += 1;
        let row = $row;
        let count = on!(
            $tx,
            execute($crate::store::prepared::Prepared(
                diesel::update(stored).set(&row)
            ))
        )?;
        (count == 1).then_some($record)
    }};
}

/// A query for a page of a table in the order of its ids, after one of them; to be narrowed further.
macro_rules! page_by_id {
    ($table:ident, $row:ty, $council:expr, $after:expr, $limit:expr) => {{
        let mut query = $table::table
            .filter($table::council.eq($council.as_str()))
            .order($table::id.asc())
            .select(<$row>::as_select())
            .limit($limit)
            .into_boxed::<Db>();
        if let Some(after) = $after {
            query = query.filter($table::id.gt(after));
        }
        query
    }};
}

pub(super) use {keep_changed, page_by_id, row_by_id};
