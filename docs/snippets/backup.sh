sqlite3 /var/lib/banq-intermediary/intermediary.sqlite ".backup '/var/backups/intermediary.sqlite'"
