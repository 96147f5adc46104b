# shellcheck shell=bash
# ./dev run: everything from a bare checkout to a served demo, and back to nothing on Ctrl-C or SIGTERM.
# UDAAN_BIN names a binary to run instead of building one.

dev_run() {
  local profile=dev
  case "${1:-}" in
    "") ;;
    --release) profile=release ;;
    *) die "usage: ./dev run [--release]" ;;
  esac
  begin_run
  [ -n "${DATABASE_URL:-}" ] || start_demo_database
  build_binary "$profile"
  say "Bringing the database's schema up to date ..."
  attend "$BIN" migrate || die "the migration failed; ./dev doctor may say why"
  say "Importing the demo airline (later runs only add the days that are missing) ..."
  attend "$BIN" import demo --data "$ROOT/data" || die "the import failed; ./dev doctor may say why"
  start_services
  show_welcome
  keep_watch
}

begin_run() {
  locate_clusters
  claim run
  watch_signals
  # A run that was killed could not stop these.
  stop_service udaan
  stop_service gateway
  check_chosen_ports
  need_cargo
  export UDAAN_MODE=${UDAAN_MODE:-demo} UDAAN_KEYS__FILE=${UDAAN_KEYS__FILE:-$STATE/keys.toml}
}

start_demo_database() {
  ON_FINISH="stop_demo_cluster $ON_FINISH"
  cluster_start pg
  ready_demo_database
  DATABASE_URL=$(cluster_url udaan udaan)
  export DATABASE_URL
}

# Sets BIN.
build_binary() {
  local dir=debug
  BIN=${UDAAN_BIN:-}
  if [ -n "$BIN" ]; then return; fi
  need_cc
  build_web || warn "the binary will be without its web app"
  [ "$1" = dev ] || dir=$1
  say "Building udaan (the first build takes some minutes) ..."
  attend cargo build --package udaan --profile "$1" || die "the build failed"
  BIN=$(target_dir)/$dir/udaan
}

# A port the user chose is looked at before minutes of building, and named as they named it.
check_chosen_ports() {
  local variable port
  for variable in UDAAN_PORT UDAAN_HTTP__LISTEN UDAAN_HTTP__OPERATIONS_LISTEN; do
    [ "$variable" != UDAAN_HTTP__LISTEN ] || [ -z "${UDAAN_PORT:-}" ] || continue
    port=${!variable:-}
    port=${port##*:}
    [ -z "$port" ] || ! port_busy "$port" ||
      die "port $port is taken, and $variable asks for it: name another, or unset $variable for the next free one"
  done
}

GIVEN_PORTS="" # ports promised to a part that does not listen yet

# take_address VARIABLE PORT: keeps an address the user chose, and says so when it is taken; else finds a free port.
# Sets PORT.
take_address() {
  local chosen=${!1:-}
  if [ -n "$chosen" ]; then
    PORT=${chosen##*:}
    ! port_busy "$PORT" || die "port $PORT is taken, and $1 asks for it"
    GIVEN_PORTS="$GIVEN_PORTS $PORT "
    return
  fi
  PORT=$(next_free_port "$2")
  [ "$PORT" = "$2" ] || say "Port $2 is taken; using $PORT."
  GIVEN_PORTS="$GIVEN_PORTS $PORT "
  export "$1=127.0.0.1:$PORT"
}

start_services() {
  local main_port
  [ -z "${UDAAN_PORT:-}" ] || export UDAAN_HTTP__LISTEN=127.0.0.1:$UDAAN_PORT
  take_address UDAAN_HTTP__LISTEN 8080
  export UDAAN_HTTP__PUBLIC_URL=${UDAAN_HTTP__PUBLIC_URL:-http://$UDAAN_HTTP__LISTEN}
  main_port=$PORT
  if [ -z "${UDAAN_GATEWAY__URL:-}" ]; then
    take_address UDAAN_GATEWAY_LISTEN 8090
    export UDAAN_GATEWAY__URL=http://$UDAAN_GATEWAY_LISTEN
    export UDAAN_GATEWAY__WEBHOOK_SECRETS=${UDAAN_GATEWAY__WEBHOOK_SECRETS:-'["whsec_udaan"]'}
    start_service gateway "$BIN" gateway --listen "$UDAAN_GATEWAY_LISTEN" \
      --webhook "http://127.0.0.1:$main_port/api/v1/payments/webhook"
  fi
  # ./dev doctor, in another terminal, must ask this run's gateway.
  printf '%s\n' "$UDAAN_GATEWAY__URL" >"$STATE/run/gateway.url"
  take_address UDAAN_HTTP__OPERATIONS_LISTEN 9090
  PORT=$main_port
  say "Starting; search loads the timetable ..."
  start_service udaan "$BIN" all
  await_ready
}

await_ready() {
  local began=$SECONDS
  until [ "$(http_status "$PORT" /readyz)" = 200 ]; do
    services_alive || die "it stopped before it was ready; the end of its log:
$(tail_logs)"
    [ $((SECONDS - began)) -lt 300 ] || die "it is still not ready after five minutes; the end of its log:
$(tail_logs)"
    pause 0.2
  done
}

tail_logs() { tail -n 15 "$STATE/run/udaan.log" "$STATE/run/gateway.log" 2>/dev/null || true; }

pause() {
  sleep "$1" &
  wait $!
}

services_alive() {
  local name
  for name in $SERVICES; do read_pid "$name" >/dev/null || return 1; done
}

show_welcome() {
  local url=http://127.0.0.1:$PORT day
  day=$(days_from_now 8)
  cat <<TEXT

  Udaan is served at   $url
  Traveller            traveller@demo.udaan.example / fly-with-udaan-today
  Administrator        admin@demo.udaan.example / run-the-airline-today

  Three things to try:
    1. Search:         curl '$url/api/v1/search?origin=JFK&destination=LAX&date=$day'
    2. Read the API:   $url/api/docs
    3. Book a flight:  docs/api.md walks through signing in, holding a seat and paying

  Log: .udaan/run/udaan.log   Metrics: http://$UDAAN_HTTP__OPERATIONS_LISTEN/metrics   Database: ./dev db psql
  Ctrl-C stops everything.

TEXT
}

keep_watch() {
  while services_alive; do pause 1; done
  die "a part has stopped by itself; the end of its log:
$(tail_logs)"
}
