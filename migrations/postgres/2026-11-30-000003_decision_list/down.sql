DROP INDEX decisions_decided_on;
