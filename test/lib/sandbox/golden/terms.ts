import type { SandboxNode } from '../../../../src/lib/sandbox/handle.js';

/** Recorded node number → its first ports: 188n for MQTT, 888n for HTTP, 4405n between nodes. */
const FIRST = { mqtt: 1880, http: 8880, clustering: 44_050 } as const;

/** Translates between the names, ports and keys of the recording and those of a sandbox. */
export class Terms {
  /** Recorded port → the sandbox's, and generated keys likewise. */
  private readonly ports = new Map<string, string>();
  private readonly keys = new Map<string, string>();

  constructor(nodes: readonly SandboxNode[]) {
    for (const [index, { httpUrl, mqttUrl, clusteringPort }] of nodes.entries()) {
      this.ports.set(String(FIRST.mqtt + index + 1), new URL(mqttUrl).port);
      this.ports.set(String(FIRST.http + index + 1), new URL(httpUrl).port);
      this.ports.set(String(FIRST.clustering + index + 1), String(clusteringPort));
    }
  }

  addPort(recorded: number, own: number): void {
    this.ports.set(String(recorded), String(own));
  }

  addKey(recorded: string, own: string): void {
    this.keys.set(recorded, own);
  }

  /** A recorded path, for the sandbox. */
  path(recorded: string): string {
    const named = recorded.replaceAll(/VerneMQ(\d)@/g, 'sim$1@');
    const ported = named.replace(
      /port=(\d+)/,
      (all, port: string) => `port=${this.ports.get(port) ?? all.slice(5)}`,
    );
    return [...this.keys].reduce((text, [key, own]) => text.replaceAll(key, own), ported);
  }

  /** An answer of the sandbox, as the recorded broker would have put it. */
  answer(own: string): string {
    const named = own.replaceAll(/sim(\d)@/g, 'VerneMQ$1@').replaceAll('2.1.2+simulated', '2.1.2');
    const recordedOf = (port: string) => [...this.ports].find(([, mine]) => mine === port)?.[0] ?? port;
    const ported = named.replaceAll(
      /"port":("?)(\d+)/g,
      (_all, quote: string, port: string) => `"port":${quote}${recordedOf(port)}`,
    );
    return [...this.keys].reduce((text, [key, mine]) => text.replaceAll(mine, key), ported);
  }
}
