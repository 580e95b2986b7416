# The file of variables, fetched by the instance's role at each boot. Its name is here, what it holds is not.
if [ -n "$SECRET_ID" ]; then
  put 0755 /usr/local/sbin/host-secrets <<EOF
#!/bin/sh
set -eu
umask 077
next=\$(mktemp '$ENV_FILE.XXXXXX')
trap 'rm -f "\$next"' EXIT
aws secretsmanager get-secret-value --region '$REGION' --secret-id '$SECRET_ID' --query SecretString --output text >"\$next"
grep -q = "\$next" || { echo 'host-secrets: the secret holds no variable; the file stays as it was' >&2; exit 1; }
chown '$OWNER:' "\$next"
mv -f "\$next" '$ENV_FILE'
trap - EXIT
EOF
  unit host-secrets.service <<'EOF'
[Unit]
Description=Variables of the containers, from AWS Secrets Manager
Wants=network-online.target
After=network-online.target
Before=docker.service

[Service]
Type=oneshot
RemainAfterExit=yes
ExecStart=/usr/local/sbin/host-secrets

[Install]
WantedBy=multi-user.target
EOF
  start host-secrets
elif [ -e "$ENV_FILE" ]; then
  chown "$OWNER:" "$ENV_FILE"
  chmod 0600 "$ENV_FILE"
fi
say 'prepared'
