# shellcheck shell=bash
# A private PostgreSQL cluster: no TCP port, trust on a unix socket in a folder that only its owner and root can enter.
# There are two, told apart by name: `pg` serves the demo, `test-pg` is thrown away after the tests.

PG_PORT=54320 # only names the socket: nothing listens on it

# PostgreSQL refuses to run as root, so root lends it a user: the one that owns an existing cluster, else postgres, else nobody.
database_user() {
  local owner
  if ! is_root; then
    id -un
    return
  fi
  for owner in $(for dir in "$PG_HOME/pg" "$PG_HOME/test-pg"; do [ ! -d "$dir" ] || owner_of "$dir"; done); do
    if [ "$owner" != root ]; then say "$owner" && return; fi
  done
  if id postgres >/dev/null 2>&1; then say postgres; else say nobody; fi
}

# Runs a command as the database's user, from a folder that user can enter.
as_database_user() (
  cd /
  if ! is_root; then exec "$@"; fi
  if setpriv --reuid="$DB_USER" --regid="$(id -g "$DB_USER")" --clear-groups true 2>/dev/null; then
    exec setpriv --reuid="$DB_USER" --regid="$(id -g "$DB_USER")" --clear-groups "$@"
  elif have runuser; then
    exec runuser -u "$DB_USER" -- "$@"
  fi
  # shellcheck disable=SC2016  # the inner shell expands these
  exec su -s /bin/sh "$DB_USER" -c 'exec "$0" "$@"' -- "$@"
)

# The clusters live in .udaan, unless root runs this in a checkout that the database's user cannot reach (root's own home):
# then under /var/lib, and .udaan/pg-home says where.
locate_clusters() {
  ready_state
  PG_HOME=$STATE
  if [ -r "$STATE/pg-home" ]; then PG_HOME=$(cat "$STATE/pg-home"); fi
  DB_USER=$(database_user)
  [ "$PG_HOME" = "$STATE" ] && ! as_database_user test -x "$STATE" 2>/dev/null || return 0
  is_root || die "$STATE cannot be entered by $(id -un)"
  PG_HOME=/var/lib/udaan-dev/$(printf %s "$ROOT" | cksum | cut -d' ' -f1)
  (umask 022 && mkdir -p "$PG_HOME")
  as_database_user test -x "$PG_HOME" || die "cannot run a command as $DB_USER, and PostgreSQL does not run as root"
  printf '%s\n' "$PG_HOME" >"$STATE/pg-home"
}

# Sets DIR and SOCKETS for the named cluster. A socket's path holds 107 bytes and travels in a URL, so a long or unusual
# path gives way to a short one in the run-time folder; `sockets` in the cluster's folder remembers it.
locate() {
  DIR=$PG_HOME/$1
  SOCKETS=$DIR/run
  if [ -r "$DIR/sockets" ]; then SOCKETS=$(cat "$DIR/sockets"); fi
}

ready_sockets() {
  local base=${XDG_RUNTIME_DIR:-/tmp}
  if socket_path_fits "$DIR/run"; then
    SOCKETS=$DIR/run
  elif [ ! -d "$SOCKETS" ] || [ "$SOCKETS" = "$DIR/run" ] || [ "$(owner_of "$SOCKETS")" != "$DB_USER" ]; then
    as_database_user test -w "$base" && socket_path_fits "$base" || base=/tmp
    SOCKETS=$(mktemp -d "$base/udaan.XXXXXX")
  fi
  mkdir -p "$SOCKETS"
  printf '%s\n' "$SOCKETS" >"$DIR/sockets"
  give_to_database_user 700 "$SOCKETS"
}

socket_path_fits() { [ "$(byte_length "$1")" -le 75 ] && [[ $1 != *[!a-zA-Z0-9/._-]* ]]; }

give_to_database_user() {
  chmod "$1" "$2"
  ! is_root || chown "$DB_USER" "$2"
}

pg_tool() {
  local program=$PG_BIN/$1
  shift
  as_database_user ${PG_LIBRARIES:+env "LD_LIBRARY_PATH=$PG_LIBRARIES"} "$program" "$@"
}

cluster_url() { say "postgresql://$1@/$2?host=$SOCKETS&port=$PG_PORT"; }
cluster_sql() { with_libraries "$PG_BIN/psql" -XqtA -v ON_ERROR_STOP=1 -h "$SOCKETS" -p "$PG_PORT" -U postgres -d postgres "$@"; }
cluster_accepts() { [ -S "$SOCKETS/.s.PGSQL.$PG_PORT" ] && cluster_sql -c 'SELECT 1' >/dev/null 2>&1; }

