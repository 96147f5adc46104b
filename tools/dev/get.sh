# shellcheck shell=bash
# Getting what is missing, with the machine's own package clients and their default sources.

PYTHON_PACKAGES=$STATE/tools/python
TYPOS_VERSION=1.52.0
CARGO_DENY_VERSION=0.20.2
CARGO_FUZZ_VERSION=0.13.2
# The official clients of the API that the test gateway imitates, and another imitation for a second opinion.
STRIPE_PYTHON_VERSION=16.1.0
STRIPE_NODE_VERSION=23.1.0
LOCALSTRIPE_VERSION=1.15.10
# Asks the API whatever its document allows, and what it does not.
SCHEMATHESIS_VERSION=4.32.5
ZXING_VERSION=3.1.1
PILLOW_VERSION=13.0.0
ICALENDAR_VERSION=7.3.0
SCHEMATHESIS=$PYTHON_PACKAGES/schemathesis-$SCHEMATHESIS_VERSION
STRIPE_PYTHON=$PYTHON_PACKAGES/stripe-$STRIPE_PYTHON_VERSION
LOCALSTRIPE=$PYTHON_PACKAGES/localstripe-$LOCALSTRIPE_VERSION
STRIPE_NODE=$STATE/tools/node/stripe-$STRIPE_NODE_VERSION

have_pip() { python3 -m pip --version >/dev/null 2>&1; }
can_be_root() { is_root || { have sudo && sudo -n true 2>/dev/null; }; }

# A policy that refuses to start daemons keeps apt from launching a system-wide PostgreSQL; ours goes away again.
apt_script() {
  cat <<'SH'
set -u
policy=/usr/sbin/policy-rc.d
if [ ! -e "$policy" ]; then
  trap 'rm -f "$policy"' EXIT
  trap 'exit 1' INT TERM HUP
  printf '#!/bin/sh\nexit 101\n' >"$policy" && chmod 755 "$policy"
fi
export DEBIAN_FRONTEND=noninteractive
install() { apt-get install -y -qq --no-install-recommends -o DPkg::Lock::Timeout=300 "$@"; }
# A fresh image has no package lists, and an interrupted installation must be completed first.
install "$@" && exit 0
apt-get update -qq -o DPkg::Lock::Timeout=300
dpkg --configure -a
install "$@"
SH
}

# apt_install PACKAGE...: fails quietly where there is no apt or no right to use it; its output is kept.
apt_install() {
  local log=$STATE/run/apt.log runner=sh
  have apt-get && can_be_root || return 1
  is_root || runner="sudo -n sh"
  $runner -c "$(apt_script)" apt_script "$@" >"$log" 2>&1 && return
  warn "apt-get could not install $* (see $log)"
  return 1
}

