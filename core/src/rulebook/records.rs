//! What a policy asks people to write down: forms, trackers, reports and the members of a panel.

use std::collections::BTreeMap;

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::calendar::Offset;
use crate::code::{ClauseId, Code, FactName};

/// A form: what is submitted is checked against its schema and read back under its names.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Form {
    /// Its code.
    pub code: Code,
    /// What it is called.
    pub title: String,
    /// Clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// What it is about.
    #[serde(default)]
    pub about: About,
    /// JSON Schema (2020-12) of an object: what may be submitted. Its members are named in camel case.
    pub schema: Map<String, Value>,
}

/// What a form is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum About {
    /// A child's case.
    #[default]
    Case,
    /// The council or its panel as a whole.
    Council,
}

impl Form {
    /// The schemas of its members by name, in camel case.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        properties(&self.schema)
    }
}

/// The members that an object schema names.
fn properties(schema: &Map<String, Value>) -> impl Iterator<Item = (&str, &Value)> {
    schema
        .get("properties")
        .and_then(Value::as_object)
        .into_iter()
        .flatten()
        .map(|(name, schema)| (name.as_str(), schema))
}

/// A post on a panel.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Post {
    /// The role.
    pub role: Code,
    /// What it is on the panel.
    #[serde(default)]
    pub part: Part,
    /// Clauses that give it a place.
    pub clauses: Vec<ClauseId>,
}

/// What a post is on a panel.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, JsonSchema)]
#[cfg_attr(feature = "openapi", derive(utoipa::ToSchema))]
#[serde(rename_all = "snake_case")]
pub enum Part {
    /// A member.
    #[default]
    Core,
    /// May come.
    Optional,
    /// Is asked for single items.
    Invited,
    /// Serves the panel: administrator, minute taker, adviser.
    Support,
}

/// A tracker: an entry for each child in it, in one of its sections.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Tracker {
    /// Its code.
    pub code: Code,
    /// What it is called.
    pub title: String,
    /// Clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// Its sections; a tracker without sections has one list.
    #[serde(default)]
    pub sections: Vec<TrackerSection>,
    /// JSON Schema (2020-12) of an object: what an entry holds. Its members are named in camel case.
    pub schema: Map<String, Value>,
}

impl Tracker {
    /// The schemas of an entry's members by name, in camel case.
    pub fn fields(&self) -> impl Iterator<Item = (&str, &Value)> {
        properties(&self.schema)
    }

    /// A section.
    pub fn section(&self, code: &Code) -> Option<&TrackerSection> {
        self.sections.iter().find(|section| section.code == *code)
    }
}

/// A section of a tracker.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct TrackerSection {
    /// Its code.
    pub code: Code,
    /// What it is called.
    pub title: String,
    /// Other names by which the policy's rules speak of it, such as its letter.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub called: Vec<String>,
    /// Who leads it.
    #[serde(default)]
    pub lead: Vec<Code>,
    /// Clauses that describe it.
    #[serde(default)]
    pub clauses: Vec<ClauseId>,
}

/// A report that the policy asks for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Report {
    /// Its code.
    pub code: Code,
    /// What it is called.
    pub title: String,
    /// Clauses that ask for it.
    pub clauses: Vec<ClauseId>,
    /// How often, such as `3 calendar_months`; absent where the policy does not say.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub every: Option<Offset>,
    /// What it counts, each with what that means.
    #[serde(default)]
    pub indicators: BTreeMap<Code, String>,
    /// Who writes it.
    #[serde(default)]
    pub written_by: Vec<Code>,
    /// Who receives it.
    #[serde(default)]
    pub recipients: Vec<Code>,
}

/// Where what a clause of kind `data` asks for is recorded, and read back.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "snake_case", deny_unknown_fields)]
pub enum Held {
    /// Fields of a form: `submitForm`, `getForm`.
    Form {
        /// The form.
        form: Code,
        /// Its fields, in camel case.
        fields: Vec<String>,
    },
    /// A fact of a case, typed by the dictionary: `putCaseFact`, `listCaseFacts`.
    Fact {
        /// The fact.
        fact: FactName,
        /// Codes that it must be able to take, where the clause names some.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        codes: Vec<Code>,
    },
    /// Codes of a list that the service gives with their labels: `listCodes`.
    Codes {
        /// The list.
        list: Code,
        /// The codes that the clause names.
        codes: Vec<Code>,
    },
    /// Posts on a panel: `appointMember`, `listMembers`.
    Posts {
        /// The panel.
        panel: Code,
        /// The roles.
        roles: Vec<Code>,
    },
    /// Kinds of request that a panel takes: `createBooking`, `getCouncil`.
    Requests {
        /// The panel.
        panel: Code,
        /// The kinds.
        types: Vec<Code>,
    },
    /// Entries of what a rule hands out: papers of a checklist, actions of a follow-up table, recipients, steps.
    Entries {
        /// A clause of kind `rule`.
        clause: ClauseId,
        /// The entries.
        entries: Vec<Code>,
    },
    /// Sections or fields of a tracker: `recordTrackerEntry`, `listTrackerEntries`.
    Tracker {
        /// The tracker.
        tracker: Code,
        /// Its sections.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        sections: Vec<Code>,
        /// Fields of an entry, in camel case.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        fields: Vec<String>,
    },
    /// A report and indicators of it: `listReports`.
    Report {
        /// The report.
        report: Code,
        /// Its indicators.
        #[serde(default, skip_serializing_if = "Vec::is_empty")]
        indicators: Vec<Code>,
    },
    /// A member of what an operation takes, by its place in the request: `recordAttendance` and `chairRole`.
    Operation {
        /// The operation's id.
        operation: String,
        /// The member of its request, as a JSON pointer into the body.
        member: String,
    },
    /// The edition itself, its title and dates: `getCouncil`.
    Edition,
    /// A constant of the policy about which nothing is recorded for a child: `getClause` gives it under `values`.
    Values {
        /// Names of the clause's values.
        names: Vec<FactName>,
    },
}
