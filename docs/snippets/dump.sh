pg_dump --format=custom --file=/var/backups/intermediary.dump "$BANQ_DATABASE_URL"
