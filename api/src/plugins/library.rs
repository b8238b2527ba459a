//! A mapped library and the instances that are made of it: the only place that calls into foreign code.
//!
//! A library is never unmapped. After an unload it would be unknown whether code of it still runs,
//! and a second load under the same name could hand out the first library.
#![expect(
    unsafe_code,
    reason = "mapping a library and calling its functions cannot be checked by the compiler"
)]

use std::ffi::{c_int, c_void};
use std::mem::{align_of, size_of};
use std::os::fd::{AsRawFd as _, IntoRawFd as _, OwnedFd};

use libloading::os::unix::{Library as Mapped, RTLD_LOCAL, RTLD_NOW, Symbol};
use permanence_plugin_abi::{
    ABI_MAJOR, BODY_LIMIT, Bytes, CallFn, CreateFn, DestroyFn, ENTRY_SYMBOL_V1, EntryFn,
    FLAG_SERIAL, HostV1, MAGIC_V1, PluginV1, status,
};

use super::host::{ReplyBuffer, ReplyFault, describe};
use super::problem::{LoadCode, LoadProblem};

/// `RTLD_NODELETE` of the Linux C libraries; the loader crate does not name it.
const RTLD_NODELETE: c_int = 0x1000;

/// The longest manifest that is read.
const MANIFEST_LIMIT: usize = 64 * 1024;

/// The longest reason that a failing `create` may give.
const REASON_LIMIT: usize = 4 * 1024;

/// A mapped plugin. It is leaked: it lives as long as the process.
#[derive(Debug)]
pub struct Library {
    host: &'static HostV1,
    flags: u32,
    manifest: Vec<u8>,
    create: CreateFn,
    destroy: DestroyFn,
    call: CallFn,
}

/// One instance of a plugin. Dropping it ends it.
#[derive(Debug)]
pub struct Instance {
    library: &'static Library,
    handle: Handle,
}

/// What came back from a call that the plugin did not answer.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CallFailure {
    /// A negative status, with the body that came with it.
    Status(i32, Vec<u8>),
    /// The reply was written in a way that the boundary forbids.
    Reply(ReplyFault),
}

#[derive(Debug)]
struct Handle(*mut c_void);

// SAFETY: the boundary requires that an instance may be called from many threads at once, and moved between them.
// A plugin that sets FLAG_SERIAL is called by one thread only: `Library::is_serial` tells the pool.
unsafe impl Send for Handle {}
// SAFETY: as above.
unsafe impl Sync for Handle {}

