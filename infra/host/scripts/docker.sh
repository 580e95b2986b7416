# Docker, Compose, and who may use them.
found=$(docker --version | sed 's/^Docker version \([0-9.]*\).*/\1/')
printf '%s\n' "$DOCKER_LEAST" "$found" | sort --version-sort --check=quiet ||
  refuse "found Docker $found; wanted $DOCKER_LEAST or later: this distribution has only an older one"

# Containers go on while the daemon is restarted or updated.
put 0644 /etc/docker/daemon.json <<'EOF'
{ "live-restore": true, "log-driver": "json-file" }
EOF
restart=$wrote
start docker
[ -z "$restart" ] || systemctl restart docker

compose=/usr/local/bin/docker-compose
echo "$COMPOSE_SHA256  $compose" | sha256sum --check --status 2>/dev/null || {
  fetch "$COMPOSE_URL" "$COMPOSE_SHA256" "$scratch/compose"
  install -m 0755 "$scratch/compose" "$compose"
  say "installed $compose"
}
# `docker compose` is the same program.
plugin=/usr/local/lib/docker/cli-plugins/docker-compose
[ "$(readlink "$plugin")" = "$compose" ] || {
  mkdir -p "$(dirname "$plugin")"
  ln -sfn "$compose" "$plugin"
}

id "$OWNER" >/dev/null 2>&1 || useradd --create-home --shell /bin/bash "$OWNER"
id -nG "$OWNER" | tr ' ' '\n' | grep -qx docker || usermod --append --groups docker "$OWNER"
install -d -o "$OWNER" -g "$(id -gn "$OWNER")" -m 0750 "$DIRECTORY"
