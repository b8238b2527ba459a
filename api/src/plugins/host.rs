//! What the server lends to a plugin: a log and a place for its reply.
#![expect(
    unsafe_code,
    reason = "these functions are called by a library through the C boundary"
)]

use std::ffi::c_void;
use std::panic::{AssertUnwindSafe, catch_unwind};

use permanence_plugin_abi::{ABI_MAJOR, ABI_MINOR, Bytes, HostV1, Sink};
use tracing::level_filters::LevelFilter;

/// The longest log line that is taken from a plugin, in bytes.
const LOG_LINE_LIMIT: usize = 4 * 1024;

/// Where a reply arrives. The server copies what the plugin writes, up to a limit.
#[derive(Debug)]
pub struct ReplyBuffer {
    bytes: Vec<u8>,
    limit: usize,
    fault: Option<ReplyFault>,
}

/// What was wrong with the way a reply was written; it outlives the plugin's own opinion of its success.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ReplyFault {
    /// More bytes than the limit.
    TooLong,
    /// A null pointer with a length.
    NullBytes,
}

/// The name under which a plugin's log lines appear.
struct LogContext {
    plugin: String,
}

impl ReplyBuffer {
    /// An empty buffer that takes at most `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self {
            bytes: Vec::new(),
            limit,
            fault: None,
        }
    }

    /// The sink to hand to a plugin. It must not be used after this buffer moves or ends.
    pub fn sink(&mut self) -> Sink {
        Sink {
            ctx: (&raw mut *self).cast(),
            write: Some(write),
        }
    }

    /// What was written, or what was wrong with it.
    ///
    /// # Errors
    /// The first fault, even if the plugin reported success.
    pub fn into_bytes(self) -> Result<Vec<u8>, ReplyFault> {
        match self.fault {
            Some(fault) => Err(fault),
            None => Ok(self.bytes),
        }
    }

    fn push(&mut self, bytes: Option<&[u8]>) -> i32 {
        let fault = match bytes {
            None => ReplyFault::NullBytes,
            Some(bytes) if bytes.len() > self.limit.saturating_sub(self.bytes.len()) => {
                ReplyFault::TooLong
            }
            Some(bytes) if self.fault.is_none() => {
                self.bytes.extend_from_slice(bytes);
                return 0;
            }
            Some(_) => return -1,
        };
        self.fault.get_or_insert(fault);
        -1
    }
}

/// Makes the host description for one plugin. It lives as long as the process, as the boundary promises.
pub fn describe(plugin: &str) -> &'static HostV1 {
    let context: &'static LogContext = Box::leak(Box::new(LogContext {
        plugin: plugin.to_owned(),
    }));
    Box::leak(Box::new(HostV1 {
        struct_size: const { size_of::<HostV1>() as u32 },
        abi_major: ABI_MAJOR,
        abi_minor: ABI_MINOR,
        ctx: (&raw const *context).cast(),
        log: Some(log),
        max_level: wanted_level(),
        reserved: 0,
    }))
}

fn wanted_level() -> u32 {
    match LevelFilter::current() {
        LevelFilter::OFF => 0,
        LevelFilter::ERROR => 1,
        LevelFilter::WARN => 2,
        LevelFilter::INFO => 3,
        LevelFilter::DEBUG => 4,
        _ => 5,
    }
}

unsafe extern "C-unwind" fn write(ctx: *mut c_void, ptr: *const u8, len: usize) -> i32 {
    // SAFETY: `ctx` is the `ReplyBuffer` that `sink` was called on; it outlives the call that the sink was lent for,
    // and the boundary forbids writing from two threads at once.
    let Some(buffer) = (unsafe { ctx.cast::<ReplyBuffer>().as_mut() }) else {
        return -1;
    };
    if ptr.is_null() && len > 0 {
        return buffer.push(None);
    }
    // The limit is looked at before the bytes are: a plugin that claims more than it may is not read at all.
    if len > buffer.limit {
        buffer.fault.get_or_insert(ReplyFault::TooLong);
        return -1;
    }
    // SAFETY: the plugin lends `len` bytes for the length of this call.
    buffer.push(Some(unsafe { Bytes { ptr, len }.as_slice() }))
}

unsafe extern "C-unwind" fn log(ctx: *const c_void, level: u32, target: Bytes, message: Bytes) {
    // SAFETY: `ctx` is the leaked `LogContext` of `describe`.
    let Some(context) = (unsafe { ctx.cast::<LogContext>().as_ref() }) else {
        return;
    };
    // SAFETY: the plugin lends both texts for the length of this call.
    let (target, message) = unsafe { (target.as_slice(), message.as_slice()) };
    // A subscriber that panics must not unwind into the plugin.
    let _ = catch_unwind(AssertUnwindSafe(|| {
        emit(
            &context.plugin,
            level,
            &readable(target),
            &readable(message),
        )
    }));
}

fn emit(plugin: &str, level: u32, module: &str, message: &str) {
    match level {
        0 | 1 => tracing::error!(plugin, module, "{message}"),
        2 => tracing::warn!(plugin, module, "{message}"),
        3 => tracing::info!(plugin, module, "{message}"),
        4 => tracing::debug!(plugin, module, "{message}"),
        _ => tracing::trace!(plugin, module, "{message}"),
    }
}

/// Text for a log line: bounded, and without line breaks that would let a plugin write lines of its own.
fn readable(bytes: &[u8]) -> String {
    let shown = bytes.get(..LOG_LINE_LIMIT).unwrap_or(bytes);
    String::from_utf8_lossy(shown)
        .chars()
        .map(|c| if c.is_control() { ' ' } else { c })
        .collect()
}

#[cfg(test)]
mod tests {
    #![allow(clippy::unwrap_used)]
    use super::*;

    fn write_to(buffer: &mut ReplyBuffer, ptr: *const u8, len: usize) -> i32 {
        let sink = buffer.sink();
        // SAFETY: the buffer outlives this call.
        unsafe { sink.write.unwrap()(sink.ctx, ptr, len) }
    }

    #[test]
    fn what_is_written_arrives_in_order() {
        let mut buffer = ReplyBuffer::new(10);
        assert_eq!(write_to(&mut buffer, b"abc".as_ptr(), 3), 0);
        assert_eq!(write_to(&mut buffer, std::ptr::null(), 0), 0);
        assert_eq!(write_to(&mut buffer, b"defghij".as_ptr(), 7), 0);
        assert_eq!(buffer.into_bytes().unwrap(), b"abcdefghij");
    }

    #[test]
    fn one_byte_too_many_spoils_the_reply_for_good() {
        let mut buffer = ReplyBuffer::new(2);
        assert_eq!(write_to(&mut buffer, b"abc".as_ptr(), 3), -1);
        assert_eq!(write_to(&mut buffer, b"a".as_ptr(), 1), -1);
        assert_eq!(buffer.into_bytes(), Err(ReplyFault::TooLong));
    }

    #[test]
    fn a_null_pointer_with_a_length_is_not_read() {
        let mut buffer = ReplyBuffer::new(10);
        assert_eq!(write_to(&mut buffer, std::ptr::null(), 5), -1);
        assert_eq!(buffer.into_bytes(), Err(ReplyFault::NullBytes));
    }

    #[test]
    fn a_log_line_stays_one_line() {
        assert_eq!(readable(b"one\ntwo\x1b[31m\xff"), "one two [31m\u{fffd}");
        assert_eq!(readable(&[b'x'; 2 * LOG_LINE_LIMIT]).len(), LOG_LINE_LIMIT);
    }
}
