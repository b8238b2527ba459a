-- The first tables.
-- The council comes first in every key and index, so that a council's rows lie together and can be moved together.
-- Every row that can change has a version, which the caller must name when changing it.
-- Ids are UUIDv7: their order is the order of creation, which lists page by.

CREATE TABLE cases (
  council text NOT NULL,
  id uuid NOT NULL,
  -- "C" sorts by bytes, as SQLite does: lists and prefixes mean the same on both.
  reference text COLLATE "C" NOT NULL,
  given_name text,
  family_name text,
  given_name_key text COLLATE "C" NOT NULL,
  family_name_key text COLLATE "C" NOT NULL,
  date_of_birth date,
  sex text,
  social_worker text,
  team text,
  service text,
  status text NOT NULL CHECK (status IN ('open', 'closed')),
  closed_on date,
  closed_reason text,
  source text NOT NULL,
  details jsonb NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id)
);
CREATE UNIQUE INDEX cases_reference ON cases (council, reference);
CREATE INDEX cases_status ON cases (council, status, id);
CREATE INDEX cases_social_worker ON cases (council, social_worker, id);
CREATE INDEX cases_team ON cases (council, team, id);
CREATE INDEX cases_family_name ON cases (council, family_name_key, id);
CREATE INDEX cases_date_of_birth ON cases (council, date_of_birth, id);
CREATE INDEX cases_updated_at ON cases (council, updated_at, id);

CREATE TABLE care_events (
  council text NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  kind text NOT NULL,
  started_on date,
  ended_on date,
  details jsonb NOT NULL,
  source text NOT NULL,
  source_key text,
  withdrawn_on date,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
);
CREATE INDEX care_events_case ON care_events (council, case_id, id);
CREATE UNIQUE INDEX care_events_source_key ON care_events (council, case_id, source_key);

CREATE TABLE case_facts (
  council text NOT NULL,
  case_id uuid NOT NULL,
  name text COLLATE "C" NOT NULL,
  value jsonb NOT NULL,
  dated_on date,
  source text NOT NULL,
  note text,
  recorded_at timestamptz NOT NULL,
  version bigint NOT NULL,
  PRIMARY KEY (council, case_id, name),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
);

CREATE TABLE sittings (
  council text NOT NULL,
  id uuid NOT NULL,
  panel text NOT NULL,
  held_on date NOT NULL,
  starts_at text,
  ends_at text,
  sessions jsonb NOT NULL,
  chair_role text,
  location text,
  status text NOT NULL CHECK (status IN ('scheduled', 'cancelled', 'held', 'skipped')),
  off_pattern boolean NOT NULL,
  off_pattern_reason text,
  moved_from date,
  deadlines jsonb NOT NULL,
  details jsonb NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id)
);
CREATE INDEX sittings_held_on ON sittings (council, held_on, id);
CREATE INDEX sittings_panel ON sittings (council, panel, held_on, id);
CREATE INDEX sittings_status ON sittings (council, status, held_on, id);

CREATE TABLE bookings (
  council text NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  sitting_id uuid NOT NULL,
  session text,
  slot_starts_at text,
  slot_ends_at text,
  request_type text NOT NULL,
  status text NOT NULL CHECK (status IN ('listed', 'removed_from_list', 'deferred', 'withdrawn', 'decided')),
  status_reason text,
  maintained_by_chair boolean NOT NULL,
  booked_by text NOT NULL,
  booked_on date NOT NULL,
  moved_from uuid,
  facts jsonb NOT NULL,
  details jsonb NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id)
);
CREATE INDEX bookings_sitting ON bookings (council, sitting_id, id);
CREATE INDEX bookings_case ON bookings (council, case_id, id);
CREATE INDEX bookings_status ON bookings (council, status, id);
-- Two callers cannot take one slot: the second one is refused by the database.
CREATE UNIQUE INDEX bookings_slot ON bookings (council, sitting_id, session, slot_starts_at) WHERE status IN ('listed', 'decided');