# apt_unpack DIR PACKAGE...: without root, apt still downloads what is missing and dpkg unpacks it where we like.
apt_unpack() (
  dir=$1
  shift
  have apt-get && have dpkg || exit 1
  umask 022
  rm -rf "$dir.new"
  mkdir -p "$dir.new" "$dir.apt/lists/partial" "$dir.apt/cache/archives/partial"
  apt="apt-get -qq -y -o Debug::NoLocking=1 -o APT::Sandbox::User= -o Dir::State::lists=$dir.apt/lists/ -o Dir::Cache=$dir.apt/cache/"
  {
    $apt update && $apt install --no-install-recommends --download-only "$@"
    for package in "$dir.apt"/cache/archives/*.deb; do dpkg -x "$package" "$dir.new"; done
  } >"$STATE/run/apt.log" 2>&1 || {
    warn "apt-get could not download $* (see $STATE/run/apt.log)"
    exit 1
  }
  rm -rf "$dir" "$dir.apt"
  mv "$dir.new" "$dir"
)

# pip_unpack DIR PACKAGE==VERSION [OPTION...]: the files of wheels, in a folder of ours. The folder appears complete or
# not at all.
pip_unpack() (
  dir=$1 package=$2
  shift 2
  umask 022
  rm -rf "$dir.new"
  mkdir -p "$(dirname "$dir")"
  python3 -m pip install --quiet --disable-pip-version-check --no-compile --only-binary=:all: "$@" \
    --target "$dir.new" "$package" >"$STATE/run/pip.log" 2>&1 || {
    warn "pip could not get $package (see $STATE/run/pip.log)"
    exit 1
  }
  rm -rf "$dir"
  mv "$dir.new" "$dir"
)

# npm_unpack DIR PACKAGE@VERSION: a Node package in a folder of ours, complete or not at all; nothing of it is run.
npm_unpack() (
  dir=$1
  umask 022
  rm -rf "$dir.new"
  mkdir -p "$dir.new"
  npm install --silent --no-audit --no-fund --ignore-scripts --prefix "$dir.new" "$2" >"$STATE/run/npm.log" 2>&1 || {
    warn "npm could not get $2 (see $STATE/run/npm.log)"
    exit 1
  }
  rm -rf "$dir"
  mv "$dir.new" "$dir"
)

# npm_locked DIR SOURCE: what the lock file in SOURCE names, in a folder of ours, complete or not at all; nothing of it is run.
npm_locked() (
  dir=$1
  umask 022
  rm -rf "$dir.new"
  mkdir -p "$dir.new"
  cp "$2/package.json" "$2/package-lock.json" "$dir.new/"
  npm ci --silent --no-audit --no-fund --ignore-scripts --prefix "$dir.new" >"$STATE/run/npm.log" 2>&1 || {
    warn "npm could not get what $2/package-lock.json names (see $STATE/run/npm.log)"
    exit 1
  }
  rm -rf "$dir"
  mv "$dir.new" "$dir"
)

# A tool of another version would judge differently here and in CI, so only the pinned one will do.
tool_is() { "$1" --version 2>/dev/null | grep -qw "$2"; }

# Puts the command that checks spelling into TYPOS.
get_typos() {
  for TYPOS in typos "$PYTHON_PACKAGES/typos-$TYPOS_VERSION/bin/typos" "$STATE/tools/bin/typos"; do
    if tool_is "$TYPOS" "$TYPOS_VERSION"; then return; fi
  done
  say "Getting typos $TYPOS_VERSION ..."
  TYPOS=$PYTHON_PACKAGES/typos-$TYPOS_VERSION/bin/typos
  have_pip || attend apt_install python3-pip || true
  if have_pip && attend pip_unpack "${TYPOS%/bin/typos}" "typos==$TYPOS_VERSION" --no-deps && tool_is "$TYPOS" "$TYPOS_VERSION"; then return; fi
  say "No Python with pip for its wheel; building it with cargo instead (some minutes, once) ..."
  TYPOS=$STATE/tools/bin/typos
  attend cargo install --quiet --locked --debug "typos-cli@$TYPOS_VERSION" --root "$STATE/tools"
}

# Puts the command that builds and runs fuzz targets into CARGO_FUZZ.
get_cargo_fuzz() {
  for CARGO_FUZZ in cargo-fuzz "$STATE/tools/bin/cargo-fuzz"; do
    if tool_is "$CARGO_FUZZ" "$CARGO_FUZZ_VERSION"; then return; fi
  done
  say "Building cargo-fuzz $CARGO_FUZZ_VERSION (a minute, once) ..."
  attend cargo install --quiet --locked --debug "cargo-fuzz@$CARGO_FUZZ_VERSION" --root "$STATE/tools"
}

# Puts the command that checks dependencies into CARGO_DENY.
get_cargo_deny() {
  for CARGO_DENY in cargo-deny "$STATE/tools/bin/cargo-deny"; do
    if tool_is "$CARGO_DENY" "$CARGO_DENY_VERSION"; then return; fi
  done
  say "Building cargo-deny $CARGO_DENY_VERSION (a minute or two, once) ..."
  attend cargo install --quiet --locked --debug "cargo-deny@$CARGO_DENY_VERSION" --root "$STATE/tools"
}

# The provider of identities that tests sign in with, in UDAAN_TEST_OIDC: another lock file, another folder.
get_test_provider() {
  have npm || attend apt_install nodejs npm || true
  have openssl || attend apt_install openssl || true
  have openssl || { say "OpenSSL, which verifies signatures of passes, is missing: install openssl and try again" && return 1; }
  have npm || { say "Node with npm is missing: install nodejs and npm and try again" && return 1; }
  UDAAN_TEST_OIDC=$STATE/tools/node/oidc-$(cksum <"$ROOT/tools/oidc/package-lock.json" | cut -d' ' -f1)
  export UDAAN_TEST_OIDC
  [ -d "$UDAAN_TEST_OIDC" ] || attend npm_locked "$UDAAN_TEST_OIDC" "$ROOT/tools/oidc"
}

# Somebody else's readers: of boarding passes, of pictures in UDAAN_TEST_ZXING and of texts in UDAAN_TEST_BCBP; of calendars in
# UDAAN_TEST_ICALENDAR.
get_pass_readers() {
  have_pip || attend apt_install python3-pip || true
  have npm || attend apt_install nodejs npm || true
  have_pip || { say "Python with pip is missing: install python3-pip and try again" && return 1; }
  have npm || { say "Node with npm is missing: install nodejs and npm and try again" && return 1; }
  UDAAN_TEST_ZXING=$PYTHON_PACKAGES/zxing-$ZXING_VERSION-pillow-$PILLOW_VERSION
  UDAAN_TEST_BCBP=$STATE/tools/node/bcbp-$(cksum <"$ROOT/tools/passes/package-lock.json" | cut -d' ' -f1)
  UDAAN_TEST_ICALENDAR=$PYTHON_PACKAGES/icalendar-$ICALENDAR_VERSION
  export UDAAN_TEST_ZXING UDAAN_TEST_BCBP UDAAN_TEST_ICALENDAR
  [ -d "$UDAAN_TEST_ZXING" ] || attend pip_unpack "$UDAAN_TEST_ZXING" "zxing-cpp==$ZXING_VERSION" --no-deps "pillow==$PILLOW_VERSION" || return 1
  [ -d "$UDAAN_TEST_ICALENDAR" ] || attend pip_unpack "$UDAAN_TEST_ICALENDAR" "icalendar==$ICALENDAR_VERSION" || return 1
  [ -d "$UDAAN_TEST_BCBP" ] || attend npm_locked "$UDAAN_TEST_BCBP" "$ROOT/tools/passes"
}

# The clients in STRIPE_PYTHON and STRIPE_NODE, and LOCALSTRIPE, with the interpreters they need.
get_stripe_clients() {
  have_pip || attend apt_install python3-pip || true
  have npm || attend apt_install nodejs npm || true
  have_pip || { say "Python with pip is missing: install python3-pip and try again" && return 1; }
  have npm || { say "Node with npm is missing: install nodejs and npm and try again" && return 1; }
  [ -d "$STRIPE_PYTHON" ] || attend pip_unpack "$STRIPE_PYTHON" "stripe==$STRIPE_PYTHON_VERSION" || return 1
  [ -d "$LOCALSTRIPE" ] || attend pip_unpack "$LOCALSTRIPE" "localstripe==$LOCALSTRIPE_VERSION" --no-binary=localstripe ||
    return 1
  [ -d "$STRIPE_NODE" ] || attend npm_unpack "$STRIPE_NODE" "stripe@$STRIPE_NODE_VERSION"
}

# The program that asks the API, in SCHEMATHESIS.
get_schemathesis() {
  have_pip || attend apt_install python3-pip || true
  have_pip || { say "Python with pip is missing: install python3-pip and try again" && return 1; }
  [ -d "$SCHEMATHESIS" ] || attend pip_unpack "$SCHEMATHESIS" "schemathesis==$SCHEMATHESIS_VERSION"
}
