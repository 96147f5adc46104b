# shellcheck shell=bash
# What leaves the house: the binary with the list of what is in it, and what is known against that.

CARGO_AUDITABLE_VERSION=0.7.7
CARGO_CYCLONEDX_VERSION=0.5.9
# The folder in which cargo-deny looks for a copy of the database: its name has a hash of the address it comes from.
ADVISORIES=$STATE/advisories
ADVISORIES_COPY=$ADVISORIES/advisory-db-3157b0e258782691

release_usage() {
  cat <<'TEXT'
./dev release [FOLDER]      build the binary for production into FOLDER (dist): udaan, with a list of its libraries inside (cargo audit
                            bin and scanners read it), and udaan.cdx.json, its bill of materials (CycloneDX 1.5)
./dev advisories [FOLDER]   what is known against the libraries that are pinned, from RustSec's database: fetched, or a copy of it in
                            FOLDER (git clone https://github.com/RustSec/advisory-db)
TEXT
}

dev_release() {
  local to=${1:-$ROOT/dist}
  case $to in -*) release_usage && return ;; esac
  ready_state
  need_cargo
  watch_signals
  need_cc
  have python3 && have objcopy || die "python3 and objcopy are missing, which look into what was built: install python3 and binutils"
  get_cargo_tool cargo-auditable "$CARGO_AUDITABLE_VERSION"
  get_cargo_tool cargo-cyclonedx "$CARGO_CYCLONEDX_VERSION"
  build_web || die "the web app was not built"
  say "Building udaan for production ..."
  attend cargo auditable build --locked --release --package udaan || die "the build failed"
  attend cargo cyclonedx --quiet --manifest-path "$ROOT/crates/udaan/Cargo.toml" --format json \
    --spec-version 1.5 --override-filename udaan.cdx || die "the bill of materials was not written"
  mkdir -p "$to" && mv "$ROOT/crates/udaan/udaan.cdx.json" "$to/" && cp "$(target_dir)/release/udaan" "$to/"
  # Other crates of the workspace get a bill each; they are parts of this one.
  find "$ROOT/crates" "$ROOT/e2e" -name udaan.cdx.json -delete
  python3 - "$to/udaan" "$to/udaan.cdx.json" <<'PY' || die "the binary does not say what is in it"
import json, subprocess, sys, tempfile, zlib
with tempfile.NamedTemporaryFile() as section:
    subprocess.run(["objcopy", f"--dump-section=.dep-v0={section.name}", sys.argv[1], "/dev/null"], check=True)
    inside = {(one["name"], one["version"]) for one in json.loads(zlib.decompress(section.read()))["packages"]}
with open(sys.argv[2]) as bill:
    listed = {(one["name"], one["version"]) for one in json.load(bill)["components"]}
missing = {name for name, version in inside if (name, version) not in listed and name != "udaan"}
print(f"{len(inside)} libraries in the binary, {len(listed)} in the bill of materials")
sys.exit(f"not in the bill: {sorted(missing)}" if missing or not inside else 0)
PY
  say "$to/udaan and $to/udaan.cdx.json are ready."
}

# get_cargo_tool NAME VERSION: puts it first in PATH; it is built into the tools of this checkout unless it is there. Neither of
# these says its version, so the folder does.
get_cargo_tool() {
  local dir=$STATE/tools/$1-$2
  if [ ! -x "$dir/bin/$1" ]; then
    say "Building $1 $2 (a minute or two, once) ..."
    attend cargo install --quiet --locked --debug "$1@$2" --root "$dir" || die "$1 could not be built"
  fi
  export PATH=$dir/bin:$PATH
}

dev_advisories() {
  local from=${1:-} offline=()
  case $from in -*) release_usage && return ;; esac
  ready_state
  need_cargo
  watch_signals
  get_cargo_deny || die "cargo-deny $CARGO_DENY_VERSION is missing"
  if [ -n "$from" ]; then
    [ -d "$from/crates" ] || die "$from is no copy of the advisory database: it has no folder crates"
    rm -rf "$ADVISORIES_COPY"
    mkdir -p "$ADVISORIES"
    cp -R "$from" "$ADVISORIES_COPY"
    attend cargo fetch --locked --quiet
    offline=(--offline)
  fi
  attend "$CARGO_DENY" ${offline[@]+"${offline[@]}"} --locked check advisories
}
