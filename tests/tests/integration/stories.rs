//! One story for each council: a child from coming into care to permanence, with the detours that its policy knows.

mod dudley;
mod east_riding;
mod somerset;
