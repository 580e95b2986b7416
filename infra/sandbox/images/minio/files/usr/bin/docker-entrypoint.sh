#!/bin/sh
# Starts MinIO as the public image of that name does: `server /data` means `minio server /data`. MinIO itself reads
# MINIO_ROOT_USER, MINIO_ROOT_PASSWORD and their _FILE forms. Written for this project.
set -eu
[ "${1:-}" = minio ] || set -- minio "$@"
exec "$@"
