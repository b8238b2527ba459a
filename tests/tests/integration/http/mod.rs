//! What every address keeps to, whatever it is about.

mod cases;
mod conventions;
