//! The API's description, built from the same types that do the work.
//!
//! A handler's extractors and its return type each say what they add ([`Takes`], [`Answers`]); `#[op]` gathers it in a [`Sketch`];
//! [`document()`] makes the whole of it. Nothing is described in a second place, so nothing can drift.

mod addresses;
mod document;
mod examples;
mod sketch;

pub use addresses::Addresses;
pub use document::{document, finish};
pub use sketch::Sketch;
pub(crate) use sketch::content;

/// What an extractor adds to the description of an operation that takes it.
pub trait Takes {
    /// Adds it.
    fn describe(sketch: &mut Sketch);
}

/// What a return type adds to the description of an operation that gives it. A type without it cannot be returned from a handler.
pub trait Answers {
    /// The media types that it comes in; empty if it has no body.
    const PRODUCES: &'static [&'static str];

    /// Adds it.
    fn describe(sketch: &mut Sketch);
}

impl<T> Takes for actix_web::web::Data<T> {
    fn describe(_: &mut Sketch) {}
}
