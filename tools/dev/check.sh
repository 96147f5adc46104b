# shellcheck shell=bash
# The checks that are not tests. Every step runs, whatever became of the ones before, and counts as one.

PASSED=0
FAILED=0

# step NAME COMMAND...: one counted check, with its time.
step() {
  local name=$1 began=$SECONDS
  shift
  say "==> $name"
  if attend "$@"; then
    PASSED=$((PASSED + 1))
    say "    $name: passed in $((SECONDS - began)) s"
  else
    FAILED=$((FAILED + 1))
    say "    $name: FAILED after $((SECONDS - began)) s"
  fi
}

verdict() {
  say "$PASSED passed, $FAILED failed"
  [ "$FAILED" -eq 0 ]
}

dev_check() {
  ready_state
  need_cargo
  watch_signals
  need_cc
  run_checks
  verdict
}

run_checks() {
  step "format" cargo fmt --all --check
  step "spelling" check_spelling
  step "scripts" check_scripts
  step "lints" cargo clippy --locked --workspace --all-targets -- -D warnings
  step "dependencies" check_dependencies
}

check_spelling() {
  get_typos || {
    say "typos $TYPOS_VERSION is missing: install python3-pip (or pip install typos==$TYPOS_VERSION) and try again"
    return 1
  }
  "$TYPOS" --config typos.toml --force-exclude
}

# The linter for scripts is welcome where it is installed; bash's own parser is everywhere.
check_scripts() {
  local script
  for script in dev .ci/run tools/dev/*.sh; do bash -n "$script" || return 1; done
  ! have shellcheck || shellcheck dev .ci/run tools/dev/*.sh
}

# cargo-deny reads every package's manifest, other platforms' included, so they are fetched before it goes offline.
check_dependencies() {
  get_cargo_deny || return 1
  cargo fetch --locked --quiet && "$CARGO_DENY" --offline --locked check bans licenses sources
}
