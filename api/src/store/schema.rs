//! The tables, as both databases have them.
//!
//! A test holds these against the real columns of a migrated database, on both.

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    cases (council, id) {
        council -> Text,
        id -> Uid,
        reference -> Text,
        given_name -> Nullable<Text>,
        family_name -> Nullable<Text>,
        given_name_key -> Text,
        family_name_key -> Text,
        date_of_birth -> Nullable<Date>,
        sex -> Nullable<Text>,
        social_worker -> Nullable<Text>,
        team -> Nullable<Text>,
        service -> Nullable<Text>,
        status -> Text,
        closed_on -> Nullable<Date>,
        closed_reason -> Nullable<Text>,
        source -> Text,
        details -> JsonDoc,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    care_events (council, id) {
        council -> Text,
        id -> Uid,
        case_id -> Uid,
        kind -> Text,
        started_on -> Nullable<Date>,
        ended_on -> Nullable<Date>,
        details -> JsonDoc,
        source -> Text,
        source_key -> Nullable<Text>,
        withdrawn_on -> Nullable<Date>,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    case_facts (council, case_id, name) {
        council -> Text,
        case_id -> Uid,
        name -> Text,
        value -> JsonDoc,
        dated_on -> Nullable<Date>,
        source -> Text,
        note -> Nullable<Text>,
        recorded_at -> Stamp,
        version -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    sittings (council, id) {
        council -> Text,
        id -> Uid,
        panel -> Text,
        held_on -> Date,
        starts_at -> Nullable<Text>,
        ends_at -> Nullable<Text>,
        sessions -> JsonDoc,
        chair_role -> Nullable<Text>,
        location -> Nullable<Text>,
        status -> Text,
        off_pattern -> Bool,
        off_pattern_reason -> Nullable<Text>,
        moved_from -> Nullable<Date>,
        deadlines -> JsonDoc,
        details -> JsonDoc,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    bookings (council, id) {
        council -> Text,
        id -> Uid,
        case_id -> Uid,
        sitting_id -> Uid,
        session -> Nullable<Text>,
        slot_starts_at -> Nullable<Text>,
        slot_ends_at -> Nullable<Text>,
        request_type -> Text,
        status -> Text,
        status_reason -> Nullable<Text>,
        maintained_by_chair -> Bool,
        booked_by -> Text,
        booked_on -> Date,
        moved_from -> Nullable<Uid>,
        facts -> JsonDoc,
        details -> JsonDoc,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    paperwork (council, id) {
        council -> Text,
        id -> Uid,
        booking_id -> Uid,
        case_id -> Uid,
        document -> Text,
        received_at -> Stamp,
        submitted_by -> Nullable<Text>,
        approvals -> JsonDoc,
        contents -> JsonDoc,
        details -> JsonDoc,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    attendance (council, id) {
        council -> Text,
        id -> Uid,
        sitting_id -> Uid,
        booking_id -> Nullable<Uid>,
        role -> Text,
        mode -> Nullable<Text>,
        capacity -> Text,
        person_ref -> Nullable<Text>,
        substitute_for -> Nullable<Text>,
        details -> JsonDoc,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    legal_advice (council, id) {
        council -> Text,
        id -> Uid,
        case_id -> Uid,
        booking_id -> Nullable<Uid>,
        given_by -> Text,
        given_on -> Date,
        advice -> Nullable<Text>,
        details -> JsonDoc,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    decisions (council, id) {
        council -> Text,
        id -> Uid,
        case_id -> Uid,
        booking_id -> Nullable<Uid>,
        sitting_id -> Nullable<Uid>,
        kind -> Text,
        outcome -> Text,
        rationale -> Text,
        conditions -> JsonDoc,
        timescale -> Nullable<Text>,
        dissent -> JsonDoc,
        consensus -> Nullable<Bool>,
        decided_by -> Text,
        decided_on -> Date,
        ratified_on -> Nullable<Date>,
        ratified_by -> Nullable<Text>,
        facts -> JsonDoc,
        findings -> JsonDoc,
        quorum -> JsonDoc,
        details -> JsonDoc,
        edition -> Text,
        plugin_id -> Text,
        plugin_version -> Text,
        plugin_digest -> Text,
        operation -> Text,
        request_hash -> Text,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    follow_ups (council, id) {
        council -> Text,
        id -> Uid,
        kind -> Text,
        code -> Text,
        case_id -> Nullable<Uid>,
        booking_id -> Nullable<Uid>,
        sitting_id -> Nullable<Uid>,
        decision_id -> Nullable<Uid>,
        responsible_role -> Nullable<Text>,
        due_on -> Nullable<Date>,
        due_key -> Date,
        completed_on -> Nullable<Date>,
        completed_by -> Nullable<Text>,
        status -> Text,
        clauses -> JsonDoc,
        details -> JsonDoc,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    imports (council, id) {
        council -> Text,
        id -> Uid,
        kind -> Text,
        status -> Text,
        dry_run -> Bool,
        content_hash -> Text,
        files -> JsonDoc,
        progress -> JsonDoc,
        result -> JsonDoc,
        problem -> Nullable<Text>,
        created_by -> Text,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
        finished_at -> Nullable<Stamp>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    import_issues (council, import_id, seq) {
        council -> Text,
        import_id -> Uid,
        seq -> BigInt,
        file -> Nullable<Text>,
        line -> Nullable<BigInt>,
        field -> Nullable<Text>,
        rule -> Text,
        severity -> Text,
        action -> Text,
        message -> Text,
        case_id -> Nullable<Uid>,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    job_runs (council, id) {
        council -> Text,
        id -> Uid,
        job -> Text,
        subject -> Text,
        due_on -> Date,
        as_of -> Date,
        ran_at -> Stamp,
        outcome -> Text,
        details -> JsonDoc,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    audit_heads (council) {
        council -> Text,
        seq -> BigInt,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    audit_events (council, seq) {
        council -> Text,
        seq -> BigInt,
        id -> Uid,
        occurred_at -> Stamp,
        actor -> Text,
        actor_role -> Nullable<Text>,
        operation -> Text,
        subject_kind -> Text,
        subject_id -> Nullable<Uid>,
        subject_version -> Nullable<BigInt>,
        case_id -> Nullable<Uid>,
        document -> Nullable<Text>,
        why -> Nullable<Text>,
        request_id -> Nullable<Text>,
        prev_hash -> Binary,
        hash -> Binary,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    read_journals (council, journal) {
        council -> Text,
        journal -> Uid,
        position -> BigInt,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    idempotency_keys (council, caller, operation, key) {
        council -> Text,
        caller -> Text,
        operation -> Text,
        key -> Text,
        request_hash -> Binary,
        status -> Nullable<Integer>,
        body -> Nullable<Text>,
        location -> Nullable<Text>,
        etag -> Nullable<Text>,
        created_at -> Stamp,
        expires_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    form_submissions (council, id) {
        council -> Text,
        id -> Uid,
        form -> Text,
        case_id -> Nullable<Uid>,
        booking_id -> Nullable<Uid>,
        content -> JsonDoc,
        submitted_by -> Text,
        edition -> Text,
        plugin_id -> Text,
        plugin_version -> Text,
        plugin_digest -> Text,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    panel_members (council, id) {
        council -> Text,
        id -> Uid,
        panel -> Text,
        role -> Text,
        name -> Text,
        person_ref -> Nullable<Text>,
        substitute_for -> Nullable<Text>,
        from_on -> Date,
        to_on -> Nullable<Date>,
        note -> Nullable<Text>,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    tracker_entries (council, id) {
        council -> Text,
        id -> Uid,
        tracker -> Text,
        section -> Nullable<Text>,
        lead -> Nullable<Text>,
        case_id -> Uid,
        joined_on -> Date,
        added_by -> Nullable<Text>,
        left_on -> Nullable<Date>,
        content -> JsonDoc,
        feedback -> JsonDoc,
        moves -> JsonDoc,
        edition -> Text,
        plugin_id -> Text,
        plugin_version -> Text,
        plugin_digest -> Text,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::table! {
    use diesel::sql_types::*;
    use crate::store::types::{JsonDoc, Stamp, Uid};

    exception_reports (council, id) {
        council -> Text,
        id -> Uid,
        case_id -> Uid,
        code -> Text,
        clauses -> JsonDoc,
        finding -> JsonDoc,
        as_of -> Date,
        reasons -> Text,
        plan -> Text,
        status -> Text,
        signatures -> JsonDoc,
        sign_off -> JsonDoc,
        edition -> Text,
        plugin_id -> Text,
        plugin_version -> Text,
        plugin_digest -> Text,
        version -> BigInt,
        created_at -> Stamp,
        updated_at -> Stamp,
    }
}

diesel::allow_tables_to_appear_in_same_query!(
    cases,
    care_events,
    case_facts,
    sittings,
    bookings,
    paperwork,
    attendance,
    legal_advice,
    decisions,
    follow_ups,
    imports,
    import_issues,
    job_runs,
    audit_heads,
    audit_events,
    read_journals,
    idempotency_keys,
    form_submissions,
    panel_members,
    tracker_entries,
    exception_reports,
);
