//! Turns the rulebook folder into the document that the plugin carries.

fn main() {
    permanence_plugin::build::rulebook("rulebook");
}