CREATE TABLE paperwork (
  council text NOT NULL,
  id uuid NOT NULL,
  booking_id uuid NOT NULL,
  case_id uuid NOT NULL,
  document text NOT NULL,
  received_at timestamptz NOT NULL,
  submitted_by text,
  approvals jsonb NOT NULL,
  contents jsonb NOT NULL,
  details jsonb NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
);
CREATE INDEX paperwork_booking ON paperwork (council, booking_id, id);
CREATE INDEX paperwork_case ON paperwork (council, case_id, id);

CREATE TABLE attendance (
  council text NOT NULL,
  id uuid NOT NULL,
  sitting_id uuid NOT NULL,
  booking_id uuid,
  role text NOT NULL,
  mode text,
  capacity text NOT NULL CHECK (capacity IN ('member', 'substitute', 'presenter', 'observer')),
  person_ref text,
  substitute_for text,
  details jsonb NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id)
);
CREATE INDEX attendance_sitting ON attendance (council, sitting_id, id);
CREATE INDEX attendance_booking ON attendance (council, booking_id, id);
CREATE INDEX attendance_person ON attendance (council, person_ref, sitting_id);

CREATE TABLE legal_advice (
  council text NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  booking_id uuid,
  given_by text NOT NULL,
  given_on date NOT NULL,
  advice text,
  details jsonb NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id)
);
CREATE INDEX legal_advice_case ON legal_advice (council, case_id, id);
CREATE INDEX legal_advice_booking ON legal_advice (council, booking_id, id);

CREATE TABLE decisions (
  council text NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  booking_id uuid,
  sitting_id uuid,
  kind text NOT NULL CHECK (kind IN ('panel', 'chair', 'urgent')),
  outcome text NOT NULL,
  rationale text NOT NULL,
  conditions jsonb NOT NULL,
  timescale text,
  dissent jsonb NOT NULL,
  consensus boolean,
  decided_by text NOT NULL,
  decided_on date NOT NULL,
  ratified_on date,
  ratified_by text,
  facts jsonb NOT NULL,
  findings jsonb NOT NULL,
  quorum jsonb NOT NULL,
  details jsonb NOT NULL,
  edition text NOT NULL,
  plugin_id text NOT NULL,
  plugin_version text NOT NULL,
  plugin_digest text NOT NULL,
  operation text NOT NULL,
  request_hash text NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id)
);
CREATE INDEX decisions_case ON decisions (council, case_id, id);
CREATE INDEX decisions_sitting ON decisions (council, sitting_id, id);
-- A booking is decided once.
CREATE UNIQUE INDEX decisions_booking ON decisions (council, booking_id);

CREATE TABLE follow_ups (
  council text NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL CHECK (kind IN ('action', 'letter', 'record', 'distribution', 'notice')),
  code text NOT NULL,
  case_id uuid,
  booking_id uuid,
  sitting_id uuid,
  decision_id uuid,
  responsible_role text,
  due_on date,
  -- The due day, or the last day there is: lists are in this order, and a null would have no place in it.
  due_key date NOT NULL,
  completed_on date,
  completed_by text,
  status text NOT NULL CHECK (status IN ('open', 'completed', 'cancelled')),
  clauses jsonb NOT NULL,
  details jsonb NOT NULL,
  note text,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id),
  FOREIGN KEY (council, decision_id) REFERENCES decisions (council, id)
);
CREATE INDEX follow_ups_due ON follow_ups (council, kind, due_key, id);
CREATE INDEX follow_ups_status ON follow_ups (council, kind, status, due_key, id);
CREATE INDEX follow_ups_case ON follow_ups (council, case_id, id);
CREATE INDEX follow_ups_booking ON follow_ups (council, booking_id, id);
CREATE INDEX follow_ups_sitting ON follow_ups (council, sitting_id, id);
CREATE INDEX follow_ups_decision ON follow_ups (council, decision_id, id);

