# shellcheck shell=bash
# ./dev chaos: faults for as long as it takes, against a throw-away cluster. Not part of `./dev test`, which runs each
# for as long as fits there.

chaos_usage() {
  cat <<'TEXT'
./dev chaos payments [MANY]   so many payments (100000) through a gateway that lies by rate; three books must be equal
./dev chaos model [MANY]      so many random sequences of commands (20000) against a reference; UDAAN_CHAOS_SEED repeats one
./dev chaos days [MANY]       so many random days of a flight (3000), from check-in to departure, against a reference; the same seed
./dev chaos crashes [ROUNDS]  the serving process dies at every statement of every operation, so many times (5)
./dev chaos cuts [ROUNDS]     the same, with its connection to the database cut (5)
./dev chaos database [STOPS]  PostgreSQL ends at once, so many times (200), while travellers buy
./dev chaos enumeration [ACCOUNTS]
                              whether times tell known addresses (100) from unknown ones
./dev chaos overload [RUNS]   three and ten times what can be answered is asked of a release binary (1); half of the processors are the server's
./dev chaos sockets [SECONDS]  a thousand sockets, a hundred of which never read, twice so long (60); the server is killed in between
./dev chaos crowd [SOCKETS]   so many sockets in one process (5000), told one message a second for half a minute; the next is refused
./dev chaos passes [MANY]     so many generated boarding passes (10000), as Aztec and PDF417; ZXing and the npm package bcbp read each
./dev chaos prices [MANY]     so many price changes against as many watches (100000); each must be told what it is due, once
./dev chaos api [MINUTES]     whatever the OpenAPI document allows and forbids is asked (30); every answer must be in it
Example: ./dev chaos database 20
TEXT
}

dev_chaos() {
  local what=${1:-help} package=e2e profile=dev test many
  case $what in
    payments) package=server test=payments::hostile::chaos_payments many=100000 ;;
    model) package=server test=model::chaos_model many=20000 ;;
    days) package=server test=model::gate::chaos_days many=3000 ;;
    crashes) test=faults::chaos_crashes many=5 ;;
    cuts) test=faults::chaos_cuts many=5 ;;
    database) test=database::chaos_database many=200 ;;
    enumeration) test=timing::chaos_enumeration many=100 ;;
    overload) test=overload::chaos_overload profile=release many=1 ;;
    sockets) test=sockets::chaos_sockets many=60 ;;
    crowd) test=sockets::chaos_crowd many=5000 ;;
    passes) package=server test=check_in::readers::chaos_passes many=10000 ;;
    prices) package=server test=tracking::many::chaos_prices many=100000 ;;
    api) test=contract::chaos_api many=30 ;;
    help | -h | --help) chaos_usage && return ;;
    *) chaos_usage >&2 && die "there is no chaos '$what'" ;;
  esac
  many=${2:-$many}
  case $many in "" | *[!0-9]* | 0*) die "'$many' is no number" ;; esac
  locate_clusters
  claim chaos
  watch_signals
  need_cargo
  need_cc
  [ "$what" != passes ] || get_pass_readers || die "the readers of boarding passes are missing"
  [ "$what" != api ] || get_schemathesis || die "schemathesis $SCHEMATHESIS_VERSION is missing"
  export UDAAN_SCHEMATHESIS=$SCHEMATHESIS
  build_binary "$profile"
  UDAAN_BIN=$BIN
  [ "$what" != overload ] || share_processors
  start_test_database
  export UDAAN_BIN
  UDAAN_CHAOS=$many attend cargo test --locked --package "$package" --test it -- --ignored --exact --nocapture "$test"
}

# The server under load gets the first half of the processors, whoever loads it and the database the others.
share_processors() {
  local all half
  is_linux && have taskset || die "processors are shared out with taskset, so this needs Linux and util-linux"
  all=$(nproc) half=$(($(nproc) / 2))
  [ "$half" -gt 0 ] || die "this needs two processors: one for the server, one for those who ask"
  taskset --cpu-list --pid "$half-$((all - 1))" $$ >/dev/null || die "taskset could not choose processors"
  export UDAAN_CHAOS_PROCESSORS=0-$((half - 1))
}
