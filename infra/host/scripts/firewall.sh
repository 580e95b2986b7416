# Who reaches the host. UFW guards what programs of the host listen on. A port that a container publishes never passes
# there: Docker sends it on before. So the same doors stand in DOCKER-USER, which all that Docker forwards passes first.
wanted=$scratch/wanted guard=$scratch/guard guard6=$scratch/guard6

# door PORT FROM…
door() {
  port=$1
  shift
  for from; do
    set -- allow from "${from%/32}" to any port "$port" proto tcp
    [ "$from" != 0.0.0.0/0 ] || set -- allow "$port/tcp"
    ufw "$@" >/dev/null </dev/null
    echo "$*" >>"$wanted"
    # The port that was asked for, not the one of the container it was turned into.
    match="-p tcp -m conntrack --ctorigdstport $port --ctdir ORIGINAL -j RETURN"
    if [ "$from" = 0.0.0.0/0 ]; then
      echo "-A DOCKER-USER $match" | tee -a "$guard6" >>"$guard"
    else
      echo "-A DOCKER-USER -s $from $match" >>"$guard"
    fi
  done
}

# block FILE DOORS: the chain as a table of its own at the end of one of UFW's files, which UFW loads whenever it starts.
block() {
  {
    sed '/^# BEGIN platform-host/,/^# END platform-host/d' "$1"
    cat <<'EOF'
# BEGIN platform-host
*filter
:DOCKER-USER - [0:0]
-A DOCKER-USER -m conntrack --ctstate RELATED,ESTABLISHED -j RETURN
-A DOCKER-USER -i docker+ -j RETURN
-A DOCKER-USER -i br-+ -j RETURN
EOF
    cat "$2"
    printf '%s\n' '-A DOCKER-USER -j DROP' COMMIT '# END platform-host'
  } >"$scratch/block"
  put 0640 "$1" <"$scratch/block"
  [ -z "$wrote" ] || changed=yes
}

: >"$wanted"
: >"$guard"
: >"$guard6"
# That of SSH first: whoever is connected stays so. Each line is taken apart at its blanks.
while read -r each; do
  # shellcheck disable=SC2086
  door $each
done <<EOF
$DOORS
EOF
# Doors that nobody states any more are shut.
ufw show added | sed -n "s/^ufw //p" >"$scratch/added"
while read -r rule; do
  grep -qxF -- "$rule" "$wanted" && continue
  say "shuts: $rule"
  rule=${rule%% comment *}
  # shellcheck disable=SC2086 # words
  case $rule in
    'route '*) ufw --force route delete ${rule#route } ;;
    *) ufw --force delete $rule ;;
  esac >/dev/null
done <"$scratch/added"

changed=
block /etc/ufw/after.rules "$guard"
block /etc/ufw/after6.rules "$guard6"
if ! ufw status | grep -qx 'Status: active'; then
  ufw default deny incoming >/dev/null
  ufw default allow outgoing >/dev/null
  ufw --force enable
elif [ -n "$changed" ]; then
  ufw reload
fi
