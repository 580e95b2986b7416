# node_exporter: the host's own figures, on port 9100.
place=/opt/node_exporter-$EXPORTER_VERSION.linux-amd64
if [ ! -x "$place/node_exporter" ]; then
  fetch "$EXPORTER_URL" "$EXPORTER_SHA256" "$scratch/exporter.tar.gz"
  mkdir "$scratch/exporter"
  tar --extract --gzip --file="$scratch/exporter.tar.gz" --directory="$scratch/exporter" --strip-components=1 --no-same-owner
  rm -rf "$place.next"
  cp -R "$scratch/exporter" "$place.next"
  chmod 0755 "$place.next" "$place.next/node_exporter"
  mv "$place.next" "$place"
  say "installed $place"
fi
# It needs no right at all: what it reads, everybody may.
id node_exporter >/dev/null 2>&1 || useradd --system --no-create-home --shell /usr/sbin/nologin node_exporter
unit node_exporter.service <<EOF
[Unit]
Description=Node Exporter
After=network.target

[Service]
Type=simple
User=node_exporter
ExecStart=$place/node_exporter
Restart=always

[Install]
WantedBy=multi-user.target
EOF
start node_exporter
