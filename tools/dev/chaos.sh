# shellcheck shell=bash
# ./dev chaos: faults for as long as it takes, against a throw-away cluster. Not part of `./dev test`, which runs a seeded
# sample of each.

chaos_usage() {
  cat <<'TEXT'
./dev chaos payments [MANY]   so many payments (100000) through a gateway that lies by rate; three books must be equal
TEXT
}

dev_chaos() {
  local what=${1:-help} many=${2:-100000}
  case $what in
    payments) ;;
    help | -h | --help) chaos_usage && return ;;
    *) chaos_usage >&2 && die "there is no chaos '$what'" ;;
  esac
  case $many in "" | *[!0-9]* | 0*) die "'$many' is no number of payments" ;; esac
  locate_clusters
  claim chaos
  watch_signals
  need_cargo
  need_cc
  start_test_database
  UDAAN_CHAOS_PAYMENTS=$many attend cargo test --locked --package server --test it -- \
    --ignored --exact --nocapture payments::hostile::chaos_payments
}
