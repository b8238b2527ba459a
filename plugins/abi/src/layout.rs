//! The structs of the boundary, as the header declares them.
//!
//! Function pointers are `Option`s of `C-unwind` functions: a null pointer is then a value that can be looked at,
//! and a foreign exception that crosses the boundary ends the process in a defined way instead of being undefined.

use core::ffi::c_void;
use core::mem::{align_of, offset_of, size_of};

/// Bytes lent for the length of one call.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Bytes {
    /// First byte; may be null when `len` is 0.
    pub ptr: *const u8,
    /// How many bytes.
    pub len: usize,
}

/// Where a plugin writes its reply; the server copies what it is given.
#[repr(C)]
#[derive(Clone, Copy, Debug)]
pub struct Sink {
    /// Handed back to `write` unchanged.
    pub ctx: *mut c_void,
    /// Takes bytes; a negative answer means that it takes no more.
    pub write: Option<WriteFn>,
}

/// What the server offers to a plugin.
#[repr(C)]
#[derive(Debug)]
pub struct HostV1 {
    /// Size of this struct in bytes.
    pub struct_size: u32,
    /// Major version of the layout.
    pub abi_major: u16,
    /// Minor version of the layout.
    pub abi_minor: u16,
    /// Handed back to `log` unchanged.
    pub ctx: *const c_void,
    /// Takes one log line, from any thread.
    pub log: Option<LogFn>,
    /// Lines above this level are not wanted; 0 is off, 5 is everything.
    pub max_level: u32,
    /// Zero.
    pub reserved: u32,
}

/// What a plugin offers to the server.
#[repr(C)]
#[derive(Debug)]
pub struct PluginV1 {
    /// [`crate::MAGIC_V1`].
    pub magic: u64,
    /// Size of this struct in bytes.
    pub struct_size: u32,
    /// Major version of the layout.
    pub abi_major: u16,
    /// Minor version of the layout.
    pub abi_minor: u16,
    /// [`crate::FLAG_UNWIND`], [`crate::FLAG_SERIAL`].
    pub flags: u32,
    /// Zero.
    pub reserved: u32,
    /// Static JSON: who this plugin is and which operations it answers.
    pub manifest: Bytes,
    /// Makes an instance.
    pub create: Option<CreateFn>,
    /// Ends an instance.
    pub destroy: Option<DestroyFn>,
    /// Answers one operation.
    pub call: Option<CallFn>,
}

/// Takes reply bytes.
pub type WriteFn = unsafe extern "C-unwind" fn(ctx: *mut c_void, ptr: *const u8, len: usize) -> i32;

/// Takes one log line.
pub type LogFn =
    unsafe extern "C-unwind" fn(ctx: *const c_void, level: u32, target: Bytes, message: Bytes);

/// Makes an instance from a configuration document.
pub type CreateFn = unsafe extern "C-unwind" fn(
    host: *const HostV1,
    config: Bytes,
    err: *const Sink,
    instance: *mut *mut c_void,
) -> i32;

/// Ends an instance.
pub type DestroyFn = unsafe extern "C-unwind" fn(instance: *mut c_void);

/// Answers one operation.
pub type CallFn = unsafe extern "C-unwind" fn(
    instance: *mut c_void,
    operation: u32,
    request: Bytes,
    reply: *const Sink,
) -> i32;

/// The exported symbol.
pub type EntryFn = unsafe extern "C-unwind" fn() -> *const PluginV1;

// SAFETY: a plugin's descriptor is static and never written after the library was built;
// its pointers lead to static bytes and to functions, which any thread may read and call.
unsafe impl Sync for PluginV1 {}

// SAFETY: the server writes its `HostV1` once, before any plugin sees it, and requires of `ctx` and `log`
// that they may be used from any thread.
unsafe impl Sync for HostV1 {}

#[cfg(target_pointer_width = "64")]
const _: () = {
    assert!(size_of::<Bytes>() == 16 && align_of::<Bytes>() == 8);
    assert!(size_of::<Sink>() == 16 && align_of::<Sink>() == 8);
    assert!(size_of::<HostV1>() == 32 && align_of::<HostV1>() == 8);
    assert!(size_of::<PluginV1>() == 64 && align_of::<PluginV1>() == 8);
    assert!(offset_of!(Bytes, ptr) == 0 && offset_of!(Bytes, len) == 8);
    assert!(offset_of!(Sink, ctx) == 0 && offset_of!(Sink, write) == 8);
    assert!(offset_of!(HostV1, struct_size) == 0 && offset_of!(HostV1, abi_major) == 4);
    assert!(offset_of!(HostV1, abi_minor) == 6 && offset_of!(HostV1, ctx) == 8);
    assert!(offset_of!(HostV1, log) == 16 && offset_of!(HostV1, max_level) == 24);
    assert!(offset_of!(HostV1, reserved) == 28);
    assert!(offset_of!(PluginV1, magic) == 0 && offset_of!(PluginV1, struct_size) == 8);
    assert!(offset_of!(PluginV1, abi_major) == 12 && offset_of!(PluginV1, abi_minor) == 14);
    assert!(offset_of!(PluginV1, flags) == 16 && offset_of!(PluginV1, reserved) == 20);
    assert!(offset_of!(PluginV1, manifest) == 24 && offset_of!(PluginV1, create) == 40);
    assert!(offset_of!(PluginV1, destroy) == 48 && offset_of!(PluginV1, call) == 56);
};
