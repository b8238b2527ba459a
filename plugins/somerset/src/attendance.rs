//! Who came to a meeting, in which seat, and who stands in for whom with which grade.

use permanence_core::Code;
use permanence_core::facts::FactValue;
use permanence_plugin::{Context, reading};

/// The core seats, in the order of the policy (SOM-MEMBERSHIP-01).
pub(crate) const CORE: [&str; 7] = [
    "operations_manager_cla",
    "family_finding_social_worker",
    "iro_manager",
    "childrens_finance_manager",
    "virtual_school_head",
    "foster_carer_representative",
    "operations_manager_leaving_care",
];

/// Somebody who stands in for the holder of a seat.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct StandIn {
    /// The seat, where it is known.
    pub seat: Option<Code>,
    /// The grade of whoever stands in; `None` where it is not known, an empty one where it is known to be none.
    pub grade: Option<String>,
    /// The grade of the seat's holder, likewise.
    pub member_grade: Option<String>,
}

/// Whether somebody may stand in.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Grades {
    /// Both grades are the same.
    Same,
    /// They are not.
    Differ,
    /// One of them is not recorded.
    NotKnown,
}

impl StandIn {
    /// The grades held against each other, capitals and spaces aside.
    pub(crate) fn grades(&self) -> Grades {
        match (&self.grade, &self.member_grade) {
            (Some(own), Some(theirs)) if own == theirs => Grades::Same,
            (Some(_), Some(_)) => Grades::Differ,
            _ => Grades::NotKnown,
        }
    }

    /// Whether the seat is one of the core, or not named.
    pub(crate) fn for_the_core(&self) -> bool {
        self.seat.as_ref().is_none_or(is_core)
    }
}

/// Whether a role is one of the seven seats.
pub(crate) fn is_core(role: &Code) -> bool {
    CORE.contains(&role.as_str())
}

/// A grade as it is compared.
pub(crate) fn grade(value: Option<&FactValue>) -> Option<String> {
    match value? {
        FactValue::None => Some(String::new()),
        FactValue::Text(text) => Some(text.split_whitespace().collect::<String>().to_lowercase()),
        FactValue::Code(code) => Some(code.to_string()),
        FactValue::Integer(number) => Some(number.to_string()),
        _ => None,
    }
}

/// The grade recorded for the holder of a seat.
pub(crate) fn member_grade(context: &Context<'_>, seat: Option<&Code>) -> Option<String> {
    let seat = seat?;
    reading::entries(context, "members")
        .into_iter()
        .filter(|entry| entry.member("role").and_then(FactValue::as_code) == Some(seat))
        .find_map(|entry| grade(entry.member("grade")))
}

/// Whoever came, by the entries of both lists; what stands in both is the same person.
pub(crate) fn entries<'a>(context: &Context<'a>) -> Vec<&'a FactValue> {
    let mut entries: Vec<&FactValue> = Vec::new();
    for name in ["present", "attended"] {
        for entry in reading::entries(context, name) {
            let came = entry.member("attended") != Some(&FactValue::Boolean(false));
            if came && !entries.contains(&entry) {
                entries.push(entry);
            }
        }
    }
    entries
}

/// Whether an entry is somebody who came as something else than a member.
fn not_a_member(entry: &FactValue) -> bool {
    entry
        .member("attendance_type")
        .and_then(FactValue::as_code)
        .is_some_and(|code| ["presenter", "observer", "support"].contains(&code.as_str()))
}

/// The seat that a member fills in person.
pub(crate) fn seat_in_person(entry: &FactValue) -> Option<&Code> {
    let role = entry.member("role").and_then(FactValue::as_code)?;
    (!not_a_member(entry) && stands_in(entry).is_none()).then_some(role)
}

/// The seat that an entry stands in for; `None` for a member.
fn stands_in(entry: &FactValue) -> Option<&Code> {
    let role = entry.member("role").and_then(FactValue::as_code);
    let as_substitute = entry
        .member("attendance_type")
        .and_then(FactValue::as_code)
        .is_some_and(|code| *code == "substitute")
        || ["substitute", "is_substitute"].into_iter().any(|name| {
            entry
                .member(name)
                .is_some_and(|it| it.is_yes() || matches!(it, FactValue::Record(_)))
        });
    entry
        .member("substitute_for")
        .and_then(FactValue::as_code)
        .or(role.filter(|_| as_substitute))
}

/// Everybody who stands in for somebody: among those who came, in a list of their own, and the one named outside any list.
pub(crate) fn stand_ins(context: &Context<'_>) -> Vec<StandIn> {
    let came = entries(context)
        .into_iter()
        .filter_map(|entry| Some(stand_in(context, entry, Some(stands_in(entry)?))));
    let listed = reading::entries(context, "substitutes")
        .into_iter()
        .map(|entry| stand_in(context, entry, listed_seat(entry)));
    came.chain(listed).chain(named(context)).collect()
}

/// The seat that an entry of the list of substitutes is about: the seat alone, or the member of it that names one.
fn listed_seat(entry: &FactValue) -> Option<&Code> {
    let member = entry.member("member");
    [
        "substitute_for",
        "for",
        "seat",
        "core_role",
        "member_role",
        "member",
    ]
    .into_iter()
    .find_map(|name| entry.member(name).and_then(FactValue::as_code))
    .or_else(|| member?.member("role").and_then(FactValue::as_code))
    .or_else(|| entry.member("role").and_then(FactValue::as_code))
    .or_else(|| entry.as_code())
}

fn stand_in(context: &Context<'_>, entry: &FactValue, seat: Option<&Code>) -> StandIn {
    let own = entry
        .member("substitute")
        .and_then(|substitute| substitute.member("grade"))
        .or_else(|| entry.member("substitute_grade"))
        .or_else(|| entry.member("grade"));
    let theirs = entry
        .member("member_grade")
        .or_else(|| entry.member("member").and_then(|it| it.member("grade")));
    StandIn {
        seat: seat.cloned(),
        grade: grade(own),
        member_grade: grade(theirs).or_else(|| member_grade(context, seat)),
    }
}

/// The one substitute that a question names outside any list.
fn named(context: &Context<'_>) -> Option<StandIn> {
    let facts = context.facts();
    let substitute = facts.get("substitute");
    let own = substitute
        .and_then(|it| it.member("grade"))
        .or_else(|| facts.get("substitute_grade"));
    if substitute.is_none() && own.is_none() {
        return None;
    }
    let member = facts.get("member");
    let seat: Option<Code> = substitute
        .and_then(|it| it.member("substitute_for"))
        .and_then(FactValue::as_code)
        .or_else(|| facts.code("substitute_for"))
        .or_else(|| member.and_then(FactValue::as_code))
        .or_else(|| member?.member("role").and_then(FactValue::as_code))
        .or_else(|| facts.code("role"))
        .cloned();
    let theirs = grade(member.and_then(|it| it.member("grade")))
        .or_else(|| grade(substitute.and_then(|it| it.member("member_grade"))))
        .or_else(|| grade(facts.get("member_grade")))
        .or_else(|| member_grade(context, seat.as_ref()));
    Some(StandIn {
        seat,
        grade: grade(own),
        member_grade: theirs,
    })
}
