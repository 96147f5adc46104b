# shellcheck shell=bash
# ./dev test: all checks and all tests, against a throw-away cluster of their own (or UDAAN_TEST_DATABASE_URL's server).

dev_test() {
  locate_clusters
  claim test
  watch_signals
  need_cargo
  need_cc
  start_test_database
  UDAAN_BIN=$(target_dir)/debug/udaan
  export UDAAN_BIN
  get_test_provider || die "the tests need a provider of identities"
  get_pass_readers || die "the tests need readers of boarding passes"
  run_checks
  step "web app" build_web
  step "checks of the web app" check_web
  step "pictures of the web app" check_web_pictures
  step "build" cargo build --locked --workspace --all-targets
  step "types of the web app's client" check_web_types
  step "journeys in a browser" check_web_journeys
  step "likeness of the gateway" check_likeness
  step "answers of the API" check_answers
  run_tests
  say "==> all done in $SECONDS s"
  verdict
}

# What the official clients say of the test gateway.
check_likeness() {
  get_stripe_clients || return 1
  PYTHONPATH=$STRIPE_PYTHON PYTHONPYCACHEPREFIX=$STATE/tools/python/cache python3 tools/gateway/official_python.py "$UDAAN_BIN" \
    --localstripe "$LOCALSTRIPE" --node "$STRIPE_NODE"
}

# Whether every answer of the binary is in its OpenAPI document, for a minute; ./dev chaos api goes on. Of the whole workspace, because
# that is built: a package alone would want its libraries once more, with fewer features.
check_answers() {
  get_schemathesis || return 1
  UDAAN_SCHEMATHESIS=$SCHEMATHESIS cargo test --locked --workspace --test it -- --ignored --nocapture --test-threads 1 \
    contract::sample
}

start_test_database() {
  locate test-pg
  # Our own address may come from `./dev db env` in this shell and outlive its cluster.
  if [ -n "${UDAAN_TEST_DATABASE_URL:-}" ] && [[ $UDAAN_TEST_DATABASE_URL != *"host=$SOCKETS&"* ]]; then return; fi
  ON_FINISH="drop_test_cluster $ON_FINISH"
  [ -e "$STATE/run/test-pg.keep" ] || cluster_remove test-pg
  cluster_start test-pg
  UDAAN_TEST_DATABASE_URL=$(cluster_url postgres postgres)
  # The backup test uses the tools that belong to this server.
  UDAAN_TEST_PG_BIN=$PG_BIN
  export UDAAN_TEST_DATABASE_URL UDAAN_TEST_PG_BIN
  [ -z "$PG_LIBRARIES" ] || export UDAAN_TEST_PG_LIBRARIES=$PG_LIBRARIES
}

# nextest where it is installed (it is faster, but leaves documentation tests to cargo), else cargo alone.
run_tests() {
  if have cargo-nextest; then
    tests "tests" cargo nextest run --locked --workspace --no-fail-fast --no-tests pass
    tests "documentation tests" cargo test --locked --workspace --doc --no-fail-fast
  else
    tests "tests" cargo test --locked --workspace --no-fail-fast
  fi
}

# tests NAME COMMAND...: counts each test; a run that fails without naming a failed test (a build error) counts as one.
tests() {
  local name=$1 began=$SECONDS log status=0 passed failed
  log=$STATE/run/${1// /-}.log
  shift
  say "==> $name"
  attend logged "$log" "$@" || status=$?
  passed=$(count_results "$log" 'passed')
  failed=$(count_results "$log" '(failed|timed out|exec failed)')
  [ "$status" -eq 0 ] || [ "$failed" -gt 0 ] || failed=1
  PASSED=$((PASSED + passed))
  FAILED=$((FAILED + failed))
  say "    $name: $passed passed, $failed failed in $((SECONDS - began)) s"
}

logged() {
  local log=$1
  shift
  "$@" 2>&1 | tee "$log"
}

# Adds up the numbers before a word in the summary lines of nextest ("Summary [...] 3 tests run: 2 passed, 1 failed") and
# of cargo test ("test result: ok. 2 passed; 1 failed").
count_results() {
  sed $'s/\x1b\\[[0-9;]*m//g' "$1" | grep -E '^ *Summary \[|^test result: ' | grep -oE "[0-9]+ $2\b" |
    awk '{ sum += $1 } END { print sum + 0 }' || true
}
