# shellcheck shell=bash
# Processes we start: each in its own group, so that Ctrl-C reaches us alone and we stop them in order, and each written
# down with the moment it started, so that a run after a crash ends what was left behind and never a stranger.

ATTENDED=""  # the command in the foreground, while there is one
SERVICES=""  # names of running services, newest first
ON_FINISH="" # functions to call last, when the services are gone

# The kernel's start time tells a process from a later one with the same number; `ps` is missing in small images.
started_at() {
  if [ -r "/proc/$1/stat" ]; then
    sed 's/^.*) //' "/proc/$1/stat" | cut -d' ' -f20
  else
    ps -o lstart= -p "$1"
  fi 2>/dev/null || true
}

command_of() {
  if [ -r "/proc/$1/cmdline" ]; then tr '\0' ' ' <"/proc/$1/cmdline"; else ps -o args= -p "$1"; fi 2>/dev/null || true
}

write_pid() { printf '%s %s\n' "$2" "$(started_at "$2")" >"$STATE/run/$1.pid"; }

# Prints the recorded process of that name if it is still the same one.
read_pid() {
  local pid since
  [ -r "$STATE/run/$1.pid" ] || return 1
  read -r pid since <"$STATE/run/$1.pid" || return 1
  kill -0 "$pid" 2>/dev/null && [ "$(started_at "$pid")" = "$since" ] || return 1
  printf '%s\n' "$pid"
}

# One `run` and one `test` at a time in a checkout; a record left by a killed one does not count.
claim() {
  local other
  other=$(read_pid "dev-$1") && die "./dev $1 is already running in this checkout (process $other)"
  write_pid "dev-$1" $$
  CLAIMED=$1
}

# Runs a command to its end while signals still reach us at once: bash delays its traps for a foreground child.
# What runs inside an attended function belongs to its group already.
attend() {
  local status=0
  if [ -n "$ATTENDED" ]; then
    "$@"
    return
  fi
  set -m
  { ATTENDED=self && "$@"; } </dev/null &
  ATTENDED=$!
  set +m
  wait "$ATTENDED" || status=$?
  ATTENDED=""
  return "$status"
}

start_service() {
  local name=$1 log=$STATE/run/$1.log
  shift
  [ ! -f "$log" ] || mv "$log" "$log.1"
  set -m
  "$@" </dev/null >"$log" 2>&1 &
  write_pid "$name" $!
  set +m
  SERVICES="$name $SERVICES"
}

# end_process PID SECONDS: ask politely, wait, then insist. The group goes with its leader where it leads one.
end_process() {
  local pid=$1 tries=$(($2 * 10)) since
  since=$(started_at "$pid")
  kill -TERM -- "-$pid" 2>/dev/null || kill -TERM "$pid" 2>/dev/null || return 0
  while [ "$tries" -gt 0 ] && kill -0 "$pid" 2>/dev/null && [ "$(started_at "$pid")" = "$since" ]; do
    sleep 0.1
    tries=$((tries - 1))
  done
  [ "$tries" -gt 0 ] || kill -KILL -- "-$pid" 2>/dev/null || kill -KILL "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
}

stop_service() {
  local pid
  if pid=$(read_pid "$1"); then end_process "$pid" 20; fi
  rm -f "$STATE/run/$1.pid"
}

# Everything we started ends here, whichever way we leave; a second Ctrl-C must not interrupt it.
finish() {
  local status=$? name
  trap - EXIT
  trap '' INT TERM HUP
  # The shell's own notes about ended jobs say nothing to the reader.
  exec 2>/dev/null
  [ -z "$ATTENDED" ] || end_process "$ATTENDED" 20
  for name in $SERVICES; do stop_service "$name"; done
  for name in $ON_FINISH; do "$name"; done
  [ -z "${CLAIMED:-}" ] || rm -f "$STATE/run/dev-$CLAIMED.pid"
  exit "$status"
}

watch_signals() {
  trap finish EXIT
  trap 'exit 130' INT
  trap 'exit 143' TERM
  trap 'exit 129' HUP
}
