set -a; . /etc/banq-intermediary.env; set +a
banq-intermediary doctor
