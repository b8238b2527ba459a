//! The councils' own libraries, as they are built, pass every check and serve together.

use std::process::Command;

use permanence_api::plugins::{Source, load};

use super::workshop::{program, settings};

#[test]
fn every_council_of_this_repository_passes_every_check() {
    let mut settings = settings(&[]);
    settings.trust.only_warn = true;
    let folder = program().parent().unwrap().to_owned();
    settings.source = Source::Folder(folder.clone());
    let loaded = load(&settings).unwrap();
    assert_eq!(loaded.refused, []);
    assert!(
        !loaded.councils.is_empty(),
        "cargo build --workspace builds the councils' libraries"
    );
    for council in loaded.councils.iter() {
        let file = format!("lib{}.so", council.plugin().id.replace('-', "_"));
        let output = Command::new(program())
            .args(["plugin", "check"])
            .arg(folder.join(file))
            .output()
            .unwrap();
        let report = String::from_utf8_lossy(&output.stdout);
        assert!(output.status.success(), "{report}");
    }
}
