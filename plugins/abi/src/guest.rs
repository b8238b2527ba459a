//! From a safe trait to the three functions of a plugin.
//!
//! Every unsafe line that a Rust plugin needs is here, so that the SDK and the councils need none.
//! The functions are plain `extern "C"`: a panic that a [`Guest`] lets escape ends the process where it happened,
//! instead of unwinding into a caller that was built by another compiler.

use alloc::boxed::Box;
use core::ffi::c_void;
use core::mem::{size_of, transmute};

use crate::layout::{Bytes, CallFn, CreateFn, DestroyFn, HostV1, PluginV1, Sink};
use crate::{ABI_MAJOR, ABI_MINOR, FLAG_UNWIND, MAGIC_V1, status};

/// A plugin, seen from inside: bytes in, bytes out, a status number.
///
/// An implementation must not panic: it catches its own panics and returns [`status::PANIC`].
pub trait Guest: Send + Sync + Sized + 'static {
    /// The manifest, as JSON.
    const MANIFEST: &'static str;

    /// Makes an instance, or writes a reason and returns a negative status.
    ///
    /// # Errors
    /// A status number of [`status`].
    fn create(host: HostLog, config: &[u8], reason: &mut Reply<'_>) -> Result<Self, i32>;

    /// Answers one operation and returns a status number.
    fn call(&self, operation: u32, request: &[u8], reply: &mut Reply<'_>) -> i32;

    /// Ends the instance. It is a method and not `Drop` alone, so that a panic in it can be caught.
    fn destroy(self: Box<Self>);
}

/// The server's log, which takes lines from any thread.
#[derive(Clone, Copy, Debug)]
pub struct HostLog {
    host: Option<&'static HostV1>,
}

/// Where an answer is written.
#[derive(Debug)]
pub struct Reply<'a> {
    sink: Option<&'a Sink>,
}

/// The server takes no more bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SinkFull;

impl HostLog {
    /// The highest level that the server wants to hear; 0 when it wants none.
    #[must_use]
    pub fn max_level(self) -> u32 {
        self.host.map_or(0, |host| host.max_level)
    }

    /// Hands one line to the server.
    pub fn log(self, level: u32, target: &str, message: &str) {
        let Some(host) = self.host else { return };
        let Some(log) = host.log else { return };
        if level <= host.max_level {
            // SAFETY: the server promises that `log` may be called with its `ctx` from any thread while the
            // process lives; both texts outlive the call.
            unsafe {
                log(
                    host.ctx,
                    level,
                    Bytes::lend(target.as_bytes()),
                    Bytes::lend(message.as_bytes()),
                )
            }
        }
    }
}

impl Reply<'_> {
    /// Hands bytes to the server.
    ///
    /// # Errors
    /// [`SinkFull`] when the server takes no more.
    pub fn write(&mut self, bytes: &[u8]) -> Result<(), SinkFull> {
        let sink = self.sink.ok_or(SinkFull)?;
        let write = sink.write.ok_or(SinkFull)?;
        // SAFETY: the sink is valid while the call lasts, which this value cannot outlive, and `bytes` is a slice.
        let taken = unsafe { write(sink.ctx, bytes.as_ptr(), bytes.len()) };
        if taken < 0 { Err(SinkFull) } else { Ok(()) }
    }
}

impl Bytes {
    /// Lends a slice for the length of one call.
    #[must_use]
    pub const fn lend(bytes: &[u8]) -> Self {
        Self {
            ptr: bytes.as_ptr(),
            len: bytes.len(),
        }
    }

    /// The bytes as a slice. A null pointer is an empty slice.
    ///
    /// # Safety
    /// If `ptr` is not null, `len` bytes from it must stay readable and unchanged for `'a`.
    #[must_use]
    pub const unsafe fn as_slice<'a>(self) -> &'a [u8] {
        if self.ptr.is_null() || self.len == 0 {
            return &[];
        }
        // SAFETY: not null, and the caller promises the rest.
        unsafe { core::slice::from_raw_parts(self.ptr, self.len) }
    }
}

