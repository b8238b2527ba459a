//! What papers lack of Signs of Safety (BRA-PAPERWORK-03).
//!
//! An exception report marked with danger statements only lacks the other two elements.
//! Of two papers each must have all three: an element that one of them lacks is missing.

use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{entries, text, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};

use crate::ask::yes;

const ELEMENTS: [&str; 3] = [
    "child_involvement",
    "danger_statements",
    "safety_statements",
];
const LISTS: [&str; 3] = ["elements", "contents", "signs_of_safety"];

/// Whether a list of elements, or a record of answers by element, has one.
fn lists(list: &FactValue, element: &str) -> bool {
    match list {
        FactValue::List(marked) => marked.iter().any(|mark| text(mark) == Some(element)),
        FactValue::Record(answers) => answers.get(element).is_some_and(FactValue::is_yes),
        _ => false,
    }
}

/// Whether the question says so itself, without a paper.
fn told(context: &Context<'_>, element: &str) -> bool {
    LISTS
        .iter()
        .filter_map(|name| value(context, name))
        .any(|list| lists(list, element))
        || yes(context, element)
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    // Papers that do not say what they hold are judged by what the question says itself.
    let papers: Vec<Vec<&FactValue>> = entries(context, "documents")
        .into_iter()
        .map(|paper| LISTS.iter().filter_map(|name| paper.member(name)).collect())
        .filter(|held: &Vec<&FactValue>| !held.is_empty())
        .collect();
    let shown = |element: &str| {
        let by_all = |held: &Vec<&FactValue>| held.iter().any(|list| lists(list, element));
        told(context, element) || (!papers.is_empty() && papers.iter().all(by_all))
    };
    let missing: Vec<&str> = ELEMENTS
        .into_iter()
        .filter(|element| !shown(element))
        .collect();
    give(&mut answer, "signs_of_safety_complete", missing.is_empty());
    give(&mut answer, "missing_elements", missing);
    answer
}
