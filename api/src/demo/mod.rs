//! Invented returns, for demonstrations and tests: no child in them exists.
//!
//! [`invent`] makes a council's worth of care histories from a seed, each following one [`Story`], writes them as the
//! files that a council would send, and says beforehand which drift is in them. What no return can hold (letters,
//! assessments, plans) comes beside the files, to be recorded through the API.
//! It knows no council and no rulebook: what a policy makes of a story is that policy's business.

mod chance;
mod life;
mod returns;
mod stories;
mod teller;

use chrono::{Days, NaiveDate};
use permanence_core::care::CollectionYear;
use serde_json::{Map, Value};

use chance::Chance;
pub use stories::Story;

/// What to invent.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Wanted {
    /// The same seed gives the same children.
    pub seed: u64,
    /// Children looked after on the day.
    pub children: u32,
    /// The day that the invented returns reach to.
    pub as_of: NaiveDate,
    /// How many collection years, the one that holds the day included.
    pub years: u32,
}

impl Wanted {
    /// Five years up to a day.
    #[must_use]
    pub const fn new(children: u32, as_of: NaiveDate) -> Self {
        Self {
            seed: 1,
            children,
            as_of,
            years: 5,
        }
    }

    /// The first day that the returns cover.
    #[must_use]
    pub fn covered_from(&self) -> NaiveDate {
        let last = CollectionYear::holding(self.as_of).first_year();
        let years = i32::try_from(self.years.clamp(1, 15)).unwrap_or(1);
        CollectionYear::starting(last - years + 1).first_day()
    }
}

/// A file of an invented return.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InventedFile {
    /// Its name.
    pub name: String,
    /// Its text.
    pub text: String,
    /// Its collection year.
    pub year: CollectionYear,
}

/// A child's story, known before any rule has looked at it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planted {
    /// The child's reference.
    pub child: String,
    /// What happens.
    pub story: Story,
    /// The day that the story's clock began.
    pub began_on: NaiveDate,
    /// The day that the returns show for it, which is later where they do not reach back far enough.
    pub shown_on: NaiveDate,
}

/// What is known of a child that a return cannot hold: facts by their names in snake case.
#[derive(Debug, Clone, PartialEq)]
pub struct OtherFacts {
    /// The child's reference.
    pub child: String,
    /// The facts.
    pub facts: Map<String, Value>,
}

/// An invented council.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Invented {
    /// The files of all years.
    pub files: Vec<InventedFile>,
    /// Every child in care on the day, with its story; also those that are well.
    pub planted: Vec<Planted>,
    /// What the files cannot hold.
    pub facts: Vec<OtherFacts>,
}

/// Invents a council.
#[must_use]
pub fn invent(wanted: &Wanted) -> Invented {
    let mut chance = Chance::new(wanted.seed);
    let mut lives = Vec::new();
    let mut invented = Invented::default();
    for (number, story) in (1..).zip(stories::in_care(wanted.children)) {
        let mut own = chance.fork();
        let told = stories::tell(story, reference(wanted.seed, number), wanted, &mut own);
        invented.planted.push(Planted {
            child: told.life.reference.clone(),
            story,
            began_on: told.began_on,
            shown_on: told.shown_on,
        });
        if !told.facts.is_empty() {
            invented.facts.push(OtherFacts {
                child: told.life.reference.clone(),
                facts: told.facts,
            });
        }
        lives.push(told.life);
    }
    // About a tenth of a council's children leave each year.
    let left = wanted.children / 10 * wanted.years.saturating_sub(1);
    for number in 0..left {
        let mut own = chance.fork();
        let reference = reference(wanted.seed, wanted.children + 1 + number);
        lives.push(stories::left_care(reference, wanted, &mut own));
    }
    invented.files = returns::write(&lives, wanted);
    invented
}

/// Seven digits, some with a zero in front, in no order that shows a story.
fn reference(seed: u64, number: u32) -> String {
    // Odd factor: a permutation of the numbers below ten million that are prime to it.
    let mixed = (u64::from(number) * 7_368_787 + seed * 104_729) % 10_000_000;
    format!("{mixed:07}")
}

/// Some days before a day.
fn before(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_sub_days(Days::new(days)).unwrap_or(day)
}

/// Some days after a day.
fn after(day: NaiveDate, days: u64) -> NaiveDate {
    day.checked_add_days(Days::new(days)).unwrap_or(day)
}

#[cfg(test)]
mod tests;