# The postmaster's process, if the pid file is not a leftover whose number now belongs to something else.
cluster_pid() {
  local pid
  { read -r pid <"$DIR/data/postmaster.pid"; } 2>/dev/null || return 1
  kill -0 "$pid" 2>/dev/null && [[ $(command_of "$pid") == *postgres*"$DIR/data"* ]] || return 1
  say "$pid"
}

# Made aside and moved into place, so that an interrupted initdb leaves nothing that looks like a cluster.
cluster_create() {
  rm -rf "$DIR/data" "$DIR/data.new"
  mkdir -p "$DIR/data.new"
  give_to_database_user 700 "$DIR/data.new"
  pg_tool initdb -D "$DIR/data.new" -U postgres -E UTF8 \
    --locale="$(cluster_locale)" --auth-local=trust --auth-host=reject --no-sync --no-instructions \
    >"$STATE/run/initdb.log" 2>&1 || die "initdb failed: $(tail -n 3 "$STATE/run/initdb.log")"
  printf "include 'udaan.conf'\n" >>"$DIR/data.new/postgresql.conf"
  mv "$DIR/data.new" "$DIR/data"
}

cluster_locale() { if is_linux; then say C.UTF-8; else say C; fi; }

# Written at every start, so that a cluster made by an older checkout follows.
cluster_settings() {
  cat <<CONF
listen_addresses = ''
port = $PG_PORT
unix_socket_directories = '$SOCKETS'
shared_buffers = 256MB
max_wal_size = 4GB
timezone = 'UTC'
log_timezone = 'UTC'
log_min_duration_statement = 2000
CONF
  [ "$1" = test-pg ] || say "max_connections = 150"
  # Losing the tests' data is nothing; waiting for the disk is.
  [ "$1" = pg ] || printf '%s = %s\n' max_connections 300 fsync off synchronous_commit off full_page_writes off
}

# cluster_start NAME: running afterwards, however the last one ended.
cluster_start() {
  local major=""
  locate "$1"
  [ ! -d "$DIR/data" ] || major=$(as_database_user cat "$DIR/data/PG_VERSION") ||
    die "$DIR belongs to $(owner_of "$DIR"): run ./dev as that user, or ./dev reset as root"
  need_postgres "$major"
  if [ -n "$major" ] && cluster_accepts; then return; fi
  # Ours, alive, and out of reach: its socket is gone, or it is still starting; it starts afresh below.
  if cluster_pid >/dev/null; then cluster_halt; fi
  mkdir -p "$DIR"
  give_to_database_user 755 "$DIR"
  ready_sockets
  [ -n "$major" ] || cluster_create
  rm -f "$DIR/data/postmaster.pid" "$SOCKETS"/.s.PGSQL.*
  cluster_settings "$1" | as_database_user tee "$DIR/data/udaan.conf" >/dev/null
  pg_tool pg_ctl -D "$DIR/data" -l "$DIR/log" -w -t 120 -s start >/dev/null ||
    die "PostgreSQL does not start: $(tail -n 3 "$DIR/log")"
}

# By signals, fast and then immediate, as pg_ctl sends them: stopping must not need programs that may be gone, or fetch them.
cluster_halt() {
  local pid signal tries
  for signal in INT QUIT; do
    pid=$(cluster_pid) || return 0
    kill "-$signal" "$pid" 2>/dev/null || true
    tries=600
    while [ "$tries" -gt 0 ] && cluster_pid >/dev/null; do
      sleep 0.1
      tries=$((tries - 1))
    done
  done
  ! cluster_pid >/dev/null
}

cluster_stop() {
  locate "$1"
  rm -f "$STATE/run/$1.keep"
  cluster_halt
}

# A cluster started by hand (`./dev db start`, `./dev db test`) stays when a run or the tests end.
stop_demo_cluster() { [ -e "$STATE/run/pg.keep" ] || cluster_stop pg; }
drop_test_cluster() { [ -e "$STATE/run/test-pg.keep" ] || cluster_remove test-pg; }

cluster_remove() {
  cluster_stop "$1"
  case $SOCKETS in "$DIR"/*) ;; *) rm -rf "$SOCKETS" ;; esac
  rm -rf "$DIR"
}

ready_demo_database() {
  cluster_sql -c "SELECT 1 FROM pg_roles WHERE rolname = 'udaan'" | grep -q 1 || cluster_sql -c 'CREATE ROLE udaan LOGIN'
  cluster_sql -c "SELECT 1 FROM pg_database WHERE datname = 'udaan'" | grep -q 1 || cluster_sql -c 'CREATE DATABASE udaan OWNER udaan'
}
