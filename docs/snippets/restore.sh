systemctl stop banq-intermediary
cd /var/lib/banq-intermediary
rm -f intermediary.sqlite-wal intermediary.sqlite-shm
cp /var/backups/intermediary.sqlite intermediary.sqlite
chown --reference=. intermediary.sqlite
systemctl start banq-intermediary
