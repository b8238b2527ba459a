//! What every address keeps to, whatever it is about.

mod conventions;
