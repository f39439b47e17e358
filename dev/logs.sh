#!/usr/bin/env bash
# Follows the server's log.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

log=$RUN/log/server-$PORT.log
[[ -f $log ]] || fail "no server was started on port $PORT yet; run make demo first"
exec tail -n 50 -F "$log"
