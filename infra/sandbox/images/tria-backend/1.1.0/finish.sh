# Runs as root inside the image while it is made: compiled once here, because a read-only root keeps nothing.
python3 -m compileall -q --invalidation-mode unchecked-hash /app
