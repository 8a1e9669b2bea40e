#!/bin/bash
# enter.sh COMMAND...: runs COMMAND in a learner's box; every terminal, check and copy of files enters this way.
#   HOLDER   pid of the holder
#   ARGS     file with bwrap's arguments, NUL-separated
#   SECCOMP  file with the compiled filter
#   HUID     host uid of the learner; set exactly when the server runs as root
#   PROCS    files of the learner's control groups that take pids, separated by colons, if there are any
#   NONCE    what a terminal's shell puts into its marks, given to it by descriptor 7
#   PROCESSES, ADDRESS_SPACE, OPEN_FILES   limits
main() {
  set -eu
  local IFS=:
  for file in ${PROCS:-}; do echo $$ > "$file"; done
  unset IFS
  ulimit -c 0
  ulimit -n "$OPEN_FILES"
  ulimit -v "$ADDRESS_SPACE"
  [ -z "${PROCESSES:-}" ] || ulimit -u "$PROCESSES"
  # Whatever the server inherited without close-on-exec must not reach the box.
  for link in /proc/$$/fd/*; do
    number=${link##*/}
    [ "$number" -le 2 ] || eval "exec $number>&-"
  done
  set -- nsenter -t "$HOLDER" -U -m -n --preserve-credentials -- /bin/sh -euc '
    exec 8<"$1" 9<"$2"; shift 2
    [ -z "${NONCE:-}" ] || exec 7<<END
$NONCE
END
    exec env -i /usr/bin/bwrap --args 9 -- "$@"' sh "$SECCOMP" "$ARGS" "$@"
  if [ -n "${HUID:-}" ]; then
    set -- setpriv --reuid "$HUID" --regid "$HUID" --clear-groups --no-new-privs "$@"
  fi
  exec nice -n 5 "$@"
}
main "$@"
