//! Catching panics before they reach the boundary.

use std::any::Any;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::Once;

use permanence_plugin_abi::guest::HostLog;

/// Runs the work; a panic in it is `None`.
///
/// The payload of a panic is a value with a destructor of its own, which may panic again:
/// it is dropped inside a second guard, and leaked when even that fails.
pub(crate) fn guard<T>(work: impl FnOnce() -> T) -> Option<T> {
    match catch_unwind(AssertUnwindSafe(work)) {
        Ok(value) => Some(value),
        Err(payload) => {
            drop_payload(payload);
            None
        }
    }
}

fn drop_payload(payload: Box<dyn Any + Send>) {
    if let Err(second) = catch_unwind(AssertUnwindSafe(move || drop(payload))) {
        std::mem::forget(second);
    }
}

/// Sends panic messages to the server's log instead of the standard error of the process.
///
/// A library has a standard library of its own, so that this hook sees the panics of this plugin only.
pub(crate) fn report_panics_to(log: HostLog) {
    static ONCE: Once = Once::new();
    ONCE.call_once(|| {
        std::panic::set_hook(Box::new(move |panic| {
            let place = panic
                .location()
                .map_or_else(String::new, |place| format!(" at {place}"));
            let text = panic.payload_as_str().unwrap_or("a value that is no text");
            log.log(1, "panic", &format!("panicked{place}: {text}"));
        }));
    });
}

#[cfg(test)]
mod tests {
    #![allow(clippy::panic)]
    use super::*;

    #[test]
    fn a_panic_is_none() {
        assert_eq!(guard(|| 7), Some(7));
        assert_eq!(guard(|| -> i32 { panic!("planned") }), None);
    }

    #[test]
    fn a_payload_that_panics_when_dropped_is_none_too() {
        struct Loud;
        impl Drop for Loud {
            fn drop(&mut self) {
                panic!("planned, in drop");
            }
        }
        assert_eq!(guard(|| -> i32 { std::panic::panic_any(Loud) }), None);
    }
}
