//! The councils' real libraries, as `cargo build --workspace` made them: loaded once for all tests.

use std::path::PathBuf;
use std::sync::OnceLock;

use permanence_api::plugins::{Councils, LoadSettings, Source, load};

/// The folder that cargo builds into.
fn target() -> PathBuf {
    let test = std::env::current_exe().expect("this test has a path");
    let folder = test
        .ancestors()
        .nth(2)
        .expect("it lies in target/<profile>/deps");
    folder.to_owned()
}

/// A file that the workspace's build makes, such as the binary or a council's library.
pub fn library(name: &str) -> PathBuf {
    let path = target().join(name);
    assert!(
        path.exists(),
        "{name} has not been built: run `cargo build --workspace` first"
    );
    path
}

/// Every council of the workspace, through its compiled library.
pub fn councils() -> Councils {
    static COUNCILS: OnceLock<Councils> = OnceLock::new();
    COUNCILS
        .get_or_init(|| {
            let settings = LoadSettings::new(Source::Folder(target()), true, library("permanence"));
            load(&settings).expect("the folder is there").councils
        })
        .clone()
}
