/**
 * Quotes a word for the shells in use: sh, bash, zsh, fish, csh. Inside single quotes fish takes a backslash for itself,
 * and csh an exclamation mark, so neither stands there.
 */
export const quote = (word: string): string => `'${word.replace(/['\\!]/g, (mark) => `'\\${mark}'`)}'`;

/**
 * Without a terminal, nothing ends a remote command when the connection does, and sshd does not always pass signals on
 * (not to a root login). So a second process waits for the end of our input, which comes with the end of the channel,
 * and then ends the process group of the login, whose leader this shell is.
 */
const WATCH = [
  '(trap "" HUP INT TERM',
  'while read -r x <&3; do :; done; exec 3<&-',
  'kill -s TERM -- -$$ || kill -s TERM $$',
  'sleep 3',
  'kill -s KILL -- -$$) >/dev/null 2>&1 & w=$!',
].join('; ');

/** Not by $SHELL: bash would read ~/.bashrc a second time, and other shells have other rules. */
const COMMAND = 'sh -c "$1" 3<&-';
const END = 's=$?; exec 2>/dev/null; kill -s KILL $w; exit $s';

/** The command line that has sh run `commandLine` for as long as the channel is open. */
export const wrapped = (commandLine: string): string =>
  shell(`exec 3<&0 </dev/null; ${WATCH}; ${COMMAND}; ${END}`, [commandLine]);

/**
 * The same with input, of which the channel carries `bytes` and then `mark`. The command starts when all of it is there,
 * so that half of it is never taken for the whole; it never stands in the list of processes.
 */
export function wrappedWithInput(commandLine: string, bytes: number, mark: string): string {
  const read = `exec 3<&0 </dev/null; i=$(head -c "$2" <&3)`;
  // biome-ignore lint/suspicious/noTemplateCurlyInString: it is the shell's
  const check = 'case $i in *"$3") i=${i%"$3"};; *) exit 1;; esac';
  const feed = 'printf %s "$i" 2>/dev/null 3<&-';
  const script = `${read}; ${check}; ${WATCH}; ${feed} | ${COMMAND}; ${END}`;
  return shell(script, [commandLine, String(bytes + mark.length), mark]);
}

const shell = (script: string, words: readonly string[]): string =>
  ['exec sh -c', quote(script), 'sh', ...words.map(quote)].join(' ');
