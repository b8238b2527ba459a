//! What only code can say, one rule a file.

pub(crate) mod annual_report;
pub(crate) mod assessment_contents;
pub(crate) mod connected_stages;
pub(crate) mod decision_indicator;
pub(crate) mod delay_reason;
pub(crate) mod financial_form;
pub(crate) mod late_papers;
pub(crate) mod next_available_panel;
pub(crate) mod outside_panel;
pub(crate) mod papers_complete;
pub(crate) mod removal_from_list;
pub(crate) mod return_to_list;
pub(crate) mod review_discussion;
pub(crate) mod stability_indicator;
pub(crate) mod undecided_children;
pub(crate) mod whole_report;
