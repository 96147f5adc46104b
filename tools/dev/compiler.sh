# shellcheck shell=bash
# rustc links through the system's C compiler driver, which a machine with only a Rust toolchain may lack.

UNPACKED_CC=$STATE/tools/cc

need_cc() {
  if [ -x "$UNPACKED_CC/bin/cc" ]; then PATH=$PATH:$UNPACKED_CC/bin; fi
  have cc && return
  say "A C compiler is missing (Rust links with it); getting gcc ..."
  if attend apt_install gcc libc6-dev && have cc; then return; fi
  if attend unpack_cc; then
    PATH=$PATH:$UNPACKED_CC/bin
  elif is_linux; then
    die "'cc' is missing and cannot be installed from here. As root: apt-get install gcc libc6-dev (Fedora: dnf install gcc)"
  else
    die "'cc' is missing. On macOS: xcode-select --install"
  fi
}

# Without root: Debian's gcc unpacked into our folder. Its linker scripts name the C library by absolute path, so the folder
# becomes a system root of its own that borrows the machine's libraries.
unpack_cc() {
  local library libraries
  apt_unpack "$UNPACKED_CC" gcc libc6-dev || return 1
  libraries=$(dirname "$(find "$UNPACKED_CC/usr/lib" -name libc.so)")
  libraries=${libraries##*/}
  mkdir -p "$UNPACKED_CC/bin" "$UNPACKED_CC/lib/$libraries" "$UNPACKED_CC/lib64"
  for library in /lib/"$libraries"/lib{c,m,mvec,gcc_s,dl,pthread,rt,util}.so.* /lib64/ld-* /lib/ld-linux-*; do
    [ ! -e "$library" ] || ln -sf "$library" "$UNPACKED_CC$library"
  done
  cat >"$UNPACKED_CC/bin/cc.new" <<'SH'
#!/bin/sh
here=$(cd "$(dirname "$0")/.." && pwd)
libraries=$(basename "$(dirname "$here"/usr/lib/*/libc.so)")
PATH=$here/usr/bin:$PATH LD_LIBRARY_PATH=$here/usr/lib/$libraries exec "$here/usr/bin/gcc" "--sysroot=$here" "$@"
SH
  chmod 755 "$UNPACKED_CC/bin/cc.new"
  mv "$UNPACKED_CC/bin/cc.new" "$UNPACKED_CC/bin/cc"
}
