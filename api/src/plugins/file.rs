//! Opening a library so that what was checked is what will be mapped.
//!
//! The path is walked once, without symbolic links; everything after that works on the open descriptor.
//! A path that is swapped after the check therefore changes nothing.

use std::fs::File;
use std::io::Read as _;
use std::os::fd::{AsFd, OwnedFd};
use std::path::Path;

use rustix::fs::{CWD, FileType, Mode, OFlags, ResolveFlags, Stat, fstat, openat2};

use super::digest::Digest;
use super::problem::{LoadCode, LoadProblem};

/// The largest library that is read.
pub const LIBRARY_LIMIT: u64 = 64 * 1024 * 1024;

/// Who may own a library and the folders above it, and what happens when others may write there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Trust {
    /// A user besides root who may own them.
    pub owner: Option<u32>,
    /// Say what is not protected and go on, instead of refusing: for checkouts under a shared temporary folder.
    pub only_warn: bool,
}

/// A library that was opened, checked and hashed, but not yet mapped.
#[derive(Debug)]
pub struct CheckedFile {
    /// The open descriptor: the one that is mapped later.
    pub descriptor: OwnedFd,
    /// The SHA-256 of its bytes.
    pub digest: Digest,
    /// What is not protected, where that is tolerated.
    pub warnings: Vec<LoadProblem>,
}

impl Trust {
    /// Root owns everything, and nobody else may write.
    pub const PRODUCTION: Self = Self {
        owner: None,
        only_warn: false,
    };

    /// The developer's own files, and warnings instead of refusals.
    #[must_use]
    pub fn development() -> Self {
        Self {
            owner: Some(rustix::process::geteuid().as_raw()),
            only_warn: true,
        }
    }
}

/// Opens a library, checks that only trusted users can change it, and compares it with its pin.
///
/// # Errors
/// Everything that is wrong with the file.
pub fn open(
    path: &Path,
    trust: Trust,
    pin: Option<Digest>,
) -> Result<CheckedFile, Vec<LoadProblem>> {
    let (folder, file) = open_without_links(path)?;
    let shape = stat(&file)?;
    if FileType::from_raw_mode(shape.st_mode) != FileType::RegularFile {
        return Err(refused("this is not a regular file").into());
    }
    let size = u64::try_from(shape.st_size).unwrap_or(u64::MAX);
    if size > LIBRARY_LIMIT {
        return Err(refused(format!(
            "the file has {size} bytes; a library may have {LIBRARY_LIMIT}"
        ))
        .into());
    }

    let mut unprotected = Vec::new();
    check_owner_and_mode(&shape, "the file", trust, &mut unprotected);
    check_folders(folder, trust, &mut unprotected)?;

    let mut problems = if trust.only_warn {
        Vec::new()
    } else {
        std::mem::take(&mut unprotected)
    };
    let mut file = File::from(file);
    let digest = Digest::of_all(&mut file.by_ref().take(LIBRARY_LIMIT + 1))
        .map_err(|error| refused(format!("the file cannot be read: {error}")))?;
    if let Some(pin) = pin.filter(|pin| *pin != digest) {
        problems.push(LoadProblem::new(
            LoadCode::DigestMismatch,
            format!("the configuration pins SHA-256 {pin}, but this file has {digest}"),
        ));
    }
    if problems.is_empty() {
        Ok(CheckedFile {
            descriptor: file.into(),
            digest,
            warnings: unprotected,
        })
    } else {
        Err(problems)
    }
}

/// Opens the folder and then the file in it, each without following a symbolic link anywhere on the way.
fn open_without_links(path: &Path) -> Result<(OwnedFd, OwnedFd), LoadProblem> {
    let name = path
        .file_name()
        .ok_or_else(|| refused("the path names no file"))?;
    let parent = match path.parent() {
        Some(parent) if !parent.as_os_str().is_empty() => parent,
        _ => Path::new("."),
    };
    let links = ResolveFlags::NO_SYMLINKS | ResolveFlags::NO_MAGICLINKS;
    let folder_flags = OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC;
    let folder = openat2(CWD, parent, folder_flags, Mode::empty(), links)
        .map_err(|errno| cannot_open("its folder", errno))?;
    // Without NONBLOCK a named pipe would keep the start waiting for a writer.
    let file_flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::CLOEXEC;
    let file = openat2(
        &folder,
        name,
        file_flags,
        Mode::empty(),
        links | ResolveFlags::BENEATH,
    )
    .map_err(|errno| cannot_open("the file", errno))?;
    Ok((folder, file))
}

/// Checks the folder and every folder above it, from the open descriptor upwards.
fn check_folders(
    folder: OwnedFd,
    trust: Trust,
    unprotected: &mut Vec<LoadProblem>,
) -> Result<(), LoadProblem> {
    let mut current = folder;
    let mut shape = stat(&current)?;
    let mut height = 0_usize;
    loop {
        let what = match height {
            0 => "its folder".to_owned(),
            height => format!("the folder {height} above its folder"),
        };
        check_owner_and_mode(&shape, &what, trust, unprotected);
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        let above = openat2(&current, "..", flags, Mode::empty(), ResolveFlags::empty())
            .map_err(|errno| cannot_open("a folder above it", errno))?;
        let above_shape = stat(&above)?;
        if (above_shape.st_dev, above_shape.st_ino) == (shape.st_dev, shape.st_ino) {
            return Ok(());
        }
        (current, shape, height) = (above, above_shape, height + 1);
    }
}

/// Says who, besides the trusted owners, may change this file or folder.
fn check_owner_and_mode(
    shape: &Stat,
    what: &str,
    trust: Trust,
    unprotected: &mut Vec<LoadProblem>,
) {
    let owner = shape.st_uid;
    if owner != 0 && Some(owner) != trust.owner {
        unprotected.push(LoadProblem::new(
            LoadCode::NotProtected,
            format!("{what} belongs to user {owner}, who is not trusted: it must belong to root"),
        ));
    }
    // In a sticky folder such as /tmp others may add files, but not replace this one.
    let is_folder = FileType::from_raw_mode(shape.st_mode) == FileType::Directory;
    let sticky = is_folder && shape.st_mode & 0o1000 != 0;
    let mode = shape.st_mode & 0o777;
    if mode & 0o022 != 0 && !sticky {
        unprotected.push(LoadProblem::new(
            LoadCode::NotProtected,
            format!(
                "{what} may be written by its group or by everybody (mode {mode:04o}): chmod go-w"
            ),
        ));
    }
}

fn stat(descriptor: impl AsFd) -> Result<Stat, LoadProblem> {
    fstat(descriptor).map_err(|errno| refused(format!("the file cannot be examined: {errno}")))
}

fn cannot_open(what: &str, errno: rustix::io::Errno) -> LoadProblem {
    match errno {
        rustix::io::Errno::LOOP => refused(format!(
            "{what} is reached through a symbolic link; name the real path"
        )),
        rustix::io::Errno::NOENT => refused(format!("{what} does not exist")),
        errno => refused(format!("{what} cannot be opened: {errno}")),
    }
}

fn refused(message: impl Into<String>) -> LoadProblem {
    LoadProblem::new(LoadCode::FileRefused, message)
}
