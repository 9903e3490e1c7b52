-- A server that runs writes here every few seconds: that a write was committed is what readiness is measured by.
-- Each instance has one of a few rows, and changes it.
CREATE TABLE write_probes (
    slot       INTEGER PRIMARY KEY,
    written_at INTEGER NOT NULL
) STRICT;
