DROP TABLE exception_reports;
DROP TABLE tracker_entries;
DROP TABLE panel_members;
DROP TABLE form_submissions;
