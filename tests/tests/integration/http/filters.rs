//! Promise: a filter that names what a council's policy does not have is refused and named; it is no empty list.

use permanence_api::auth::Role;

use super::anytown::{anytown, get, open, token};
use crate::on_both_databases;
use crate::on_both_servers;
use crate::support::{Answered, TestApp};

async fn ask(app: &TestApp, council: &str, rest: &str) -> Answered {
    let token = app.token(council, Role::HeadOfService);
    app.get(&format!("/v1/councils/{council}{rest}"))
        .token(&token)
        .send()
        .await
}

/// The faults of a refused query.
fn faults(answer: &Answered) -> Vec<(String, String)> {
    let problem = answer.problem(400, "bad_query");
    let errors = problem["errors"].as_array().expect("errors");
    assert!(
        errors.iter().all(|error| error["in"] == "query"),
        "{problem}"
    );
    answer.faults()
}

on_both_servers! {
    async fn a_clause_that_the_edition_does_not_have_is_told(app: &TestApp) {
        for clause in ["XYZ-NONE-01", "BRA-QUORUM-01", "DER-DEADLINE-99"] {
            let refused = ask(app, "derby", &format!("/exceptions?clause={clause}")).await;
            assert_eq!(faults(&refused), [("/clause".to_owned(), "unknown_clause".to_owned())], "{clause}");
            assert!(!refused.text.contains(clause), "{}", refused.text);
        }
        let refused = ask(app, "derby", "/exceptions?clause=DER-DEADLINE-01&clause=XYZ-NONE-01").await;
        assert_eq!(faults(&refused).len(), 1);
        // One of the council's, one of the law that stands beside it.
        ask(app, "derby", "/exceptions?clause=DER-DEADLINE-01&clause=ENG-REVIEW-01").await.expect(200);
    }

    async fn every_filter_is_held_to_the_words_of_the_policy_and_all_faults_are_told(app: &TestApp) {
        let refused = ask(app, "derby", "/exceptions?clause=XYZ-NONE-01&responsibleRole=gardener&code=No").await;
        let mut found = faults(&refused);
        found.sort();
        let fault = |pointer: &str, code: &str| (pointer.to_owned(), code.to_owned());
        let all = [fault("/clause", "unknown_clause"), fault("/code", "bad_name"), fault("/responsibleRole", "unknown_code")];
        assert_eq!(found, all);
        for (rest, pointer, code) in [
            ("/sittings?panel=garden_panel", "/panel", "unknown_code"),
            ("/members?panel=garden_panel", "/panel", "unknown_code"),
            ("/members?role=gardener", "/role", "unknown_code"),
            ("/actions?role=gardener", "/role", "unknown_code"),
            ("/actions?code=No%20code", "/code", "bad_name"),
            ("/tracker-sections?tracker=garden_tracker", "/tracker", "unknown_code"),
            ("/tracker-entries?tracker=garden_tracker", "/tracker", "unknown_code"),
            ("/tracker-entries?section=flower_bed", "/section", "unknown_code"),
            ("/form-submissions?form=garden_report", "/form", "unknown_code"),
            ("/bookings?requestType=No", "/requestType", "bad_name"),
            ("/decisions?outcome=No", "/outcome", "bad_name"),
            ("/clauses?edition=none", "/edition", "unknown_edition"),
            ("/clauses/DER-DEADLINE-01?edition=none", "/edition", "unknown_edition"),
            ("/codes?edition=none", "/edition", "unknown_edition"),
            ("/forms?edition=none", "/edition", "unknown_edition"),
            ("/guidance?edition=none", "/edition", "unknown_edition"),
            ("/reports?edition=none", "/edition", "unknown_edition"),
        ] {
            let refused = ask(app, "derby", rest).await;
            assert_eq!(faults(&refused), [fault(pointer, code)], "{rest}");
        }
    }

    async fn what_a_policy_names_is_taken(app: &TestApp) {
        // A team in place of a role; kinds of request and outcomes are lists that councils may go beyond.
        for rest in [
            "/exceptions?responsibleRole=children_in_care&responsibleRole=social_worker",
            "/sittings?panel=permanence_panel",
            "/members?panel=permanence_panel&role=panel_chair",
            "/actions?role=social_worker&code=visit_child",
            "/bookings?requestType=permanent_fostering_match&requestType=something_new",
            "/decisions?outcome=approved&outcome=something_new",
        ] {
            ask(app, "derby", rest).await.expect(200);
        }
    }
}

on_both_databases! {
    async fn forms_and_trackers_are_found_by_the_codes_of_the_policy(database: &TestDatabase) {
        let app = anytown(database).await;
        let token = token(&app, "head", Role::HeadOfService);
        let case = open(&app, "CH-1").await;
        for rest in [
            "/tracker-sections?tracker=permanence_tracker".to_owned(),
            "/tracker-entries?tracker=permanence_tracker&section=plan_agreed".to_owned(),
            "/form-submissions?form=panel_report".to_owned(),
            format!("/cases/{case}/form-submissions?form=agency_report"),
        ] {
            get(&app, &token, &rest).await.expect(200);
        }
        let refused = get(&app, &token, &format!("/cases/{case}/form-submissions?form=garden_report")).await;
        assert_eq!(faults(&refused), [("/form".to_owned(), "unknown_code".to_owned())]);
    }
}
