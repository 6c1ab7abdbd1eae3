import { Secret } from '../secret.js';

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

const isSecretName = (name: string): boolean => SECRET_NAME.test(name) && !PLUGIN_SWITCH.test(name);

/** Takes the secrets out of vernemq.conf, out of what is commented out too. */
export function redactVernemqConf(text: string): Redacted {
  const secrets = new Map<string, Secret>();
  const lines = text.split('\n').map((line) => {
    const setting = /^(\s*(#*)\s*([\w.$-]+)\s*=\s*)(.*?)(\s*)$/s.exec(line);
    const [, front = '', comment = '', key = '', value = '', end = ''] = setting ?? [];
    if (!setting || value === '' || !isSecretName(key)) return hideCredentials(line);
    if (comment === '') secrets.set(key, new Secret(value));
    return `${front}${HIDDEN}${end}`;
  });
  return { text: lines.join('\n'), secrets };
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
