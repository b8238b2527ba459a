-- What a policy asks people to write down: forms, the members of a panel, trackers, exception reports.

CREATE TABLE form_submissions (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  form TEXT NOT NULL,
  -- None for a form about the council as a whole.
  case_id BLOB,
  booking_id BLOB,
  content TEXT NOT NULL,
  submitted_by TEXT NOT NULL,
  edition TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  plugin_version TEXT NOT NULL,
  plugin_digest TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX form_submissions_case ON form_submissions (council, case_id, id);
CREATE INDEX form_submissions_form ON form_submissions (council, form, id);
CREATE INDEX form_submissions_booking ON form_submissions (council, booking_id, id);

CREATE TABLE panel_members (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  panel TEXT NOT NULL,
  role TEXT NOT NULL,
  name TEXT NOT NULL,
  person_ref TEXT,
  substitute_for TEXT,
  from_on TEXT NOT NULL,
  to_on TEXT,
  note TEXT,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX panel_members_panel ON panel_members (council, panel, id);

CREATE TABLE tracker_entries (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  tracker TEXT NOT NULL,
  section TEXT,
  lead TEXT,
  case_id BLOB NOT NULL,
  joined_on TEXT NOT NULL,
  added_by TEXT,
  left_on TEXT,
  content TEXT NOT NULL,
  feedback TEXT NOT NULL,
  moves TEXT NOT NULL,
  edition TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  plugin_version TEXT NOT NULL,
  plugin_digest TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX tracker_entries_section ON tracker_entries (council, tracker, section, id);
CREATE INDEX tracker_entries_case ON tracker_entries (council, case_id, id);
-- On a tracker with sections a child stands in one of them at a time; others hold as many entries as there are.
CREATE UNIQUE INDEX tracker_entries_once ON tracker_entries (council, tracker, case_id) WHERE left_on IS NULL AND section IS NOT NULL;

CREATE TABLE exception_reports (
  council TEXT NOT NULL,
  id BLOB NOT NULL,
  case_id BLOB NOT NULL,
  code TEXT NOT NULL,
  clauses TEXT NOT NULL,
  finding TEXT NOT NULL,
  as_of TEXT NOT NULL,
  reasons TEXT NOT NULL,
  plan TEXT NOT NULL,
  status TEXT NOT NULL CHECK (status IN ('awaiting_signatures', 'signed_off', 'no_signature_rule')),
  signatures TEXT NOT NULL,
  sign_off TEXT NOT NULL,
  edition TEXT NOT NULL,
  plugin_id TEXT NOT NULL,
  plugin_version TEXT NOT NULL,
  plugin_digest TEXT NOT NULL,
  version INTEGER NOT NULL,
  created_at INTEGER NOT NULL,
  updated_at INTEGER NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
) STRICT, WITHOUT ROWID;
CREATE INDEX exception_reports_case ON exception_reports (council, case_id, id);
CREATE INDEX exception_reports_status ON exception_reports (council, status, id);
