#![doc = include_str!("../README.md")]
#![no_std]
#![expect(
    unsafe_code,
    reason = "the layout of the boundary is made of raw pointers; each block says why it is sound"
)]

extern crate alloc;

pub mod guest;
mod layout;

pub use layout::{
    Bytes, CallFn, CreateFn, DestroyFn, EntryFn, HostV1, LogFn, PluginV1, Sink, WriteFn,
};

/// The bytes `PERMPLG1`, read as a little-endian number: the first field of every plugin.
pub const MAGIC_V1: u64 = u64::from_le_bytes(*b"PERMPLG1");

/// The name of the one symbol that a plugin exports. The `1` in it is the major version of the layout.
pub const ENTRY_SYMBOL_V1: &str = "permanence_plugin_entry_v1";

/// Major version of the layout: what differs here cannot be loaded.
pub const ABI_MAJOR: u16 = 1;

/// Minor version of the layout: what differs here can be loaded.
pub const ABI_MINOR: u16 = 0;

/// A plugin that catches its own panics and answers them with [`status::PANIC`].
pub const FLAG_UNWIND: u32 = 1;

/// A plugin that takes one call at a time.
pub const FLAG_SERIAL: u32 = 2;

/// The most questions that one call of [`operation::CODED`] may carry.
pub const BATCH_LIMIT: usize = 1_000;

/// The most bytes that a request or a reply may have.
pub const BODY_LIMIT: usize = 8 * 1024 * 1024;

/// What the functions of a plugin return.
///
/// A negative number that is not listed here is read as [`status::INTERNAL`].
pub mod status {
    /// The reply is complete.
    pub const OK: i32 = 0;
    /// The plugin does not answer that operation.
    pub const UNSUPPORTED: i32 = -1;
    /// The plugin could not read the request.
    pub const BAD_REQUEST: i32 = -2;
    /// The council's rule refuses to answer these facts; the body says code, message and clause.
    pub const RULE_ERROR: i32 = -3;
    /// The plugin failed.
    pub const INTERNAL: i32 = -4;
    /// The plugin panicked and caught it.
    pub const PANIC: i32 = -5;
    /// The sink took no more bytes.
    pub const OUTPUT_LIMIT: i32 = -6;
}

/// The operations of the boundary.
pub mod operation {
    /// No request; the reply is the council's rulebook as one JSON document.
    pub const RULEBOOK: u32 = 1;
    /// Questions that the rulebook leaves to the plugin's own code, at most [`crate::BATCH_LIMIT`] in one call.
    pub const CODED: u32 = 2;
}
