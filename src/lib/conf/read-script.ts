/** Precedes every file in the answer, so that what a login shell prints by itself is not taken for one. */
export const MARK = 'vmqctl-configuration';

/** Bytes per file: that of a release, with all its comments, has less than 100 kB. */
export const LONGEST_FILE = 1024 * 1024;

/**
 * Finds CONFIGURATION, or the first of CONFIGURATIONS, with the conf.d beside it, and the newest vm.args in GENERATED, a list of folders, or in
 * those that belong to where the configuration is. Answers with a line per file and its content. POSIX tools only, as
 * BusyBox has them.
 */
export const READ_CONFIGURATION_SCRIPT = `
LC_ALL=C
export LC_ALL
mark=${MARK}
size() {
  set -- $(ls -Ln -- "$1" 2>/dev/null)
  printf '%s' "\${5:-0}"
}
put() {
  if [ ! -r "$2" ]; then printf '%s denied 0 %s\\n' "$mark" "$2"; return; fi
  size=$(size "$2")
  if [ "$size" -gt ${LONGEST_FILE} ]; then printf '%s long %s %s\\n' "$mark" "$size" "$2"; return; fi
  # A copy in memory: the length that is told is that of what follows, whoever writes to the file meanwhile.
  text=$(cat "$2" && printf x) || { printf '%s denied 0 %s\\n' "$mark" "$2"; return; }
  text=\${text%x}
  printf '%s %s %s %s\\n%s\\n' "$mark" "$1" "\${#text}" "$2" "$text"
}
main() {
  conf=
  for each in $CONFIGURATIONS; do
    if [ -f "$each" ]; then conf=$each; break; fi
  done
  if [ -n "$CONFIGURATION" ]; then conf=$CONFIGURATION; fi
  if [ ! -f "$conf" ]; then printf '%s missing 0 %s\\n' "$mark" "$CONFIGURATION"; return; fi
  put conf "$conf"
  for each in "\${conf%/*}"/conf.d/*.conf "\${conf%/*}"/conf.d/.*.conf; do
    if [ -f "$each" ]; then put included "$each"; fi
  done
  base=\${conf%/etc/vernemq.conf}
  for folder in "$base/generated.configs" "$base/data/generated.configs" $GENERATED; do
    args=$(ls -1t -- "$folder"/vm.*args 2>/dev/null | sed -n 1p)
    if [ -n "$args" ]; then put args "$args"; return; fi
  done
}
main </dev/null
`;
