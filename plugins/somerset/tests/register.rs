//! Every clause of kind rule, proved by worked cases: the examples of the policy's register and both sides of each boundary.
#![allow(clippy::unwrap_used)]

use permanence_council_somerset::{RULEBOOK, Somerset};
use permanence_plugin::proof::Proof;

permanence_plugin::council_tests!(Somerset, rulebook = RULEBOOK);

#[test]
fn the_register_has_all_clauses_of_the_policy() {
    let proof = Proof::<Somerset>::new(RULEBOOK, env!("CARGO_MANIFEST_DIR")).unwrap();
    assert_eq!(proof.register().unwrap().len(), 75);
}
