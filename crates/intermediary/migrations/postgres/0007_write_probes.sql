-- See ../sqlite/0008_write_probes.sql. A row is changed often: room for it in its own page.
CREATE TABLE write_probes (
    slot       BIGINT PRIMARY KEY,
    written_at BIGINT NOT NULL
) WITH (fillfactor = 10);
