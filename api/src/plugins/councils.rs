//! The councils that this server speaks for.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::sync::Arc;

use permanence_core::CouncilCode;

use super::council::Council;

/// The councils of this server, by code.
#[derive(Debug, Clone, Default)]
pub struct Councils(Arc<BTreeMap<CouncilCode, Arc<Council>>>);

impl Councils {
    /// The council of that code.
    pub fn get(&self, code: &str) -> Option<&Arc<Council>> {
        self.0.get(code)
    }

    /// All councils, in the order of their codes.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = &Arc<Council>> {
        self.0.values()
    }

    /// How every council's plugin is doing, in Prometheus' text format.
    pub fn render_health(&self) -> String {
        let mut serving = String::from(
            "# HELP permanence_plugin_serving Whether a council's plugin is called; 0 while it is left alone.\n\
             # TYPE permanence_plugin_serving gauge\n",
        );
        let mut lost = String::from(
            "# HELP permanence_plugin_lost_threads Threads lost to calls that never returned.\n\
             # TYPE permanence_plugin_lost_threads gauge\n",
        );
        for council in self.iter() {
            let (code, health) = (council.code(), council.health());
            // Writing to a string cannot fail.
            let _ = writeln!(
                serving,
                "permanence_plugin_serving{{council=\"{code}\"}} {}",
                u8::from(health.serving)
            );
            let _ = writeln!(
                lost,
                "permanence_plugin_lost_threads{{council=\"{code}\"}} {}",
                health.lost_threads
            );
        }
        serving + &lost
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }
}

impl FromIterator<Arc<Council>> for Councils {
    fn from_iter<I: IntoIterator<Item = Arc<Council>>>(councils: I) -> Self {
        let by_code = |council: Arc<Council>| (council.code().clone(), council);
        Self(Arc::new(councils.into_iter().map(by_code).collect()))
    }
}
