//! A plugin that panics when it is started.
#![allow(missing_docs)]

use permanence_plugin::{CouncilPlugin, CouncilPolicy, StartError};

struct Panics;

impl CouncilPlugin for Panics {
    #[expect(clippy::panic, reason = "this is what the plugin is for")]
    fn new(_: &CouncilPolicy) -> Result<Self, StartError> {
        panic!("planned, at the start")
    }
}

permanence_plugin::export_plugin!(Panics, rulebook = include_str!("anytown.json"));
