/** Precedes every answer, so that what a login shell prints by itself is not taken for one. */
export const MARK = 'vmqctl-answer';

/** How many bytes of the beginning of a file tell it from another: its first time stamp stands in them. */
export const HEAD_SIZE = 64;
/** Offsets are in whole blocks, which `dd` skips without reading them. */
export const BLOCK_SIZE = 4096;

/** POSIX tools only, as BusyBox has them. The script travels on standard input, so that nothing of it needs quoting twice. */
const COMMON = `
LC_ALL=C
export LC_ALL
mark=${MARK}
`;

/**
 * Reads blocks of a file: FILE from block BLOCK, at most COUNT of them; where the file is not longer than OFFSET, it first
 * waits, WAIT tenths of a second at most, unless it is another one than INODE. Answers with a line, the first bytes of the file, and the blocks. All of it
 * comes from one open file, whatever happens to its name in the meantime.
 */
export const READ_SCRIPT = `${COMMON}
look() {
  set -- $(ls -Lni -- "$FILE" 2>/dev/null)
  inode=$1 size=$6
}
answer() {
  printf '%s ok %s %s\\n' "$mark" "$size" "$inode"
  if [ "$BLOCK" -eq 0 ]; then
    dd bs=${BLOCK_SIZE} count="$COUNT" <&3 2>/dev/null
  else
    dd bs=${BLOCK_SIZE} count=1 <&3 2>/dev/null | dd bs=${HEAD_SIZE} count=1 2>/dev/null
    dd bs=${BLOCK_SIZE} skip="$((BLOCK - 1))" count="$COUNT" <&3 2>/dev/null
  fi
}
main() {
  look
  first=\${INODE:-$inode} waited=0 step=3 nap=0.3
  while { [ -z "$inode" ] || [ "$inode" = "$first" ]; } && [ "\${size:-$OFFSET}" = "$OFFSET" ] && [ "$waited" -lt "$WAIT" ]; do
    sleep "$nap" 2>/dev/null || { nap=1 step=10; sleep 1; }
    waited=$((waited + step))
    look
  done
  if [ ! -e "$FILE" ]; then printf '%s missing\\n' "$mark"
  elif [ ! -f "$FILE" ]; then printf '%s nofile\\n' "$mark"
  elif [ ! -r "$FILE" ]; then printf '%s denied\\n' "$mark"
  else answer 3<"$FILE" 2>/dev/null || printf '%s missing\\n' "$mark"
  fi
}
main </dev/null
`;

/**
 * Lists FILE and what it was renamed to when it was rotated, the newest first: size, first bytes in hexadecimal, name. The
 * first line has the host's clock and time zone.
 */
export const LIST_SCRIPT = `${COMMON}
describe() {
  set -- "$1" $(ls -Ln -- "$1" 2>/dev/null)
  printf '%s file %s %s %s\\n' "$mark" "\${6:-0}" \\
    "x$(dd bs=${HEAD_SIZE} count=1 <"$1" 2>/dev/null | od -An -v -tx1 | tr -d ' \\n')" "$1"
}
main() {
  printf '%s clock %s %s\\n' "$mark" "$(date +%s)" "$(date +%z)"
  if [ ! -e "$FILE" ]; then printf '%s missing\\n' "$mark"
  elif [ ! -f "$FILE" ]; then printf '%s nofile\\n' "$mark"
  elif [ ! -r "$FILE" ]; then printf '%s denied\\n' "$mark"
  fi
  ls -1tLd -- "$FILE" "$FILE"[.-][0-9]* 2>/dev/null | while IFS= read -r name; do
    if [ -f "$name" ] && [ -r "$name" ]; then describe "$name"; fi
  done
}
main </dev/null
`;

/** Finds the log: what CONFIGURATION (a list of usual places) says, else the usual places themselves (LOGS). */
export const LOCATE_SCRIPT = `${COMMON}
setting() {
  sed -n "s/^[[:space:]]*$2[[:space:]]*=[[:space:]]*//p" "$1" | tail -n 1 | tr -d '\\r' | sed 's/[[:space:]]*$//'
}
found() { printf '%s found %s\\n' "$mark" "$1"; }
main() {
  for configuration in $CONFIGURATIONS; do
    [ -r "$configuration" ] || continue
    output=$(setting "$configuration" 'log\\.console')
    case $output in off|console) printf '%s elsewhere %s %s\\n' "$mark" "$output" "$configuration"; return ;; esac
    file=$(setting "$configuration" 'log\\.console\\.file')
    case $file in
      *'$('*|'') continue ;;
      /*) found "$file"; return ;;
    esac
    base=\${configuration%/etc/vernemq.conf}
    # Packages have the configuration apart from what such a path is relative to.
    if [ "$base" != "$configuration" ]; then found "$base/\${file#./}"; return; fi
  done
  for log in $LOGS; do
    if [ -e "$log" ]; then found "$log"; return; fi
  done
  printf '%s missing\\n' "$mark"
}
main </dev/null
`;
