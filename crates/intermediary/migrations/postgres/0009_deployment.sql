-- The same tables as in ../sqlite, where each is explained.
CREATE TABLE deployment (
    name  TEXT COLLATE "C" PRIMARY KEY,
    value TEXT NOT NULL
);

INSERT INTO deployment (name, value)
    SELECT 'telling', CASE WHEN EXISTS (SELECT 1 FROM notifications) THEN 'yes' ELSE 'no' END;

CREATE TABLE instances (
    instance TEXT COLLATE "C" PRIMARY KEY,
    settings TEXT NOT NULL,
    seen_at  BIGINT NOT NULL
);
