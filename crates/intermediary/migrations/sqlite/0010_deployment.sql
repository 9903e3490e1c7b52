-- What the servers on this database have in common, and which they are.
CREATE TABLE deployment (
    name  TEXT PRIMARY KEY,
    value TEXT NOT NULL
) STRICT;

-- Whether the shop is told: once a server started that tells it, what happens is noted for it by every other one too.
INSERT INTO deployment (name, value)
    SELECT 'telling', CASE WHEN EXISTS (SELECT 1 FROM notifications) THEN 'yes' ELSE 'no' END;

CREATE TABLE instances (
    instance TEXT PRIMARY KEY,   -- new with every start
    settings TEXT NOT NULL,      -- JSON: a keyed hash of each setting that all servers must have in common
    seen_at  INTEGER NOT NULL    -- by the database's clock
) STRICT;
