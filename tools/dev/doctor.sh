# shellcheck shell=bash
# ./dev doctor: looks, mends nothing, and says for each thing what to do about it.

PROBLEMS=0

good() { say "  ok     $*"; }
note() { say "  note   $*"; }
bad() {
  say "  WRONG  $*"
  PROBLEMS=$((PROBLEMS + 1))
}

dev_doctor() {
  say "Tools"
  doctor_tools
  say "Database"
  doctor_database
  say "Running"
  doctor_running
  doctor_binary
  if [ "$PROBLEMS" -eq 0 ]; then
    say "Nothing is wrong."
  else
    say "$PROBLEMS to mend."
    return 1
  fi
}

doctor_tools() {
  local wanted have_now free
  wanted=$(sed -n 's/^rust-version = "\(.*\)"/\1/p' Cargo.toml)
  if have_now=$(rustc --version 2>/dev/null | cut -d' ' -f2) && [ -n "$have_now" ]; then
    if [ "$(printf '%s\n' "$wanted" "$have_now" | sort -V | head -n 1)" = "$wanted" ]; then
      good "rustc $have_now"
    else
      bad "rustc $have_now is older than $wanted: rustup update"
    fi
  else
    bad "no Rust toolchain: install one with rustup (https://rustup.rs)"
  fi
  if have cc; then
    good "cc"
  elif have apt-get; then
    note "cc is missing; ./dev gets gcc"
  else
    bad "cc is missing: apt-get install gcc libc6-dev as root (macOS: xcode-select --install)"
  fi
  if have cargo-nextest; then good "cargo-nextest"; else note "no cargo-nextest: tests run with cargo test (slower)"; fi
  have_pip || note "no Python with pip: some tools will be built with cargo instead"
  free=$(df -Pk "$ROOT" | awk 'NR == 2 { print int($4 / 1048576) }')
  if [ "$free" -ge 8 ]; then good "$free GiB free"; else bad "only $free GiB free here; a build needs about 8"; fi
}

doctor_database() {
  local major
  if [ -n "${DATABASE_URL:-}" ]; then
    note "DATABASE_URL is set: no private cluster is used"
    return
  fi
  if [ ! -d "$STATE/run" ]; then
    note "nothing has run in this checkout yet"
  elif [ ! -w "$STATE/run" ]; then
    bad "$STATE belongs to $(owner_of "$STATE"): run ./dev as that user, or remove it"
    return
  fi
  locate_clusters
  locate pg
  good "clusters live in $PG_HOME and run as $DB_USER"
  major=$(as_database_user cat "$DIR/data/PG_VERSION" 2>/dev/null) || true
  if [ -n "${UDAAN_PG_BIN:-}" ] && pg_try "$UDAAN_PG_BIN" "$major" || pg_through look "$major"; then
    good "PostgreSQL $(pg_major_of "$PG_BIN") in $PG_BIN"
  elif [ -n "$major" ]; then
    bad "PostgreSQL $major, which made the demo database, is gone: install it, or ./dev run may fetch it; else ./dev reset"
  else
    note "no PostgreSQL $PG_OLDEST or newer yet; ./dev run gets one (sources: $PG_FROM)"
  fi
  doctor_cluster
}

doctor_cluster() {
  local pid
  if [ ! -d "$DIR/data" ]; then
    note "no demo database yet; ./dev run makes it"
  elif ! pid=$(cluster_pid); then
    good "the demo database is stopped"
  elif [ -n "$PG_BIN" ] && ! cluster_accepts; then
    bad "the demo database (process $pid) does not answer: see $DIR/log; the next ./dev run restarts it"
  else
    good "the demo database runs (process $pid)"
  fi
}

doctor_running() {
  local port pid
  if pid=$(read_pid dev-run); then
    good "./dev run is process $pid"
    return
  fi
  for pid in udaan gateway; do
    if read_pid "$pid" >/dev/null; then note "$pid was left by a killed run; the next ./dev run ends it"; fi
  done
  for port in 8080 8090 9090; do
    if port_busy "$port"; then note "port $port is taken; ./dev run picks the next free one"; fi
  done
}

# The binary knows more (configuration, migrations, keys), when there is one and a database to ask. Our own database is asked
# while a run serves: before that it may have no tables yet, and its gateway is not there.
doctor_binary() {
  local bin
  bin=${UDAAN_BIN:-$(target_dir)/debug/udaan}
  [ -x "$bin" ] || return 0
  if [ -z "${DATABASE_URL:-}" ]; then
    [ -n "${DIR:-}" ] && read_pid udaan >/dev/null && cluster_pid >/dev/null || return 0
    DATABASE_URL=$(cluster_url udaan udaan)
    export DATABASE_URL
  fi
  say "udaan doctor"
  export UDAAN_MODE=${UDAAN_MODE:-demo} UDAAN_KEYS__FILE=${UDAAN_KEYS__FILE:-$STATE/keys.toml}
  if [ -r "$STATE/run/gateway.url" ] && read_pid gateway >/dev/null; then
    export UDAAN_GATEWAY__URL=${UDAAN_GATEWAY__URL:-$(cat "$STATE/run/gateway.url")}
  fi
  "$bin" doctor || bad "udaan doctor found something (above)"
}