/// The descriptor of a plugin, to be put into a `static`.
#[must_use]
pub const fn descriptor<G: Guest>() -> PluginV1 {
    PluginV1 {
        magic: MAGIC_V1,
        struct_size: size_of::<PluginV1>() as u32,
        abi_major: ABI_MAJOR,
        abi_minor: ABI_MINOR,
        flags: FLAG_UNWIND,
        reserved: 0,
        manifest: Bytes::lend(G::MANIFEST.as_bytes()),
        create: Some(unwinding_create(create::<G>)),
        destroy: Some(unwinding_destroy(destroy::<G>)),
        call: Some(unwinding_call(call::<G>)),
    }
}

/// Exports a [`Guest`] as this library's plugin.
#[macro_export]
macro_rules! export_guest {
    ($guest:ty) => {
        const _: () = {
            static DESCRIPTOR: $crate::PluginV1 = $crate::guest::descriptor::<$guest>();

            #[allow(
                unsafe_code,
                reason = "the name of the one exported symbol is part of the boundary"
            )]
            #[unsafe(no_mangle)]
            extern "C" fn permanence_plugin_entry_v1() -> *const $crate::PluginV1 {
                &raw const DESCRIPTOR
            }
        };
    };
}

unsafe extern "C" fn create<G: Guest>(
    host: *const HostV1,
    config: Bytes,
    err: *const Sink,
    instance: *mut *mut c_void,
) -> i32 {
    if instance.is_null() {
        return status::BAD_REQUEST;
    }
    // SAFETY: the server's `HostV1` is null or lives as long as the process, as the header says.
    let host = HostLog {
        host: unsafe { host.as_ref() },
    };
    // SAFETY: the server lends `config` and `err` for the length of this call, which neither borrow outlives.
    let (config, mut reason) = unsafe { (config.as_slice(), Reply { sink: err.as_ref() }) };
    match G::create(host, config, &mut reason) {
        Ok(guest) => {
            // SAFETY: not null, and the server hands in a place for one pointer.
            unsafe { instance.write(Box::into_raw(Box::new(guest)).cast()) };
            status::OK
        }
        Err(status) if status < 0 => status,
        Err(_) => status::INTERNAL,
    }
}

unsafe extern "C" fn destroy<G: Guest>(instance: *mut c_void) {
    if !instance.is_null() {
        // SAFETY: `create` made this pointer from a `Box<G>`, and the server destroys an instance once,
        // when no call uses it any longer.
        G::destroy(unsafe { Box::from_raw(instance.cast::<G>()) });
    }
}

unsafe extern "C" fn call<G: Guest>(
    instance: *mut c_void,
    operation: u32,
    request: Bytes,
    reply: *const Sink,
) -> i32 {
    // SAFETY: `create` made this pointer from a `Box<G>`, and the server does not destroy it during a call;
    // `G` is `Sync`, so that many threads may share it.
    let Some(guest) = (unsafe { instance.cast::<G>().as_ref() }) else {
        return status::BAD_REQUEST;
    };
    // SAFETY: the server lends `request` and `reply` for the length of this call, which neither borrow outlives.
    let (request, mut reply) = unsafe {
        (
            request.as_slice(),
            Reply {
                sink: reply.as_ref(),
            },
        )
    };
    guest.call(operation, request, &mut reply)
}

const fn unwinding_create(
    function: unsafe extern "C" fn(*const HostV1, Bytes, *const Sink, *mut *mut c_void) -> i32,
) -> CreateFn {
    // SAFETY: a caller by `C-unwind` may call a function by `C`: same registers, same stack, and it never unwinds.
    unsafe { transmute(function) }
}

const fn unwinding_destroy(function: unsafe extern "C" fn(*mut c_void)) -> DestroyFn {
    // SAFETY: as in `unwinding_create`.
    unsafe { transmute(function) }
}

const fn unwinding_call(
    function: unsafe extern "C" fn(*mut c_void, u32, Bytes, *const Sink) -> i32,
) -> CallFn {
    // SAFETY: as in `unwinding_create`.
    unsafe { transmute(function) }
}
