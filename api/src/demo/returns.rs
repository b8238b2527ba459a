//! Invented lives as the files of a council's returns: one set a collection year, each as it would have been sent then.

use std::fmt::Write as _;

use chrono::NaiveDate;
use permanence_core::care::{CodedValue, CollectionYear, Episode, PlacementGroup};

use super::life::Life;
use super::{InventedFile, Wanted};

/// Writes every year's files.
pub(super) fn write(lives: &[Life], wanted: &Wanted) -> Vec<InventedFile> {
    let first = CollectionYear::holding(wanted.covered_from()).first_year();
    let last = CollectionYear::holding(wanted.as_of).first_year();
    (first..=last)
        .flat_map(|year| Year::new(CollectionYear::starting(year), wanted).files(lives))
        .collect()
}

/// A collection year as far as its return knows it.
struct Year {
    year: CollectionYear,
    until: NaiveDate,
}

impl Year {
    fn new(year: CollectionYear, wanted: &Wanted) -> Self {
        Self {
            year,
            until: year.last_day().min(wanted.as_of),
        }
    }

    /// Whether a stretch that began and perhaps ended was open at any time in the year.
    fn holds(&self, started: NaiveDate, ended: Option<NaiveDate>) -> bool {
        started <= self.until && ended.is_none_or(|end| end >= self.year.first_day())
    }

