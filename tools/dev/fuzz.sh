# shellcheck shell=bash
# ./dev fuzz: hostile bytes for the parsers of what comes from outside (fuzz/). Not part of `./dev test`, which asks
# thousands of hostile questions of its own: this goes on looking for as long as it is given.

fuzz_usage() {
  cat <<'TEXT'
./dev fuzz [TARGET] [SECONDS]   try one target, or each of them, for so many seconds (60)
TEXT
  printf 'Targets: %s\n' "$(fuzz_targets | tr '\n' ' ')"
}

fuzz_targets() { sed -n 's|^path = "targets/\(.*\)\.rs"|\1|p' "$ROOT/fuzz/Cargo.toml"; }

dev_fuzz() {
  local target=all seconds=60 one
  case ${1:-} in
    help | -h | --help) fuzz_usage && return ;;
    [0-9]*) ;;
    ?*) target=$1 && shift ;;
  esac
  seconds=${1:-$seconds}
  case $seconds in *[!0-9]* | 0*) die "'$seconds' is no number of seconds: ./dev fuzz query 600" ;; esac
  [ "$target" = all ] || fuzz_targets | grep -qx "$target" || { fuzz_usage >&2 && die "there is no target '$target'"; }
  ready_state
  need_cargo
  need_cc
  have c++ || die "libFuzzer is built with a C++ compiler, and 'c++' is missing. As root: apt-get install g++"
  watch_signals
  get_cargo_fuzz || die "cargo-fuzz $CARGO_FUZZ_VERSION could not be built"
  for one in $(fuzz_targets); do
    [ "$target" != all ] && [ "$target" != "$one" ] || step "fuzz $one, $seconds s" fuzz "$one" "$seconds"
  done
  verdict
}

# What the fuzzer finds worth keeping stays in .udaan/fuzz and is where the next run begins. A finding is a file in
# fuzz/artifacts; its name is printed with the command that tries it again. Without a sanitizer the stable compiler will
# do: what is looked for are panics, and there is no unsafe code to watch.
fuzz() {
  local corpus=$STATE/fuzz/$1
  local options=("-max_total_time=$2" -timeout=10 -rss_limit_mb=4096 -print_final_stats=1)
  mkdir -p "$corpus"
  [ ! -e "$ROOT/fuzz/$1.dict" ] || options+=("-dict=$ROOT/fuzz/$1.dict")
  # The fuzzing workspace is built beside the product's, whose artefacts it cannot use.
  CARGO_TARGET_DIR=$(target_dir)/fuzz "$CARGO_FUZZ" run --sanitizer none --fuzz-dir "$ROOT/fuzz" "$1" "$corpus" "$ROOT/fuzz/seeds/$1" -- "${options[@]}"
}
