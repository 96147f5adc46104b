# shellcheck shell=bash
# ./dev db: the two private clusters by hand. One started here stays until `./dev db stop`.

db_usage() {
  cat <<'TEXT'
./dev db start          start the demo's database and leave it running
./dev db stop           stop both databases
./dev db psql [ARGS]    a prompt in the demo's database (DATABASE_URL, if set)
./dev db test           start the tests' database and leave it running, for `cargo nextest run` by hand
./dev db env            start it and print what the tests need: eval "$(./dev db env)"
TEXT
}

dev_db() {
  local verb=${1:-help}
  [ $# -eq 0 ] || shift
  case $verb in
    start) db_keep pg && ready_demo_database && cluster_url udaan udaan ;;
    test) db_keep test-pg && cluster_url postgres postgres ;;
    env) db_keep test-pg >&2 && get_test_provider >&2 && get_pass_readers >&2 && db_env ;;
    stop) locate_clusters && cluster_stop pg && cluster_remove test-pg ;;
    psql) db_psql "$@" ;;
    *) db_usage ;;
  esac
}

db_env() {
  printf 'export UDAAN_TEST_OIDC=%s\n' "$(quoted "$UDAAN_TEST_OIDC")"
  printf 'export UDAAN_TEST_ZXING=%s UDAAN_TEST_BCBP=%s\n' "$(quoted "$UDAAN_TEST_ZXING")" "$(quoted "$UDAAN_TEST_BCBP")"
  printf 'export UDAAN_TEST_ICALENDAR=%s\n' "$(quoted "$UDAAN_TEST_ICALENDAR")"
  printf 'export UDAAN_TEST_DATABASE_URL=%s UDAAN_TEST_PG_BIN=%s\n' "$(quoted "$(cluster_url postgres postgres)")" "$(quoted "$PG_BIN")"
  [ -z "$PG_LIBRARIES" ] || printf 'export UDAAN_TEST_PG_LIBRARIES=%s\n' "$(quoted "$PG_LIBRARIES")"
}

# For any shell's eval, whatever the path holds.
quoted() { printf "'%s'" "$(printf %s "$1" | sed "s/'/'\\\\''/g")"; }

db_keep() {
  locate_clusters
  # Only what did start is kept: after a failure the next ./dev run stops its cluster as always.
  cluster_start "$1"
  : >"$STATE/run/$1.keep"
}

db_psql() {
  local url=${DATABASE_URL:-} psql
  locate_clusters
  locate pg
  if [ -z "$url" ]; then
    cluster_pid >/dev/null || die "the demo's database is not running: ./dev run, or ./dev db start"
    url=$(cluster_url udaan udaan)
  fi
  psql=$(command -v psql || true)
  [ -n "$psql" ] || { need_postgres && psql=$PG_BIN/psql; }
  with_libraries "$psql" "$url" "$@"
}

# Stops what an earlier run left, and removes the demo's data and keys together: neither is of use without the other.
dev_reset() {
  local other
  locate_clusters
  other=$(read_pid dev-run || read_pid dev-test || true)
  [ -z "$other" ] || die "./dev is still running (process $other): stop it first"
  stop_service udaan
  stop_service gateway
  cluster_remove pg
  cluster_remove test-pg
  rm -rf "$STATE/keys.toml" "$STATE/run"
  if [ "$PG_HOME" != "$STATE" ]; then
    rm -rf "$PG_HOME" "$STATE/pg-home" # with the PostgreSQL that was downloaded there
    rmdir "$(dirname "$PG_HOME")" 2>/dev/null || true
  fi
  say "Done; the next ./dev run starts from nothing (what is in .udaan/tools stays)."
  [ -z "${DATABASE_URL:-}" ] || say "The server that DATABASE_URL names was left alone."
}
