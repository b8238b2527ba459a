-- Decisions are listed by their day.
CREATE INDEX decisions_decided_on ON decisions (council, decided_on, id);