    fn episodes<'a>(&self, life: &'a Life) -> impl Iterator<Item = &'a Episode> {
        life.episodes
            .iter()
            .filter(|episode| self.holds(episode.started_on, episode.ended_on))
    }

    fn has_happened(&self, day: Option<NaiveDate>) -> Option<NaiveDate> {
        day.filter(|day| *day <= self.until)
    }

    fn files(&self, lives: &[Life]) -> Vec<InventedFile> {
        let in_year: Vec<&Life> = lives
            .iter()
            .filter(|life| self.episodes(life).next().is_some())
            .collect();
        let tables = [
            ("header", self.header(&in_year)),
            ("episodes", self.all_episodes(&in_year)),
            ("reviews", self.reviews(&in_year)),
            ("placed_for_adoption", self.placed(&in_year)),
            ("ad1", self.adopted(&in_year)),
            ("previous_permanence", self.previous(&in_year)),
        ];
        tables
            .into_iter()
            .map(|(name, text)| InventedFile {
                name: format!("{}-{name}.csv", self.year),
                text,
                year: self.year,
            })
            .collect()
    }

    fn header(&self, lives: &[&Life]) -> String {
        let mut text = "CHILD,SEX,DOB,ETHNIC,UPN,MOTHER,MC_DOB\r\n".to_owned();
        for life in lives {
            let sex = match (self.year.first_year() >= 2024, life.is_girl) {
                (true, true) => "F",
                (true, false) => "M",
                (false, true) => "2",
                (false, false) => "1",
            };
            let mother = if life.is_girl { "0" } else { "" };
            line(
                &mut text,
                &[
                    &life.reference,
                    sex,
                    &day(life.born),
                    "NOBT",
                    "UN4",
                    mother,
                    "",
                ],
            );
        }
        text
    }

    fn all_episodes(&self, lives: &[&Life]) -> String {
        let mut text = "CHILD,DECOM,RNE,LS,CIN,PLACE,PLACE_PROVIDER,DEC,REC,REASON_PLACE_CHANGE,HOME_POST,PL_POST,URN\r\n".to_owned();
        for life in lives {
            for episode in self.episodes(life) {
                let ended = self.has_happened(episode.ended_on);
                let when_ended =
                    |value: Option<&str>| ended.and(value).unwrap_or_default().to_owned();
                // The provider of a temporary placement is not asked for since 2025-26.
                let temporary = episode
                    .placement
                    .is_some_and(|place| place.group() == PlacementGroup::Temporary);
                let provider = if temporary && self.year.first_year() >= 2025 {
                    None
                } else {
                    episode.provider
                };
                line(
                    &mut text,
                    &[
                        &life.reference,
                        &day(episode.started_on),
                        code(episode.start),
                        code(episode.legal_status),
                        episode.need.as_deref().unwrap_or_default(),
                        code(episode.placement),
                        code(provider),
                        &ended.map(day).unwrap_or_default(),
                        &when_ended(Some(code(episode.end))),
                        &when_ended(episode.placement_change.as_deref()),
                        "",
                        "",
                        episode.provision.as_deref().unwrap_or("XXXXXXX"),
                    ],
                );
            }
        }
        text
    }

    fn reviews(&self, lives: &[&Life]) -> String {
        let mut text = "CHILD,DOB,REVIEW,REVIEW_CODE\r\n".to_owned();
        for life in lives {
            for (number, held_on) in life.reviews.iter().enumerate() {
                if *held_on >= self.year.first_day() && *held_on <= self.until {
                    let of_four = life.born.checked_add_months(chrono::Months::new(48));
                    let took_part = match (
                        of_four.is_some_and(|of_four| *held_on < of_four),
                        number % 3,
                    ) {
                        (true, _) => "PN0",
                        (false, 0) => "PN1",
                        (false, 1) => "PN6",
                        (false, _) => "PN3",
                    };
                    line(
                        &mut text,
                        &[&life.reference, &day(life.born), &day(*held_on), took_part],
                    );
                }
            }
        }
        text
    }

    fn placed(&self, lives: &[&Life]) -> String {
        let mut text =
            "CHILD,DOB,DATE_PLACED,DATE_PLACED_CEASED,REASON_PLACED_CEASED\r\n".to_owned();
        for life in lives {
            for decision in &life.adoption_decisions {
                if self.holds(decision.decided_on, decision.reversed_on) {
                    let reversed = self.has_happened(decision.reversed_on);
                    let reason = reversed
                        .and(decision.reversal_reason.as_deref())
                        .unwrap_or_default();
                    let reversed = reversed.map(day).unwrap_or_default();
                    line(
                        &mut text,
                        &[
                            &life.reference,
                            &day(life.born),
                            &day(decision.decided_on),
                            &reversed,
                            reason,
                        ],
                    );
                }
            }
        }
        text
    }

    fn adopted(&self, lives: &[&Life]) -> String {
        let mut text =
            "CHILD,DOB,DATE_INT,DATE_MATCH,FOSTER_CARE,NB_ADOPTR,SEX_ADOPTR,LS_ADOPTR\r\n"
                .to_owned();
        for life in lives {
            let adopted = life.episodes.last().is_some_and(|last| {
                last.end.is_some_and(|end| end.is_adoption())
                    && last
                        .ended_on
                        .is_some_and(|on| on >= self.year.first_day() && on <= self.until)
            });
            if let (true, Some(decision)) = (adopted, life.adoption_decisions.last()) {
                let matched = life.matched_on.map(day).unwrap_or_default();
                line(
                    &mut text,
                    &[
                        &life.reference,
                        &day(life.born),
                        &day(decision.decided_on),
                        &matched,
                        "0",
                        "2",
                        "MF",
                        "L11",
                    ],
                );
            }
        }
        text
    }

    fn previous(&self, lives: &[&Life]) -> String {
        let mut text = "CHILD,DOB,PREV_PERM,LA_PERM,DATE_PERM\r\n".to_owned();
        for life in lives {
            line(&mut text, &[&life.reference, &day(life.born), "Z1", "", ""]);
        }
        text
    }
}

fn code<T: CodedValue>(value: Option<T>) -> &'static str {
    value.map_or("", CodedValue::code)
}

fn day(day: NaiveDate) -> String {
    day.format("%d/%m/%Y").to_string()
}

fn line(text: &mut String, cells: &[&str]) {
    // Writing to a String does not fail.
    let _ = write!(text, "{}\r\n", cells.join(","));
}
