//! The worked cases of every clause, and what holds for the rulebook as a whole.

use permanence_council_dudley::{Dudley, RULEBOOK};

permanence_plugin::council_tests!(Dudley, rulebook = RULEBOOK);
