//! Pages by key: "after this row", as one comparison of two columns that an index answers.

use diesel::backend::Backend;
use diesel::expression::{
    AppearsOnTable, AsExpression, Expression, SelectableExpression, TypedExpressionType,
    ValidGrouping,
};
use diesel::query_builder::{AstPass, QueryFragment, QueryId};
use diesel::result::QueryResult;
use diesel::sql_types::{Bool, SingleValue};

/// `(a, b) > (x, y)` or `<`: a row comparison, which both databases answer from an index on `(.., a, b)`.
///
/// Written with `OR` instead, PostgreSQL would walk over all rows with equal `a`.
#[derive(Debug, Clone, Copy)]
pub struct RowCompare<A, B, X, Y, const DOWN: bool> {
    columns: (A, B),
    values: (X, Y),
}

/// The rows that come after `values` in ascending order of `columns`.
pub fn after<A, B, X, Y>(
    columns: (A, B),
    values: (X, Y),
) -> RowCompare<A, B, X::Expression, Y::Expression, false>
where
    A: Expression,
    B: Expression,
    A::SqlType: SingleValue + TypedExpressionType + diesel::sql_types::SqlType,
    B::SqlType: SingleValue + TypedExpressionType + diesel::sql_types::SqlType,
    X: AsExpression<A::SqlType>,
    Y: AsExpression<B::SqlType>,
{
    RowCompare {
        columns,
        values: (values.0.as_expression(), values.1.as_expression()),
    }
}

/// The rows that come after `values` in descending order of `columns`.
pub fn before<A, B, X, Y>(
    columns: (A, B),
    values: (X, Y),
) -> RowCompare<A, B, X::Expression, Y::Expression, true>
where
    A: Expression,
    B: Expression,
    A::SqlType: SingleValue + TypedExpressionType + diesel::sql_types::SqlType,
    B::SqlType: SingleValue + TypedExpressionType + diesel::sql_types::SqlType,
    X: AsExpression<A::SqlType>,
    Y: AsExpression<B::SqlType>,
{
    RowCompare {
        columns,
        values: (values.0.as_expression(), values.1.as_expression()),
    }
}

impl<A, B, X, Y, const DOWN: bool> Expression for RowCompare<A, B, X, Y, DOWN> {
    type SqlType = Bool;
}

impl<A, B, X, Y, GB, const DOWN: bool> ValidGrouping<GB> for RowCompare<A, B, X, Y, DOWN>
where
    (A, B, X, Y): ValidGrouping<GB>,
{
    type IsAggregate = <(A, B, X, Y) as ValidGrouping<GB>>::IsAggregate;
}

impl<A, B, X, Y, QS, const DOWN: bool> AppearsOnTable<QS> for RowCompare<A, B, X, Y, DOWN>
where
    A: AppearsOnTable<QS>,
    B: AppearsOnTable<QS>,
    X: AppearsOnTable<QS>,
    Y: AppearsOnTable<QS>,
{
}

impl<A, B, X, Y, QS, const DOWN: bool> SelectableExpression<QS> for RowCompare<A, B, X, Y, DOWN>
where
    Self: AppearsOnTable<QS>,
    A: SelectableExpression<QS>,
    B: SelectableExpression<QS>,
{
}

impl<A, B, X, Y, const DOWN: bool> QueryId for RowCompare<A, B, X, Y, DOWN>
where
    A: QueryId,
    B: QueryId,
    X: QueryId,
    Y: QueryId,
{
    type QueryId = RowCompare<A::QueryId, B::QueryId, X::QueryId, Y::QueryId, DOWN>;
    const HAS_STATIC_QUERY_ID: bool = A::HAS_STATIC_QUERY_ID
        && B::HAS_STATIC_QUERY_ID
        && X::HAS_STATIC_QUERY_ID
        && Y::HAS_STATIC_QUERY_ID;
}

impl<A, B, X, Y, DB, const DOWN: bool> QueryFragment<DB> for RowCompare<A, B, X, Y, DOWN>
where
    DB: Backend,
    A: QueryFragment<DB>,
    B: QueryFragment<DB>,
    X: QueryFragment<DB>,
    Y: QueryFragment<DB>,
{
    fn walk_ast<'b>(&'b self, mut out: AstPass<'_, 'b, DB>) -> QueryResult<()> {
        out.push_sql("(");
        self.columns.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.columns.1.walk_ast(out.reborrow())?;
        out.push_sql(if DOWN { ") < (" } else { ") > (" });
        self.values.0.walk_ast(out.reborrow())?;
        out.push_sql(", ");
        self.values.1.walk_ast(out.reborrow())?;
        out.push_sql(")");
        Ok(())
    }
}