impl Library {
    /// Maps an opened library and reads its descriptor. Code of the library runs here for the first time.
    ///
    /// # Errors
    /// What is wrong with it.
    pub fn map(descriptor: OwnedFd, name: &str) -> Result<&'static Self, LoadProblem> {
        // The descriptor stays open for good: the dynamic linker remembers libraries by the name they were opened
        // with, so that a number that is used again would hand out the library that had it before.
        let path = format!("/proc/self/fd/{}", descriptor.as_raw_fd());
        let _ = descriptor.into_raw_fd();
        // SAFETY: the file's constructors run here. They are trusted as far as any native library can be:
        // owner, mode and digest were checked, and a child process has gone through the same steps before.
        let mapped =
            unsafe { Mapped::open(Some(path.as_str()), RTLD_NOW | RTLD_LOCAL | RTLD_NODELETE) }
                .map_err(|error| {
                    LoadProblem::new(LoadCode::NotALibrary, not_loadable(&error, &path))
                })?;
        // SAFETY: the header declares this symbol with this type.
        let entry: Symbol<EntryFn> = unsafe { mapped.get(ENTRY_SYMBOL_V1) }.map_err(|_| {
            LoadProblem::new(
                LoadCode::NoEntry,
                format!("it exports no symbol {ENTRY_SYMBOL_V1}: it is no permanence plugin, or its export line is missing"),
            )
        })?;
        // SAFETY: as above; the function takes nothing.
        let plugin = unsafe { entry() };
        std::mem::forget(mapped);
        let library = Self::read(plugin, describe(name))?;
        Ok(Box::leak(Box::new(library)))
    }

    /// The manifest's bytes.
    pub fn manifest(&self) -> &[u8] {
        &self.manifest
    }

    /// Whether one thread at a time may call an instance.
    pub fn is_serial(&self) -> bool {
        self.flags & FLAG_SERIAL != 0
    }

    /// Makes an instance.
    ///
    /// # Errors
    /// The reason that the plugin gave.
    pub fn create(&'static self, config: &[u8]) -> Result<Instance, LoadProblem> {
        let mut reason = ReplyBuffer::new(REASON_LIMIT);
        let sink = reason.sink();
        let mut handle = std::ptr::null_mut();
        // SAFETY: every pointer is valid for the length of the call; `host` for the life of the process.
        let status = unsafe {
            (self.create)(
                self.host,
                Bytes::lend(config),
                &raw const sink,
                &raw mut handle,
            )
        };
        if status == status::OK {
            return Ok(Instance {
                library: self,
                handle: Handle(handle),
            });
        }
        let reason = reason.into_bytes().unwrap_or_default();
        let said = serde_json::from_slice::<CreateReason>(&reason).map(|reason| reason.message);
        let panicked = if status == status::PANIC {
            "panicked while starting"
        } else {
            "refused to start"
        };
        Err(LoadProblem::new(
            LoadCode::CreateFailed,
            match said {
                Ok(said) => format!("it {panicked}: {said}"),
                Err(_) => format!("it {panicked} (status {status}) and gave no reason"),
            },
        ))
    }

    /// Reads the descriptor field by field, so that nothing behind a wrong magic or size is touched.
    fn read(plugin: *const PluginV1, host: &'static HostV1) -> Result<Self, LoadProblem> {
        if plugin.is_null() {
            return Err(bad_descriptor("its entry function returned null"));
        }
        if !plugin.addr().is_multiple_of(align_of::<PluginV1>()) {
            return Err(bad_descriptor(
                "its entry function returned a misaligned pointer",
            ));
        }
        // SAFETY: not null and aligned; a pointer into nowhere was met by the probing process first.
        let magic = unsafe { (&raw const (*plugin).magic).read() };
        if magic != MAGIC_V1 {
            return Err(bad_descriptor(format!(
                "its descriptor begins with {magic:#018x} instead of {MAGIC_V1:#018x}"
            )));
        }
        // SAFETY: the magic says that a header of version 1 stands here.
        let (size, major) = unsafe {
            (
                (&raw const (*plugin).struct_size).read(),
                (&raw const (*plugin).abi_major).read(),
            )
        };
        if major != ABI_MAJOR {
            return Err(LoadProblem::new(
                LoadCode::WrongVersion,
                format!(
                    "it was made for version {major} of the boundary; this server speaks version {ABI_MAJOR}"
                ),
            ));
        }
        let expected = size_of::<PluginV1>();
        if usize::try_from(size).unwrap_or(0) < expected {
            return Err(bad_descriptor(format!(
                "its descriptor says that it has {size} bytes; version 1 has {expected}"
            )));
        }
        // SAFETY: the size covers every field, and a descriptor is static.
        let plugin: &'static PluginV1 = unsafe { &*plugin };
        let (Some(create), Some(destroy), Some(call)) =
            (plugin.create, plugin.destroy, plugin.call)
        else {
            return Err(bad_descriptor("one of its three functions is null"));
        };
        if plugin.manifest.ptr.is_null() {
            return Err(LoadProblem::new(
                LoadCode::BadManifest,
                "its manifest is null",
            ));
        }
        if plugin.manifest.len > MANIFEST_LIMIT {
            let len = plugin.manifest.len;
            return Err(LoadProblem::new(
                LoadCode::BadManifest,
                format!("its manifest has {len} bytes; a manifest may have {MANIFEST_LIMIT}"),
            ));
        }
        // SAFETY: not null, bounded, and static as the header says.
        let manifest = unsafe { plugin.manifest.as_slice() }.to_vec();
        Ok(Self {
            host,
            flags: plugin.flags,
            manifest,
            create,
            destroy,
            call,
        })
    }
}

impl Instance {
    /// Calls one operation. It takes as long as the plugin takes: call it on a thread that may be lost.
    ///
    /// # Errors
    /// The status and its body, or what was wrong with the reply.
    pub fn call(&self, operation: u32, request: &[u8]) -> Result<Vec<u8>, CallFailure> {
        let (status, reply) = self.call_into(operation, request, BODY_LIMIT);
        let bytes = reply.map_err(CallFailure::Reply)?;
        if status == status::OK {
            Ok(bytes)
        } else {
            Err(CallFailure::Status(status, bytes))
        }
    }

    /// Calls one operation with room for so many bytes, and gives what the plugin said of it and what it wrote.
    pub fn call_into(
        &self,
        operation: u32,
        request: &[u8],
        limit: usize,
    ) -> (i32, Result<Vec<u8>, ReplyFault>) {
        let mut reply = ReplyBuffer::new(limit);
        let sink = reply.sink();
        // SAFETY: the handle came from `create` of the same library and is destroyed only by `drop`;
        // request and sink are valid for the length of the call.
        let status = unsafe {
            (self.library.call)(
                self.handle.0,
                operation,
                Bytes::lend(request),
                &raw const sink,
            )
        };
        (status, reply.into_bytes())
    }
}

impl Drop for Instance {
    fn drop(&mut self) {
        // SAFETY: the handle came from `create` of the same library; this is its one end, and nobody else holds it.
        unsafe { (self.library.destroy)(self.handle.0) }
    }
}

#[derive(serde::Deserialize)]
struct CreateReason {
    message: String,
}

fn bad_descriptor(message: impl Into<String>) -> LoadProblem {
    LoadProblem::new(LoadCode::BadDescriptor, message)
}

/// The dynamic linker's own words, without the path that only this process understands.
fn not_loadable(error: &libloading::Error, path: &str) -> String {
    let said = match error {
        libloading::Error::DlOpen { source } => source.to_string(),
        other => other.to_string(),
    };
    let said = said.trim_start_matches(path).trim_start_matches(": ");
    format!("it is not a library that this machine can load: {said}")
}
