/** Precedes every line of the answer. */
export const MARK = 'vmqctl-ports';

/** How many connects are on their way at once on a host. */
export const AT_ONCE = 16;

/**
 * Connects to each of TARGETS (`NUMBER,HOST,PORT`, with blanks in between), for WAIT seconds at most, with what the host
 * has. Answers `method NAME`, and for each target `result NUMBER CODE WORDS`; code 0 is a connection, 124 none in time.
 */
export const PORTS_SCRIPT = `
LC_ALL=C
export LC_ALL
mark=${MARK}
by_bash() { timeout "$WAIT" bash -c 'exec 3<>"/dev/tcp/$0/$1"' "$1" "$2"; }
by_perl() {
  perl -MIO::Socket::INET -e '
    IO::Socket::INET->new(PeerAddr => $ARGV[0], PeerPort => $ARGV[1], Proto => "tcp", Timeout => $ARGV[2])
      or do { print STDERR "$! $@"; exit 1 }' "$1" "$2" "$WAIT"
}
by_nc() { nc -z -v -w "$WAIT" "$1" "$2"; }
python_program='
import socket, sys
try:
    socket.create_connection((sys.argv[1], int(sys.argv[2])), float(sys.argv[3])).close()
except socket.timeout:
    sys.exit(124)
except Exception as error:
    sys.stderr.write(str(error))
    sys.exit(1)
'
by_python3() { python3 -c "$python_program" "$1" "$2" "$WAIT"; }
by_python() { python -c "$python_program" "$1" "$2" "$WAIT"; }
has() { command -v "$1" >/dev/null 2>&1; }
# Some shells are built without it, and some have a timeout with other arguments.
bash_connects() {
  has bash && timeout 1 true 2>/dev/null &&
    case $(bash -c 'exec 3<>/dev/tcp/127.0.0.1/1' 2>&1) in *'No such file'*) return 1 ;; esac
}
pick() {
  if [ -n "$METHOD" ]; then method=$METHOD; return; fi
  if bash_connects; then method=bash; return; fi
  for method in python3 python perl nc; do
    if has "$method"; then return; fi
  done
  method=none
}
try() {
  said=$("by_$method" "$2" "$3" 2>&1)
  printf '%s result %s %s %s\\n' "$mark" "$1" "$?" "$(printf %s "$said" | tr '\\n' ' ' | cut -c1-200)"
}
main() {
  pick
  printf '%s method %s\\n' "$mark" "$method"
  if [ "$method" = none ]; then return; fi
  running=0
  for target in $TARGETS; do
    rest=\${target#*,}
    try "\${target%%,*}" "\${rest%,*}" "\${rest##*,}" &
    running=$((running + 1))
    if [ "$running" -ge ${AT_ONCE} ]; then wait; running=0; fi
  done
  wait
}
main </dev/null
`;
