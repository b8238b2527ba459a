-- What a policy asks people to write down: forms, the members of a panel, trackers, exception reports.

CREATE TABLE form_submissions (
  council text NOT NULL,
  id uuid NOT NULL,
  form text NOT NULL,
  -- None for a form about the council as a whole.
  case_id uuid,
  booking_id uuid,
  content jsonb NOT NULL,
  submitted_by text NOT NULL,
  edition text NOT NULL,
  plugin_id text NOT NULL,
  plugin_version text NOT NULL,
  plugin_digest text NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id),
  FOREIGN KEY (council, booking_id) REFERENCES bookings (council, id)
);
CREATE INDEX form_submissions_case ON form_submissions (council, case_id, id);
CREATE INDEX form_submissions_form ON form_submissions (council, form, id);
CREATE INDEX form_submissions_booking ON form_submissions (council, booking_id, id);

CREATE TABLE panel_members (
  council text NOT NULL,
  id uuid NOT NULL,
  panel text NOT NULL,
  role text NOT NULL,
  name text NOT NULL,
  person_ref text,
  substitute_for text,
  from_on date NOT NULL,
  to_on date,
  note text,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id)
);
CREATE INDEX panel_members_panel ON panel_members (council, panel, id);

CREATE TABLE tracker_entries (
  council text NOT NULL,
  id uuid NOT NULL,
  tracker text NOT NULL,
  section text,
  lead text,
  case_id uuid NOT NULL,
  joined_on date NOT NULL,
  added_by text,
  left_on date,
  content jsonb NOT NULL,
  feedback jsonb NOT NULL,
  moves jsonb NOT NULL,
  edition text NOT NULL,
  plugin_id text NOT NULL,
  plugin_version text NOT NULL,
  plugin_digest text NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
);
CREATE INDEX tracker_entries_section ON tracker_entries (council, tracker, section, id);
CREATE INDEX tracker_entries_case ON tracker_entries (council, case_id, id);
-- On a tracker with sections a child stands in one of them at a time; others hold as many entries as there are.
CREATE UNIQUE INDEX tracker_entries_once ON tracker_entries (council, tracker, case_id) WHERE left_on IS NULL AND section IS NOT NULL;

CREATE TABLE exception_reports (
  council text NOT NULL,
  id uuid NOT NULL,
  case_id uuid NOT NULL,
  code text NOT NULL,
  clauses jsonb NOT NULL,
  finding jsonb NOT NULL,
  as_of date NOT NULL,
  reasons text NOT NULL,
  plan text NOT NULL,
  status text NOT NULL CHECK (status IN ('awaiting_signatures', 'signed_off', 'no_signature_rule')),
  signatures jsonb NOT NULL,
  sign_off jsonb NOT NULL,
  edition text NOT NULL,
  plugin_id text NOT NULL,
  plugin_version text NOT NULL,
  plugin_digest text NOT NULL,
  version bigint NOT NULL,
  created_at timestamptz NOT NULL,
  updated_at timestamptz NOT NULL,
  PRIMARY KEY (council, id),
  FOREIGN KEY (council, case_id) REFERENCES cases (council, id)
);
CREATE INDEX exception_reports_case ON exception_reports (council, case_id, id);
CREATE INDEX exception_reports_status ON exception_reports (council, status, id);
