//! What may stand in which room: `core` does nothing but think, each layer of the server keeps to its work,
//! unsafe code stays at the boundary, and no room is a lumber room.

use super::{Source, assert_finds, assert_none, councils, sources};

/// A word that may not stand in the code of a room.
struct Rule {
    /// Paths that begin so are the room.
    room: &'static str,
    /// Paths that begin so are not, though they lie in it.
    but: &'static [&'static str],
    /// What may not stand there.
    words: &'static [&'static str],
    /// Why.
    because: &'static str,
}

const RULES: &[Rule] = &[
    Rule {
        room: "core/src/",
        but: &[],
        words: &[
            "std::fs",
            "std::io",
            "std::net",
            "std::env",
            "std::process",
            "std::thread",
            "SystemTime",
            "Instant::now",
            "Utc::now",
            "Local::now",
            "async fn",
            "Uuid::now_v7",
            "Uuid::new_v4",
        ],
        because: "core has no IO, no clock, no async and no chance: what it needs comes in as arguments",
    },
    Rule {
        room: "api/src/routes/",
        but: &[],
        words: &["diesel", "crate::store::schema"],
        because: "a handler converts in, asks once and converts out",
    },
    Rule {
        room: "api/src/service/",
        but: &[],
        words: &["diesel::", "HttpResponse", "HttpRequest"],
        because: "a service knows neither HTTP nor SQL",
    },
    Rule {
        room: "api/src/store/",
        but: &[],
        words: &["actix_web", "HttpResponse", "ToSchema", "crate::routes"],
        because: "rows never leave the store, and the store does not know who asks",
    },
    Rule {
        room: "api/src/",
        but: &["api/src/store/"],
        words: &[
            "diesel::prelude",
            "diesel::insert_into",
            "diesel::update(",
            "diesel::delete(",
            "sql_query(",
        ],
        because: "queries live in the store",
    },
    Rule {
        room: "",
        but: &["plugins/abi/", "plugins/sdk/", "api/src/plugins/", "tests/"],
        words: &["allow(unsafe_code", "expect(unsafe_code"],
        because: "unsafe code stays in the ABI, the SDK and the loader",
    },
];

/// Names that say nothing about what is inside.
const LUMBER_ROOMS: &[&str] = &[
    "utils", "util", "helpers", "helper", "common", "misc", "shared", "stuff",
];

/// A file is one subject: 300 lines is the aim, and past this many, tests not counted, it is more than one.
const LONGEST: usize = 600;

/// Files that are longer all the same and wait to be split; this list may only shrink.
const TO_BE_SPLIT: &[&str] = &[];

fn broken_rules(rules: &[Rule], files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for rule in rules {
        let in_room = |file: &&Source| {
            file.path.starts_with(rule.room)
                && !rule.but.iter().any(|but| file.path.starts_with(but))
        };
        for file in files.iter().filter(in_room) {
            for (number, line) in file.code_lines() {
                for word in rule.words.iter().filter(|word| line.contains(*word)) {
                    found.push(format!(
                        "{}:{number}: `{word}`: {}",
                        file.path, rule.because
                    ));
                }
            }
        }
    }
    found
}

/// Rooms that must work with any council: all of their text counts, comments and examples too.
fn named_councils(councils: &[String], files: &[Source]) -> Vec<String> {
    let mut found = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.path.starts_with("core/") || file.path.starts_with("api/"))
    {
        for (index, line) in file.text.lines().enumerate() {
            let line = line.to_lowercase();
            let words: Vec<&str> = line.split(|c: char| !c.is_alphanumeric()).collect();
            for council in councils {
                let name: Vec<&str> = council.split('-').collect();
                if words.windows(name.len()).any(|window| window == name) {
                    found.push(format!("{}:{}: names {council}", file.path, index + 1));
                }
            }
        }
    }
    found
}

fn lumber_rooms(files: &[Source]) -> Vec<String> {
    let is_lumber = |path: &str| {
        path.trim_end_matches(".rs")
            .split('/')
            .any(|part| LUMBER_ROOMS.contains(&part))
    };
    files
        .iter()
        .filter(|f| is_lumber(&f.path))
        .map(|f| format!("{}: what is it about?", f.path))
        .collect()
}

fn too_long(files: &[Source]) -> Vec<String> {
    files
        .iter()
        .map(|file| (file, file.production_lines().count()))
        .filter(|(_, lines)| *lines > LONGEST)
        .map(|(file, lines)| format!("{}: {lines} lines; split it by subject", file.path))
        .collect()
}

#[test]
fn each_room_keeps_to_its_work() {
    let files = sources("", "rs");
    for room in ["core/src/", "api/src/", "plugins/sdk/"] {
        assert!(
            files.iter().any(|file| file.path.starts_with(room)),
            "{room} was not read"
        );
    }
    assert_none(&broken_rules(RULES, &files));
}

