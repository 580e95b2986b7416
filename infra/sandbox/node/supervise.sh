#!/bin/bash
# supervise.sh NAME COMMAND… - runs a program of the node again whenever it ends. Its output of this boot is in NAME.log.
log=/state/log/$1.log
name=$1
shift
[ ! -s "$log" ] || mv -f "$log" "$log.before"
while :; do
  "$@" >> "$log" 2>&1
  echo "-- $name ended with $?, again in 1 s" >> "$log"
  sleep 1
done
