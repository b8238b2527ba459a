//! Puts the rulebook files together, checks them and embeds them.

fn main() {
    permanence_plugin::build::rulebook("rulebook");
}
