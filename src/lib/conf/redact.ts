import { Secret } from '../secret.js';
import { type Element, parseConf } from './parse.js';

export interface Redacted {
  /** With `***` in the place of every secret. */
  readonly text: string;
  /** The secrets by their keys; of a key that is set more than once, the last one. */
  readonly secrets: ReadonlyMap<string, Secret>;
}

/** The last word of a key whose value is a secret: of every such key in the schemas of 2.1.2 and 2.2.0, and of likely others. */
const SECRET_NAME = /(^|[._-])(password|passwd|passphrase|secret|cookie|psk|token|api_?key|credentials?)$/i;
/** A name and a password, or a key, in front of the host of a URL. */
const CREDENTIALS_IN_URL = /([a-z][a-z0-9+.-]*:\/\/)[^\s/@"']+@/gi;
const HIDDEN = '***';

/** Whether a plugin is on, by its name: that of vmq_passwd ends as a password's does. */
const PLUGIN_SWITCH = /^plugins\.\w+$/;

/** Whether the value of a key is a secret. */
export const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !PLUGIN_SWITCH.test(name);

/**
 * Takes the secrets out of vernemq.conf, out of what is commented out too. With a secret goes the comment after it: where a
 * `#` cuts it short, that is the rest of it.
 */
export function redactVernemqConf(text: string): Redacted {
  const secrets = new Map<string, Secret>();
  const hidden = parseConf(text).map((element) => {
    const { before, secret, after } = splitSecret(element) ?? {};
    if (secret === undefined) return redactLine(element.text);
    if (element.kind === 'setting') secrets.set(element.key, new Secret(secret));
    return `${before}${HIDDEN}${after}`;
  });
  return { text: hidden.join(''), secrets };
}

function splitSecret(element: Element): { before: string; secret: string; after: string } | undefined {
  if (element.kind !== 'setting' || !isSecretName(element.key)) return undefined;
  const before = element.text.slice(0, element.span[0]);
  const rest = element.text.slice(element.span[0]);
  const secret = rest.trimEnd();
  return { before, secret, after: rest.slice(secret.length) };
}

/** A line that is no setting, or is not understood, may look like one. */
function redactLine(line: string): string {
  const [, front = '', key = '', value = '', end = ''] =
    /^(\s*#*\s*([\w.$-]+)\s*=\s*)(.*?)(\s*)$/s.exec(line) ?? [];
  return value !== '' && isSecretName(key) ? `${front}${HIDDEN}${end}` : hideCredentials(line);
}

/** Takes the secrets out of vm.args: the cookie, and what the environment is given under such a name. */
export function redactVmArgs(text: string): Redacted {
  const secrets = new Map<string, Secret>();
  const hide = (front: string, key: string, value: string) => {
    secrets.set(key, new Secret(value));
    return `${front}${HIDDEN}`;
  };
  const hidden = text
    .replace(/(-setcookie\s+)('[^'\n]*'|"[^"\n]*"|[^\s'"]+)/g, (_, front, value) =>
      hide(front, '-setcookie', value),
    )
    .replace(/(-env\s+(\S+)\s+)('[^'\n]*'|"[^"\n]*"|[^\s'"]+)/g, (whole, front, key, value) =>
      isSecretName(key) ? hide(front, key, value) : whole,
    );
  return { text: hideCredentials(hidden), secrets };
}

const hideCredentials = (text: string): string => text.replace(CREDENTIALS_IN_URL, `$1${HIDDEN}@`);
