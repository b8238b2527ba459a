//! One story for each council: a child from coming into care to permanence, with the detours that its policy knows.

mod somerset;
mod east_riding;
mod dudley;
