#!/bin/sh
# Takes texts from inbox/, puts them into outbox/ in capitals, one after the other. A text leaves the inbox only when its
# result is complete, so that a worker that is killed has lost nothing: the next one does that text again.
set -eu
mkdir -p inbox outbox

stop=no
trap 'stop=yes' TERM
echo "working on $PWD/inbox"

while [ "$stop" = no ]; do
  touch alive
  for job in inbox/*; do
    [ -f "$job" ] || continue
    name=${job#inbox/}
    tr '[:lower:]' '[:upper:]' <"$job" >"outbox/.$name"
    mv "outbox/.$name" "outbox/$name"
    rm "$job"
    echo "done: $name"
    [ "$stop" = no ] || break
  done
  sleep 1 & # in the background, so that SIGTERM is heard at once
  wait $! || true
done
echo "stopped in order"
