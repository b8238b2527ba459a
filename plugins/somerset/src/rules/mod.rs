//! What only code can say, one rule a file.

pub(crate) mod core_seats;
pub(crate) mod filing;
pub(crate) mod late_papers;
pub(crate) mod substitute_grade;
