import { critical, type Finding, warn } from './finding.js';
import type { Node } from './node.js';

/** What shows while the node runs: netsplits, memory, vmq-admin, and what it was started with. */
export function lintRunning(node: Node): Finding[] {
  return [
    ...lintCookie(node),
    ...lintNetsplit(node),
    ...lintExpiration(node),
    ...lintVmArgs(node),
    ...lintVmAdmin(node),
  ];
}

function lintCookie(node: Node): Finding[] {
  if (node.value('distributed_cookie') !== 'vmq') return [];
  return [
    critical(
      'default_cookie',
      node.place('distributed_cookie'),
      'the cookie is the default that everybody knows: whoever reaches the ports of Erlang can run anything on this node',
      'Give all nodes the same long random one, and restart them.',
    ),
  ];
}

const NETSPLIT = ['register', 'publish', 'subscribe', 'unsubscribe'].map(
  (what) => `allow_${what}_during_netsplit`,
);

function lintNetsplit(node: Node): Finding[] {
  const on = NETSPLIT.filter((key) => node.isOn(key));
  const [first] = on;
  if (first === undefined) return [];
  const part =
    on.length < NETSPLIT.length ? `; ${NETSPLIT.filter((key) => !on.includes(key)).join(', ')} is off` : '';
  return [
    warn(
      'netsplit_allowed',
      node.place(first),
      `while a node is down or cut off, clients are served all the same: a client id can be connected twice, and messages do not reach the other side${part}`,
      'Nothing, where to serve is worth more; else set the four to off: then one dead node stops all clients until it is back or removed.',
    ),
  ];
}

/** More than this many offline messages per client, for ever, fills a disk. */
const MANY = 10_000;

function lintExpiration(node: Node): Finding[] {
  const limit = Number(node.value('max_offline_messages'));
  if (
    node.value('persistent_client_expiration') !== 'never' ||
    (limit >= 0 && limit < MANY) ||
    Number.isNaN(limit)
  )
    return [];
  const amount = limit < 0 ? 'without limit' : `up to ${limit}`;
  return [
    warn(
      'messages_kept_forever',
      node.place('max_offline_messages'),
      `clients that never come back keep their messages for ever, ${amount} each`,
      'Set persistent_client_expiration, such as 1w, or a smaller max_offline_messages.',
    ),
  ];
}

function lintVmArgs(node: Node): Finding[] {
  const args = node.configuration.vmArgs;
  if (!args) return [];
  const place = { ...node.place('nodename'), file: args.path, line: null };
  const running = /^-s?name[ \t]+(\S+)/m.exec(args.text)?.[1];
  const name = node.value('nodename');
  const findings: Finding[] = [];
  if (running !== undefined && name !== undefined && running !== name)
    findings.push(
      critical(
        'vm_args_name',
        place,
        `the node was started as ${running}, vernemq.conf says ${name}: vmq-admin does not find it now, and its data belong to the old name after a restart`,
        'Write the old name again; a node with a new name must be empty.',
      ),
    );
  const written = node.value('distributed_cookie');
  if (args.cookie && written !== undefined && unquoted(args.cookie.reveal()) !== written)
    findings.push(
      warn(
        'vm_args_cookie',
        { ...place, key: 'distributed_cookie' },
        'the node was started with another cookie than vernemq.conf has: vmq-admin does not get in now',
        'Write the old one again, or restart all nodes.',
      ),
    );
  return findings;
}

const unquoted = (text: string) => text.replace(/^(['"])(.*)\1$/s, '$2');

/** On the host, vmq-admin finds name and cookie with grep and cut: it reads no other file, and neither quotes nor comments. */
function lintVmAdmin(node: Node): Finding[] {
  return ['nodename', 'distributed_cookie'].flatMap((key) => {
    const setting = node.setting(key);
    if (!setting) return [];
    const reason = misread(node, key);
    if (reason === undefined) return [];
    return [
      warn(
        'vmq_admin_misreads',
        setting.place,
        `${reason}: vmq-admin on the host will not get through to the node`,
        'Write it once, in vernemq.conf itself, without quotes, comment, blanks and =.',
      ),
    ];
  });
}

function misread(node: Node, key: string): string | undefined {
  const setting = node.setting(key);
  if (!setting) return undefined;
  const main = node.configuration.vernemqConf.path;
  if (setting.file !== main) return `vmq-admin reads no more than ${main}`;
  if (node.all.findLast((each) => each.key === key && each.file === main) !== setting)
    return 'it reads another line of the same key';
  if (setting.quoting !== 'none') return 'it takes the quotes for a part of it';
  if (/[ \t]*#/.test(setting.text.slice(setting.span[1]))) return 'it takes the comment for a part of it';
  return /[=\s]/.test(setting.value) ? 'it cuts it at a blank or =' : undefined;
}