#[test]
fn a_clock_in_core_is_found() {
    let planted = [
        Source::planted(
            "core/src/dates.rs",
            "// Utc::now is not for us.\nlet today = Utc::now();\n",
        ),
        Source::planted("api/src/clock.rs", "let today = Utc::now();\n"),
        Source::planted(
            "core/src/paths.rs",
            "fn f() {}\n#[cfg(test)]\nmod tests { use std::fs; }\n",
        ),
    ];
    assert_finds(
        &broken_rules(RULES, &planted),
        "core/src/dates.rs:2: `Utc::now`",
    );
}

#[test]
fn a_query_in_a_handler_is_found() {
    let planted = [
        Source::planted(
            "api/src/routes/cases.rs",
            "use diesel_async::RunQueryDsl;\n",
        ),
        Source::planted(
            "api/src/store/cases.rs",
            "use diesel_async::RunQueryDsl;\nuse diesel::prelude::*;\n",
        ),
    ];
    assert_finds(
        &broken_rules(RULES, &planted),
        "api/src/routes/cases.rs:1: `diesel`",
    );
}

#[test]
fn unsafe_code_in_a_service_is_found() {
    let planted = [
        Source::planted("api/src/service/cases.rs", "#![allow(unsafe_code)]\n"),
        Source::planted(
            "api/src/plugins/loader.rs",
            "#![expect(unsafe_code, reason = \"dlopen\")]\n",
        ),
    ];
    assert_finds(
        &broken_rules(RULES, &planted),
        "api/src/service/cases.rs:1: `allow(unsafe_code`",
    );
}

#[test]
fn core_and_server_name_no_council() {
    let councils = councils();
    assert!(
        councils.len() >= 2,
        "the councils were not read: {councils:?}"
    );
    assert_none(&named_councils(&councils, &sources("", "rs")));
}

#[test]
fn a_council_named_in_the_server_is_found() {
    let councils = ["anytown".to_owned(), "east-anytown".to_owned()];
    let planted = [
        Source::planted(
            "api/src/service/quorum.rs",
            "// Anytownish is no council.\nif code == \"east_anytown\" {}\n",
        ),
        Source::planted("plugins/anytown/src/lib.rs", "//! Anytown's rules.\n"),
    ];
    let found = named_councils(&councils, &planted);
    assert_eq!(
        found,
        [
            "api/src/service/quorum.rs:2: names anytown",
            "api/src/service/quorum.rs:2: names east-anytown"
        ]
    );
}

#[test]
fn no_room_is_a_lumber_room() {
    assert_none(&lumber_rooms(&sources("", "rs")));
}

#[test]
fn a_lumber_room_is_found() {
    let planted = [
        Source::planted("api/src/utils.rs", ""),
        Source::planted("core/src/dates.rs", ""),
        Source::planted("api/src/routes/commons.rs", ""),
    ];
    assert_finds(&lumber_rooms(&planted), "api/src/utils.rs");
}

#[test]
fn a_file_is_one_subject() {
    let mut found = too_long(&sources("", "rs"));
    for known in TO_BE_SPLIT {
        let before = found.len();
        found.retain(|finding| !finding.starts_with(&format!("{known}:")));
        assert!(
            found.len() < before,
            "{known} was split: take it off the list"
        );
    }
    assert_none(&found);
}

#[test]
fn a_long_file_is_found() {
    let planted = [
        Source::planted("api/src/long.rs", &"//\n".repeat(LONGEST + 1)),
        Source::planted("api/src/full.rs", &"//\n".repeat(LONGEST)),
    ];
    assert_finds(&too_long(&planted), "api/src/long.rs: 601 lines");
}

/// Types of the wire by name: the description has one schema for each name, and the second would silently take the place
/// of the first.
fn names_twice(files: &[Source]) -> Vec<String> {
    let mut seen = std::collections::BTreeMap::new();
    let mut found = Vec::new();
    for file in files
        .iter()
        .filter(|file| file.path.starts_with("api/src/routes/"))
    {
        for (number, line) in file.code_lines() {
            let declared = ["pub struct ", "pub enum "]
                .iter()
                .find_map(|kind| line.strip_prefix(kind));
            let Some(name) = declared.and_then(|rest| rest.split([' ', '<', '(', ';']).next())
            else {
                continue;
            };
            if let Some(first) = seen.insert(name, &file.path) {
                found.push(format!("{}:{number}: {first} has a {name} too", file.path));
            }
        }
    }
    found
}

#[test]
fn a_name_on_the_wire_is_one_type() {
    let files = sources("api/src/routes", "rs");
    assert!(files.len() > 10, "the routes were not read");
    assert_none(&names_twice(&files));
}

#[test]
fn a_name_for_two_types_is_found() {
    let planted = [
        Source::planted(
            "api/src/routes/councils.rs",
            "pub struct SessionView {\npub struct CouncilView {\n",
        ),
        Source::planted("api/src/routes/sittings.rs", "pub struct SessionView {\n"),
    ];
    assert_finds(
        &names_twice(&planted),
        "api/src/routes/sittings.rs:1: api/src/routes/councils.rs has a SessionView",
    );
}
