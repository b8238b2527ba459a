-- The first tables.
-- The council comes first in every key and index, so that a council's rows lie together and can be moved together.
-- Every row that can change has a version, which the caller must name when changing it.
-- Ids are UUIDv7: their order is the order of creation, which lists page by.

CREATE TABLE cases (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  reference TEXT NOT NULL,
  given_name TEXT,
  family_name TEXT,
  given_name_key TEXT NOT NULL,
  family_name_key TEXT NOT NULL,
  date_of_birth TEXT,
  sex TEXT,
  social_worker TEXT,
  team TEXT,
  service TEXT,
  status TEXT NOT NULL CHECK (status IN ('open', 'closed')),
  closed_on TEXT,
  closed_reason TEXT,
  source TEXT NOT NULL,
  details TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX cases_reference ON cases (council, reference);
CREATE INDEX cases_status ON cases (council, status, id);
CREATE INDEX cases_social_worker ON cases (council, social_worker, id);
CREATE INDEX cases_team ON cases (council, team, id);
CREATE INDEX cases_family_name ON cases (council, family_name_key, id);
CREATE INDEX cases_date_of_birth ON cases (council, date_of_birth, id);
CREATE INDEX cases_updated_at ON cases (council, updated_at, id);

CREATE TABLE care_events (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  kind TEXT NOT NULL,
  started_on TEXT,
  ended_on TEXT,
  details TEXT NOT NULL,
  source TEXT NOT NULL,
  source_key TEXT,
  withdrawn_on TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX care_events_case ON care_events (council, case_id, id);
CREATE UNIQUE INDEX care_events_source_key ON care_events (council, case_id, source_key);

CREATE TABLE case_facts (
  council TEXT NOT NULL,
  case_id BLOB NOT NULL,
  name TEXT NOT NULL,
  value TEXT NOT NULL,
  dated_on TEXT,
  source TEXT NOT NULL,
  note TEXT,
  recorded_at INTEGER NOT NULL,
  version INTEGER NOT NULL,
  PRIMARY KEY (council, case_id, name),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
) STRICT, WITHOUT ROWID;

CREATE TABLE sittings (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  panel TEXT NOT NULL,
  held_on TEXT NOT NULL,
  starts_at TEXT,
  ends_at TEXT,
  sessions TEXT NOT NULL,
  chair_role TEXT,
  location TEXT,
  status TEXT NOT NULL CHECK (status IN ('scheduled', 'cancelled', 'held', 'skipped')),
  off_pattern INTEGER NOT NULL,
  off_pattern_reason TEXT,
  moved_from TEXT,
  deadlines TEXT NOT NULL,
  details TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX sittings_held_on ON sittings (council, held_on, id);
CREATE INDEX sittings_panel ON sittings (council, panel, held_on, id);
CREATE INDEX sittings_status ON sittings (council, status, held_on, id);

CREATE TABLE bookings (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  sitting_id BLOB NOT NULL,
  session TEXT,
  slot_starts_at TEXT,
  slot_ends_at TEXT,
  request_type TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('listed', 'removed_from_list', 'deferred', 'withdrawn', 'decided')),
  status_reason TEXT,
  maintained_by_chair INTEGER NOT NULL,
  booked_by TEXT NOT NULL,
  booked_on TEXT NOT NULL,
  moved_from BLOB,
  facts TEXT NOT NULL,
  details TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX bookings_sitting ON bookings (council, sitting_id, id);
CREATE INDEX bookings_case ON bookings (council, case_id, id);
CREATE INDEX bookings_status ON bookings (council, status, id);
-- Two callers cannot take one slot: the second one is refused by the database.
CREATE UNIQUE INDEX bookings_slot ON bookings (council, sitting_id, session, slot_starts_at) WHERE status IN ('listed', 'decided');

CREATE TABLE paperwork (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  booking_id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  document TEXT NOT NULL,
  received_at INTEGER NOT NULL,
  submitted_by TEXT,
  approvals TEXT NOT NULL,
  contents TEXT NOT NULL,
  details TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX paperwork_booking ON paperwork (council, booking_id, id);
CREATE INDEX paperwork_case ON paperwork (council, case_id, id);

CREATE TABLE attendance (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  sitting_id BLOB NOT NULL,
  booking_id BLOB,
  role TEXT NOT NULL,
  mode TEXT,
  capacity TEXT NOT NULL CHECK (capacity IN ('member', 'substitute', 'presenter', 'observer')),
  person_ref TEXT,
  substitute_for TEXT,
  details TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX attendance_sitting ON attendance (council, sitting_id, id);
CREATE INDEX attendance_booking ON attendance (council, booking_id, id);
CREATE INDEX attendance_person ON attendance (council, person_ref, sitting_id);

CREATE TABLE legal_advice (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  booking_id BLOB,
  given_by TEXT NOT NULL,
  given_on TEXT NOT NULL,
  advice TEXT,
  details TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX legal_advice_case ON legal_advice (council, case_id, id);
CREATE INDEX legal_advice_booking ON legal_advice (council, booking_id, id);

CREATE TABLE decisions (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  booking_id BLOB,
  sitting_id BLOB,
  kind TEXT NOT NULL CHECK (kind IN ('panel', 'chair', 'urgent')),
  outcome TEXT NOT NULL,
  rationale TEXT NOT NULL,
  conditions TEXT NOT NULL,
  timescale TEXT,
  dissent TEXT NOT NULL,
  consensus INTEGER,
  decided_by TEXT NOT NULL,
  decided_on TEXT NOT NULL,
  ratified_on TEXT,
  ratified_by TEXT,
  facts TEXT NOT NULL,
  findings TEXT NOT NULL,
  quorum TEXT NOT NULL,
  details TEXT NOT NULL,
  edition TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  plugin_version TEXT NOT NULL,
  plugin_digest TEXT NOT NULL,
  operation TEXT NOT NULL,
  request_hash TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX decisions_case ON decisions (council, case_id, id);
CREATE INDEX decisions_sitting ON decisions (council, sitting_id, id);
-- A booking is decided once.
CREATE UNIQUE INDEX decisions_booking ON decisions (council, booking_id);

CREATE TABLE follow_ups (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  kind TEXT NOT NULL CHECK (kind IN ('action', 'letter', 'record', 'distribution', 'notice')),
  code TEXT NOT NULL,
  case_id BLOB,
  booking_id BLOB,
  sitting_id BLOB,
  decision_id BLOB,
  responsible_role TEXT,
  due_on TEXT,
  -- The due day, or the last day there is: lists are in this order, and a null would have no place in it.
  due_key TEXT NOT NULL,
  completed_on TEXT,
  completed_by TEXT,
  status TEXT NOT NULL CHECK (status IN ('open', 'completed', 'cancelled')),
  clauses TEXT NOT NULL,
  details TEXT NOT NULL,
  note TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id),
  FOREIGN KEY (council, sitting_id) REFERENCES sittings (council, id),
  FOREIGN KEY (council, decision_id) REFERENCES decisions (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX follow_ups_due ON follow_ups (council, kind, due_key, id);
CREATE INDEX follow_ups_status ON follow_ups (council, kind, status, due_key, id);
CREATE INDEX follow_ups_case ON follow_ups (council, case_id, id);
CREATE INDEX follow_ups_booking ON follow_ups (council, booking_id, id);
CREATE INDEX follow_ups_sitting ON follow_ups (council, sitting_id, id);
CREATE INDEX follow_ups_decision ON follow_ups (council, decision_id, id);

CREATE TABLE imports (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  kind TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('queued', 'running', 'succeeded', 'failed')),
  dry_run INTEGER NOT NULL,
  content_hash TEXT NOT NULL,
  files TEXT NOT NULL,
  progress TEXT NOT NULL,
  result TEXT NOT NULL,
  problem TEXT,
  created_by TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  finished_at INTEGER,
  PRIMARY KEY (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX imports_content ON imports (council, content_hash, id);

CREATE TABLE import_issues (
  council TEXT NOT NULL,
  import_id BLOB NOT NULL,
  seq INTEGER NOT NULL,
  file TEXT,
  line INTEGER,
  field TEXT,
  rule TEXT NOT NULL,
  severity TEXT NOT NULL,
  action TEXT NOT NULL,
  message TEXT NOT NULL,
  case_id BLOB,
  PRIMARY KEY (council, import_id, seq),
  FOREIGN KEY (council, import_id) REFERENCES imports (council, id)
) STRICT, WITHOUT ROWID;

-- What a job has done: a job claims its subject here first, so that what is due happens once.
CREATE TABLE job_runs (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  job TEXT NOT NULL,
  subject TEXT NOT NULL,
  due_on TEXT NOT NULL,
  as_of TEXT NOT NULL,
  ran_at INTEGER NOT NULL,
  outcome TEXT NOT NULL,
  details TEXT NOT NULL,
  PRIMARY KEY (council, id)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX job_runs_once ON job_runs (council, job, subject, due_on);

-- The end of each council's chain: whoever appends holds its row until the commit.
CREATE TABLE audit_heads (
  council TEXT NOT NULL,
  seq INTEGER NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (council)
) STRICT, WITHOUT ROWID;

-- The document is text and not JSON: the hash is over its bytes, which a JSON column would rearrange.
CREATE TABLE audit_events (
  council TEXT NOT NULL,
  seq INTEGER NOT NULL,
  id BLOB NOT NULL,
  occurred_at INTEGER NOT NULL,
  actor TEXT NOT NULL,
  actor_role TEXT,
  operation TEXT NOT NULL,
  subject_kind TEXT NOT NULL,
  subject_id BLOB,
  subject_version INTEGER,
  case_id BLOB,
  document TEXT,
  why TEXT,
  request_id TEXT,
  prev_hash BLOB NOT NULL,
  hash BLOB NOT NULL,
  PRIMARY KEY (council, seq)
) STRICT, WITHOUT ROWID;
CREATE UNIQUE INDEX audit_events_id ON audit_events (council, id);
CREATE INDEX audit_events_subject ON audit_events (council, subject_kind, subject_id, seq);
CREATE INDEX audit_events_case ON audit_events (council, case_id, seq);
CREATE INDEX audit_events_actor ON audit_events (council, actor, seq);

CREATE TRIGGER audit_events_no_update BEFORE UPDATE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit_events is append-only');
END;
CREATE TRIGGER audit_events_no_delete BEFORE DELETE ON audit_events
BEGIN
  SELECT RAISE(ABORT, 'audit_events is append-only');
END;

-- How much of each journal of reads has been moved to the chain, written in the transaction that moves it.
CREATE TABLE read_journals (
  council TEXT NOT NULL,
  journal BLOB NOT NULL,
  position INTEGER NOT NULL,
  PRIMARY KEY (council, journal)
) STRICT, WITHOUT ROWID;

CREATE TABLE idempotency_keys (
  council TEXT NOT NULL,
  caller TEXT NOT NULL,
  operation TEXT NOT NULL,
  key TEXT NOT NULL,
  request_hash BLOB NOT NULL,
  status INTEGER,
  body TEXT,
  location TEXT,
  etag TEXT,
  created_at INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  PRIMARY KEY (council, caller, operation, key)
) STRICT, WITHOUT ROWID;
CREATE INDEX idempotency_keys_expiry ON idempotency_keys (council, expires_at);
