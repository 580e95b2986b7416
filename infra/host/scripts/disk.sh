# The data disk, where Docker keeps everything. It is there before Docker is, and outlives the host.
data=/var/lib/docker
if [ -n "$DATA_DEVICE" ]; then
  for second in $(seq 300); do
    [ ! -b "$DATA_DEVICE" ] || break
    [ "$second" -lt 300 ] || refuse "$DATA_DEVICE: found no such disk in five minutes; is it attached?"
    sleep 1
  done
  # 0: it holds something. 2: it is blank. Anything else is no reason to write over it.
  code=0
  blkid --probe "$DATA_DEVICE" >/dev/null || code=$?
  case $code in
    0) ;;
    2) mkfs.ext4 -q -L docker "$DATA_DEVICE" ;;
    *) refuse "$DATA_DEVICE: blkid ended with $code: neither blank nor known; look at it by hand" ;;
  esac
  id=$(blkid --probe --output value --match-tag UUID "$DATA_DEVICE")
  # Without the disk the host still boots, so that somebody can look; Docker does not start on the root disk instead.
  sed "\\| $data |d" /etc/fstab >"$scratch/fstab"
  echo "UUID=$id $data ext4 defaults,nofail 0 2" >>"$scratch/fstab"
  put 0644 /etc/fstab <"$scratch/fstab"
  unit docker.service.d/data.conf <<EOF
[Unit]
RequiresMountsFor=$data
EOF
  mkdir -p "$data"
  mountpoint -q "$data" || mount "$data"
fi
