//! The routes, one file a resource. A handler converts in, asks once, and converts out.

mod attendance;
mod audit;
mod booking_views;
mod bookings;
mod care_event_details;
mod care_event_views;
mod care_events;
mod case_facts;
mod case_history;
mod case_searches;
mod case_views;
mod cases;
mod clauses;
mod comparison_views;
mod comparisons;
mod completions;
mod councils;
mod decision_views;
mod decisions;
mod drift;
mod evaluations;
mod exception_report_views;
mod exception_reports;
mod filters;
mod follow_ups;
mod form_submissions;
mod form_views;
mod forms;
mod guidance;
mod import_views;
mod imports;
mod legal_advice;
mod members;
mod outcome;
mod panel;
mod paperwork;
mod reports;
mod service;
mod sitting_views;
mod sittings;
mod statute;
mod tracker_moves;
mod tracker_views;
mod trackers;
mod urgent_decisions;

use utoipa_actix_web::service_config::ServiceConfig;

/// Registers every route; the description is built from the same list.
pub fn configure(config: &mut ServiceConfig<'_>) {
    config
        .configure(service::configure)
        .configure(case_searches::configure)
        .configure(cases::configure)
        .configure(case_history::configure)
        .configure(care_events::configure)
        .configure(case_facts::configure)
        .configure(audit::configure)
        .configure(drift::configure)
        .configure(imports::configure)
        .configure(sittings::configure)
        .configure(bookings::configure)
        .configure(paperwork::configure)
        .configure(attendance::configure)
        .configure(legal_advice::configure)
        .configure(decisions::configure)
        .configure(urgent_decisions::configure)
        .configure(follow_ups::configure)
        .configure(completions::configure)
        .configure(members::configure)
        .configure(forms::configure)
        .configure(form_submissions::configure)
        .configure(trackers::configure)
        .configure(tracker_moves::configure)
        .configure(exception_reports::configure)
        .configure(councils::configure)
        .configure(clauses::configure)
        .configure(evaluations::configure)
        .configure(comparisons::configure)
        .configure(statute::configure)
        .configure(guidance::configure)
        .configure(reports::configure);
}
