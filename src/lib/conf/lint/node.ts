import type { Secret } from '../../secret.js';
import type { NodeConfiguration, SourceFile } from '../configuration.js';
import { type Element, parseConf, type Setting } from '../parse.js';
import { findKey } from '../schema.js';
import type { BrokerVersion } from '../versions.js';
import type { Place } from './finding.js';

/** A setting, where it stands. */
export interface Placed extends Setting {
  readonly file: string;
  readonly place: Place;
}

export interface Listener {
  readonly name: string;
  /** As cuttlefish takes it: an IP address and a port. */
  readonly host: string;
  readonly port: number;
  readonly place: Place;
}

/** What counts where a key is not set, as far as a rule asks. */
export const DEFAULTS: Readonly<Record<string, string>> = {
  nodename: 'VerneMQ@127.0.0.1',
  distributed_cookie: 'vmq',
  allow_anonymous: 'off',
  allow_register_during_netsplit: 'off',
  allow_publish_during_netsplit: 'off',
  allow_subscribe_during_netsplit: 'off',
  allow_unsubscribe_during_netsplit: 'off',
  max_offline_messages: '1000',
  persistent_client_expiration: 'never',
  metadata_plugin: 'vmq_swc',
  'vmq_swc.swc_groups': '10',
  'plugins.vmq_passwd': 'on',
  'plugins.vmq_acl': 'on',
  'plugins.vmq_diversity': 'off',
  'plugins.vmq_webhooks': 'off',
  'plugins.vmq_bridge': 'off',
  'vmq_diversity.auth_redis.enabled': 'off',
  'http_module.vmq_http_mgmt_api.auth.mode': 'apikey',
  'http_module.vmq_http_v2_api.auth.mode': 'apikey',
  'listener.vmq.$name': '0.0.0.0:44053',
  'listener.vmqs.$name': '0.0.0.0:44054',
  'listener.http.$name': '127.0.0.1:8888',
  'listener.https.$name': '127.0.0.1:8889',
};

const HIDDEN = '***';

/** A node's configuration as its broker would take it: all files one after the other, and the last setting of a key wins. */
export class Node {
  readonly origin: string;
  readonly files: readonly { readonly path: string; readonly elements: readonly Element[] }[];
  /** In the order in which they are read, those that lose included. */
  readonly all: readonly Placed[];
  /** The include lines whose files were not looked up. */
  readonly unread: readonly string[];
  private readonly winners: ReadonlyMap<string, Placed>;

  constructor(
    readonly configuration: NodeConfiguration,
    readonly version: BrokerVersion,
  ) {
    this.origin = configuration.origin;
    const read = readFiles(configuration.vernemqConf, version);
    this.files = read.files;
    this.unread = read.unread;
    this.all = read.settings.map((setting) => this.revealed({ ...setting, place: this.placeOf(setting) }));
    this.winners = new Map(this.all.map((setting) => [setting.key, setting]));
  }

  setting(key: string): Placed | undefined {
    return this.winners.get(key);
  }

  /** The settings that count. */
  get settings(): readonly Placed[] {
    return [...this.winners.values()];
  }

  /** What is set, or the default; nothing where there is neither, or where the broker's environment decides. */
  value(key: string): string | undefined {
    const setting = this.winners.get(key);
    return setting ? this.resolve(setting.value) : DEFAULTS[key];
  }

  isOn(key: string): boolean {
    return this.value(key) === 'on';
  }

  /** Where a key is set, or where it should be. */
  place(key: string | null): Place {
    const setting = key === null ? undefined : this.winners.get(key);
    return (
      setting?.place ?? { node: this.origin, file: this.configuration.vernemqConf.path, line: null, key }
    );
  }

  /** `$(key)` stands for the value of another key, or else for a variable of the broker's environment, as `$(<file)` for a file. */
  resolve(value: string, depth = 0): string | undefined {
    const [, before = '', name, after = ''] = /^(.*?)\$\(([^)]*)\)(.*)$/s.exec(value) ?? [];
    if (name === undefined) return value;
    const inner = this.winners.get(name.trim())?.value ?? DEFAULTS[name.trim()];
    const resolved = inner === undefined || depth > 10 ? undefined : this.resolve(inner, depth + 1);
    return resolved === undefined ? undefined : this.resolve(before + resolved + after, depth + 1);
  }

  /** The listeners of a kind such as `vmq`: also one that is named by an option alone, which listens at the default address. */
  listeners(kind: string): Listener[] {
    const pattern = `listener.${kind}.$name`;
    const names = new Map<string, Place>();
    for (const { key, place } of this.settings) {
      const name = key.split('.')[2];
      const known = findKey(key)?.name;
      if (name !== undefined && (known === pattern || known?.startsWith(`${pattern}.`)))
        names.set(name, names.get(name) ?? place);
    }
    return [...names].flatMap(([name, place]) => {
      const key = `listener.${kind}.${name}`;
      const address = this.winners.has(key) ? this.value(key) : DEFAULTS[pattern];
      const [, host, port] = /^(.*):(\d+)$/.exec(address ?? '') ?? [];
      const at = this.winners.get(key)?.place ?? place;
      return host === undefined ? [] : [{ name, host, port: Number(port), place: at }];
    });
  }

  /** What stands behind the name's `@`. */
  get host(): string {
    return this.value('nodename')?.replace(/^.*?@/, '') ?? '';
  }

  private placeOf({ file, line, key }: { file: string; line: number; key: string }): Place {
    return { node: this.origin, file, line, key };
  }

  /** A secret was taken out with the comment and quotes around it: as it stood, it is taken apart like any other value. */
  private revealed(setting: Placed): Placed {
    const secret: Secret | undefined = this.configuration.secrets?.get(setting.key);
    if (setting.value !== HIDDEN || secret === undefined) return setting;
    const [real] = parseConf(`${setting.key} = ${secret.reveal()}\n`, grammarOf(this.version));
    return real?.kind === 'setting' ? { ...setting, value: real.value, quoting: real.quoting } : setting;
  }
}

interface Read {
  readonly files: { readonly path: string; readonly elements: readonly Element[] }[];
  readonly settings: (Setting & { readonly file: string })[];
  readonly unread: string[];
}

export const grammarOf = (version: BrokerVersion) => ({ tripleQuotes: version !== '2.1.2' });

/** What is included counts from where its line stands. */
function readFiles(file: SourceFile, version: BrokerVersion): Read {
  const elements = parseConf(file.text, grammarOf(version));
  const read: Read = { files: [{ path: file.path, elements }], settings: [], unread: [] };
  for (const element of elements) {
    if (element.kind === 'setting') read.settings.push({ ...element, file: file.path });
    if (element.kind !== 'include') continue;
    const included = file.included?.get(element.path);
    if (included === undefined) read.unread.push(element.path);
    for (const each of included ?? []) {
      const inner = readFiles(each, version);
      read.files.push(...inner.files);
      read.settings.push(...inner.settings);
      read.unread.push(...inner.unread);
    }
  }
  return read;
}
