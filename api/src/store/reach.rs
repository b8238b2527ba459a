//! Which rows of cases a caller is given: the same words for every table that names a case.

/// The cases that are the caller's: as their social worker, or by one of the teams. A null never equals: what the scope does not
/// name adds nothing.
macro_rules! own_cases {
    ($council:expr, $scope:expr) => {{
        use $crate::store::schema::cases;
        cases::table
            .filter(cases::council.eq($council.as_str()))
            .filter(
                cases::social_worker
                    .eq(&$scope.worker)
                    .or(cases::team.eq_any(&$scope.teams)),
            )
    }};
}

/// The seats that the caller has at sittings.
macro_rules! own_seats {
    ($council:expr, $scope:expr) => {{
        use $crate::store::schema::attendance;
        attendance::table
            .filter(attendance::council.eq($council.as_str()))
            .filter(attendance::person_ref.eq(&$scope.person))
    }};
}

/// Narrows a boxed query on a table with `case_id` to the cases of a scope.
macro_rules! within_reach {
    ($query:ident, $case_id:expr, $council:expr, $scope:expr) => {
        if !$scope.all {
            use $crate::store::schema::{attendance, bookings, cases};
            let own = $crate::store::reach::own_cases!($council, $scope).select(cases::id);
            let on_sittings = bookings::table
                .inner_join(
                    attendance::table.on(attendance::council
                        .eq(bookings::council)
                        .and(attendance::sitting_id.eq(bookings::sitting_id))),
                )
                .filter(bookings::council.eq($council.as_str()))
                .filter(attendance::person_ref.eq(&$scope.person))
                .select(bookings::case_id);
            $query = $query.filter($case_id.eq_any(own).or($case_id.eq_any(on_sittings)));
        }
    };
}

pub(super) use {own_cases, own_seats, within_reach};
