# Logs of containers. `daily` with `size` would be `size` alone; `maxsize` means: each day, and sooner when it is large.
put 0644 "/etc/logrotate.d/$NAME" <<'EOF'
/var/lib/docker/containers/*/*.log {
  rotate 7
  daily
  maxsize 10M
  compress
  delaycompress
  missingok
  notifempty
  copytruncate
}
EOF
# "Sooner" is as often as logrotate looks, which is once a day unless told otherwise.
unit logrotate.timer.d/hourly.conf <<'EOF'
[Timer]
OnCalendar=
OnCalendar=hourly
AccuracySec=1m
EOF
start logrotate.timer
