//! What only code can say, one rule a file.

pub(crate) mod adoption_plan_sent;
pub(crate) mod after_adoption_panel;
pub(crate) mod carers_order;
pub(crate) mod chair;
pub(crate) mod consultees_told;
pub(crate) mod independence;
pub(crate) mod next_review;
pub(crate) mod parents_views;
pub(crate) mod plan_change;
pub(crate) mod reviewing_officer_told;
pub(crate) mod same_members;
pub(crate) mod second_review;
