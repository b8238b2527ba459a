//! A library is loaded only from where nobody but trusted users can put another in its place.

use std::fs::{self, Permissions};
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};

use permanence_api::plugins::file::{self, Trust};
use permanence_api::plugins::problem::{LoadCode, LoadProblem};
use permanence_api::plugins::{Digest, load};
use tempfile::TempDir;

use super::workshop::*;

/// A copy of the good plugin in a folder of its own.
fn placed() -> (TempDir, PathBuf) {
    let folder = tempfile::tempdir().unwrap();
    let library = folder.path().join("libpermanence_council_anytown.so");
    fs::copy(c_plugin(&[]), &library).unwrap();
    set_mode(&library, 0o644);
    (folder, library)
}

fn set_mode(path: &Path, mode: u32) {
    fs::set_permissions(path, Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_file_that_a_group_may_write_is_refused() {
    let (_folder, library) = placed();
    for mode in [0o664, 0o666, 0o646] {
        set_mode(&library, mode);
        let message = format!(
            "the file may be written by its group or by everybody (mode {mode:04o}): chmod go-w"
        );
        assert_refused(&library, LoadCode::NotProtected, &message);
    }
    set_mode(&library, 0o644);
    council(&settings(&[&library]));
}

#[test]
fn a_folder_that_others_may_write_is_refused_wherever_it_is_on_the_way() {
    let folder = tempfile::tempdir().unwrap();
    let below = folder.path().join("open/closed");
    fs::create_dir_all(&below).unwrap();
    let library = below.join("libpermanence_council_anytown.so");
    fs::copy(c_plugin(&[]), &library).unwrap();
    set_mode(&library, 0o644);
    council(&settings(&[&library]));

    set_mode(&below, 0o777);
    assert_refused(
        &library,
        LoadCode::NotProtected,
        "its folder may be written by its group or by everybody (mode 0777): chmod go-w",
    );
    set_mode(&below, 0o755);
    set_mode(&folder.path().join("open"), 0o775);
    assert_refused(
        &library,
        LoadCode::NotProtected,
        "the folder 1 above its folder may be written by its group or by everybody (mode 0775): chmod go-w",
    );
}

#[test]
fn a_file_of_somebody_else_is_refused() {
    let (_folder, library) = placed();
    let owner = fs::metadata(&library)
        .map(|file| std::os::unix::fs::MetadataExt::uid(&file))
        .unwrap();
    // Only root can give a file away; everybody else already owns one that production does not trust.
    let stranger = match owner {
        0 => std::os::unix::fs::chown(&library, Some(4242), None)
            .map(|()| 4242)
            .unwrap(),
        own => own,
    };
    let problems = file::open(&library, Trust::PRODUCTION, None).unwrap_err();
    let message =
        format!("the file belongs to user {stranger}, who is not trusted: it must belong to root");
    assert!(
        problems.contains(&LoadProblem::new(LoadCode::NotProtected, message)),
        "{problems:?}"
    );
}

#[test]
fn symbolic_links_are_refused_wherever_they_are_on_the_way() {
    let (folder, library) = placed();
    let link = folder.path().join("libpermanence_council_link.so");
    symlink(&library, &link).unwrap();
    assert_refused(
        &link,
        LoadCode::FileRefused,
        "the file is reached through a symbolic link; name the real path",
    );
    let linked_folder = tempfile::tempdir().unwrap();
    let way = linked_folder.path().join("way");
    symlink(folder.path(), &way).unwrap();
    assert_refused(
        &way.join("libpermanence_council_anytown.so"),
        LoadCode::FileRefused,
        "its folder is reached through a symbolic link; name the real path",
    );
}

#[test]
fn what_is_no_regular_file_is_refused() {
    let (folder, library) = placed();
    assert_refused(
        folder.path(),
        LoadCode::FileRefused,
        "this is not a regular file",
    );
    assert_refused(
        &folder.path().join("absent.so"),
        LoadCode::FileRefused,
        "the file does not exist",
    );
    fs::File::options()
        .write(true)
        .open(&library)
        .unwrap()
        .set_len(64 * 1024 * 1024 + 1)
        .unwrap();
    assert_refused(
        &library,
        LoadCode::FileRefused,
        "the file has 67108865 bytes; a library may have 67108864",
    );
}

#[test]
fn a_file_that_is_not_the_pinned_one_is_refused() {
    let (_folder, library) = placed();
    let settings = settings(&[&library]);
    fs::copy(rust_plugin("panics_in_calls"), &library).unwrap();
    let (pinned, found) = (digest(&c_plugin(&[])), digest(&library));
    let refused = refusals(&settings);
    let message = format!("the configuration pins SHA-256 {pinned}, but this file has {found}");
    assert_eq!(
        refused[0].problems,
        [LoadProblem::new(LoadCode::DigestMismatch, message)]
    );
}

#[test]
fn everything_that_is_wrong_with_a_file_is_said_at_once() {
    let (folder, library) = placed();
    let mut settings = settings(&[&library]);
    set_mode(&library, 0o666);
    set_mode(folder.path(), 0o777);
    if let permanence_api::plugins::Source::Pinned(pinned) = &mut settings.source {
        pinned[0].sha256 = Digest::of(b"another");
    }
    let codes: Vec<LoadCode> = refusals(&settings)[0]
        .problems
        .iter()
        .map(|problem| problem.code)
        .collect();
    assert_eq!(
        codes,
        [
            LoadCode::NotProtected,
            LoadCode::NotProtected,
            LoadCode::DigestMismatch
        ]
    );
}

#[test]
fn development_warns_about_modes_and_goes_on() {
    let (_folder, library) = placed();
    set_mode(&library, 0o666);
    let mut settings = settings(&[&library]);
    settings.trust = Trust::development();
    assert!(load(&settings).is_ok());
    let opened = file::open(&library, Trust::development(), None).unwrap();
    assert_eq!(opened.warnings.len(), 1);
}

#[test]
fn a_library_that_is_replaced_while_it_runs_changes_nothing() {
    let (folder, library) = placed();
    let council = council(&settings(&[&library]));
    let next = folder.path().join("next");
    fs::copy(c_plugin(&["NO_SYMBOL"]), &next).unwrap();
    fs::rename(&next, &library).unwrap();
    assert_eq!(council.plugin().digest, digest(&c_plugin(&[])));
    assert!(super::in_calls::answered(&council, "good"));
}