CREATE TABLE imports (
  council text NOT NULL,
  id uuid NOT NULL,
  kind text NOT NULL,
  status text NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
  dry_run boolean NOT NULL,
  content_hash text NOT NULL,
  files jsonb NOT NULL,
  progress jsonb NOT NULL,
  result jsonb NOT NULL,
  problem text,
  created_by text NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  finished_at timestamptz,
  PRIMARY KEY (council, id)
);
CREATE INDEX imports_content ON imports (council, content_hash, id);

CREATE TABLE import_issues (
  council text NOT NULL,
  import_id uuid NOT NULL,
  seq bigint NOT NULL,
  file text,
  line bigint,
  field text,
  rule text NOT NULL,
  severity text NOT NULL,
  action text NOT NULL,
  message text NOT NULL,
  case_id uuid,
  PRIMARY KEY (council, import_id, seq),
  FOREIGN KEY (council, import_id) REFERENCES imports (council, id)
);

-- What a job has done: a job claims its subject here first, so that what is due happens once.
CREATE TABLE job_runs (
  council text NOT NULL,
  id uuid NOT NULL,
  job text NOT NULL,
  subject text NOT NULL,
  due_on date NOT NULL,
  as_of date NOT NULL,
  ran_at timestamptz NOT NULL,
  outcome text NOT NULL,
  details jsonb NOT NULL,
  PRIMARY KEY (council, id)
);
CREATE UNIQUE INDEX job_runs_once ON job_runs (council, job, subject, due_on);

-- The end of each council's chain: whoever appends holds its row until the commit.
CREATE TABLE audit_heads (
  council text NOT NULL,
  seq bigint NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (council)
);

-- The document is text and not JSON: the hash is over its bytes, which a JSON column would rearrange.
CREATE TABLE audit_events (
  council text NOT NULL,
  seq bigint NOT NULL,
  id uuid NOT NULL,
  occurred_at timestamptz NOT NULL,
  actor text NOT NULL,
  actor_role text,
  operation text NOT NULL,
  subject_kind text NOT NULL,
  subject_id uuid,
  subject_version bigint,
  case_id uuid,
  document text,
  why text,
  request_id text,
  prev_hash bytea NOT NULL,
  hash bytea NOT NULL,
  PRIMARY KEY (council, seq)
);
CREATE UNIQUE INDEX audit_events_id ON audit_events (council, id);
CREATE INDEX audit_events_subject ON audit_events (council, subject_kind, subject_id, seq);
CREATE INDEX audit_events_case ON audit_events (council, case_id, seq);
CREATE INDEX audit_events_actor ON audit_events (council, actor, seq);

CREATE FUNCTION audit_events_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'audit_events is append-only';
END
$$;
CREATE TRIGGER audit_events_no_change BEFORE UPDATE OR DELETE ON audit_events
  FOR EACH ROW EXECUTE FUNCTION audit_events_refuse_change();
CREATE TRIGGER audit_events_no_truncate BEFORE TRUNCATE ON audit_events
  FOR EACH STATEMENT EXECUTE FUNCTION audit_events_refuse_change();

-- How much of each journal of reads has been moved to the chain, written in the transaction that moves it.
CREATE TABLE read_journals (
  council text NOT NULL,
  journal uuid NOT NULL,
  position bigint NOT NULL,
  PRIMARY KEY (council, journal)
);

CREATE TABLE idempotency_keys (
  council text NOT NULL,
  caller text NOT NULL,
  operation text NOT NULL,
  key text NOT NULL,
  request_hash bytea NOT NULL,
  status integer,
  body text,
  location text,
  etag text,
  created_at timestamptz NOT NULL,
  expires_at timestamptz NOT NULL,
  PRIMARY KEY (council, caller, operation, key)
);
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (council, expires_at);
