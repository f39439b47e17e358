#!/usr/bin/env bash
# Ends everything and deletes .run/, the databases with it. What was downloaded
# stays in the user's cache for the next time.
source "$(dirname "${BASH_SOURCE[0]}")/lib.sh"

"$ROOT/dev/stop.sh"
rm -rf "$RUN"
[[ $SOCKET_DIR == "$RUN"/* ]] || rm -rf "$SOCKET_DIR"
echo "Deleted .run/."
