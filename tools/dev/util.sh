# shellcheck shell=bash
# Words on the terminal, and small questions every other part asks.

say() { printf '%s\n' "$*"; }
warn() { printf 'dev: %s\n' "$*" >&2; }
die() {
  warn "$*"
  exit 1
}

have() { command -v "$1" >/dev/null 2>&1; }
is_root() { [ "$(id -u)" -eq 0 ]; }
is_linux() { [ "$(uname -s)" = Linux ]; }
byte_length() { printf %s "$1" | wc -c | tr -d ' '; }
owner_of() { stat -c %U "$1" 2>/dev/null || stat -f %Su "$1"; }
target_dir() { printf '%s\n' "${CARGO_TARGET_DIR:-$ROOT/target}"; }

# GNU and BSD date disagree on how to say "in eight days".
days_from_now() { date -d "+$1 days" +%F 2>/dev/null || date -v "+$1d" +%F; }

# The folder every run writes to. The database's user must be able to walk through it, whatever the umask says.
ready_state() {
  mkdir -p "$STATE/run" 2>/dev/null || die "cannot write to $STATE: the checkout must belong to $(id -un)"
  [ -w "$STATE/run" ] || die "$STATE belongs to $(owner_of "$STATE"): run ./dev as that user, or remove it"
  ! is_root || chmod 755 "$STATE"
}

need_cargo() {
  have cargo || die "no Rust toolchain found. Install one with rustup (https://rustup.rs), then run this again"
}

# Whether something listens on the port; bash asks by itself, since a fresh machine may lack curl and ss.
port_busy() { (exec 3<>"/dev/tcp/127.0.0.1/$1") 2>/dev/null; }

next_free_port() {
  local port=$1 last=$(($1 + 50))
  while port_busy "$port" || [[ ${GIVEN_PORTS:-} == *" $port "* ]]; do
    port=$((port + 1))
    [ "$port" -le "$last" ] || die "no free port between $1 and $last"
  done
  printf '%s\n' "$port"
}

# http_status PORT PATH prints the status code, or nothing when there is no answer within five seconds.
http_status() (
  exec 3<>"/dev/tcp/127.0.0.1/$1" || exit 0
  printf 'GET %s HTTP/1.0\r\nHost: 127.0.0.1\r\n\r\n' "$2" >&3
  read -r -t 5 _ code _ <&3 && printf '%s\n' "$code"
) 2>/dev/null
