//! Whether the pen picture was made by both workers and sent to every carer of the council's own (DUD-ACTION-06).
//!
//! Made by both and sent to 3 of 4: one carer is lacking. Made by the social worker alone and sent to all: the permanency
//! worker is lacking.

use chrono::NaiveDate;
use permanence_core::facts::FactValue;
use permanence_plugin::answering::give;
use permanence_plugin::reading::{day, named, text, to_come, value};
use permanence_plugin::{ClauseAnswer, Context, Rule};
use serde_json::Value;

use crate::ask::roles;

const MAKERS: [&str; 2] = ["social_worker", "fostering_permanency_worker"];
const CARER: [&str; 5] = ["carer", "carer_id", "id", "name", "role"];

/// Those of both makers who are not recorded.
fn missing_makers(context: &Context<'_>) -> Vec<&'static str> {
    if to_come(context, "pen_picture_created_on") {
        return MAKERS.to_vec();
    }
    let recorded: Vec<&str> = ["pen_picture_by", "by"]
        .iter()
        .flat_map(|name| roles(context, name))
        .collect();
    MAKERS
        .into_iter()
        .filter(|role| !recorded.contains(role))
        .collect()
}

/// Whether a carer of the list was active on a day.
fn active(carer: &FactValue, on: NaiveDate) -> bool {
    let day = |name| carer.member(name).and_then(FactValue::as_date);
    carer.member("active") != Some(&FactValue::Boolean(false))
        && day("active_from").is_none_or(|from| from <= on)
        && day("active_to").is_none_or(|to| on <= to)
}

/// Whether the entry of a carer says itself if it was sent the pen picture.
fn tells_of_sending(carer: &FactValue) -> bool {
    carer.member("sent").is_some() || carer.member("sent_on").is_some()
}

/// How many of something: the number, or the entries that are named.
enum Group {
    Number(i64),
    Named(Vec<Value>),
}

impl Group {
    fn of(value: &FactValue, counts: impl Fn(&FactValue) -> bool) -> Option<Self> {
        match value {
            FactValue::Integer(number) => Some(Self::Number(*number)),
            FactValue::List(items) => Some(Self::Named(
                items
                    .iter()
                    .filter(|item| counts(item))
                    .filter_map(|item| named(item, &CARER))
                    .collect(),
            )),
            FactValue::None => Some(Self::Number(0)),
            _ => None,
        }
    }

    fn size(&self) -> i64 {
        match self {
            Self::Number(number) => *number,
            Self::Named(all) => i64::try_from(all.len()).unwrap_or(i64::MAX),
        }
    }
}

/// How many carers were not sent the pen picture; none where it cannot be told.
fn not_sent(context: &Context<'_>) -> Option<i64> {
    if let Some(told) = value(context, "carers_not_sent") {
        return Group::of(told, |_| true).map(|group| group.size());
    }
    let sent_on = day(context, "pen_picture_sent_on").unwrap_or_else(|| context.as_of());
    let told =
        value(context, "active_internal_carers").or_else(|| value(context, "carer_identified"))?;
    let carers = Group::of(told, |carer| active(carer, sent_on))?;
    if to_come(context, "pen_picture_sent_on") {
        return Some(carers.size());
    }
    let received = |entry: &FactValue| {
        entry.member("sent") != Some(&FactValue::Boolean(false))
            && entry.member("sent_on") != Some(&FactValue::None)
            && entry
                .member("sent_on")
                .and_then(FactValue::as_date)
                .is_none_or(|day| day <= context.as_of())
    };
    let Some(sent) = value(context, "pen_picture_sent_to").or_else(|| value(context, "sent_to"))
    else {
        if let FactValue::List(all) = told
            && all.iter().any(tells_of_sending)
        {
            let lacking = Group::of(told, |carer| active(carer, sent_on) && !received(carer))?;
            return Some(lacking.size());
        }
        // Nobody is known to have been sent it: nobody was, unless the day of sending is known and the carers are not.
        return day(context, "pen_picture_sent_on")
            .is_none()
            .then(|| carers.size());
    };
    if text(sent).is_some_and(|word| word.starts_with("all")) {
        return Some(0);
    }
    let sent = Group::of(sent, received)?;
    Some(match (&carers, &sent) {
        (Group::Named(carers), Group::Named(sent)) => {
            let lacking = carers.iter().filter(|carer| !sent.contains(carer)).count();
            i64::try_from(lacking).unwrap_or(i64::MAX)
        }
        _ => (carers.size() - sent.size()).max(0),
    })
}

pub(super) fn answer(context: &Context<'_>, _: &Rule) -> ClauseAnswer {
    let mut answer = ClauseAnswer::default();
    let makers = missing_makers(context);
    let carers = not_sent(context);
    let mut missing: Vec<Value> = makers.iter().map(|role| Value::from(*role)).collect();
    match carers {
        Some(1) => missing.push("1 carer not sent".into()),
        Some(number) if number > 1 => missing.push(format!("{number} carers not sent").into()),
        _ => {}
    }
    let complete = match carers {
        _ if !missing.is_empty() => Value::Bool(false),
        Some(_) => Value::Bool(true),
        None => Value::Null,
    };
    give(&mut answer, "pen_picture_complete", complete);
    give(&mut answer, "missing_parts", missing);
    answer
}
