# Runs as root inside the image while it is made. The documents of the product call Python by this name.
ln -s /usr/bin/python3 /usr/local/bin/python
# A new volume takes over owner and mode of the folder that it is mounted at.
mkdir -p /app/chroma
chown 10001:10001 /app/chroma
# Compiled once here, because a read-only root keeps nothing.
python3 -m compileall -q --invalidation-mode unchecked-hash /app
