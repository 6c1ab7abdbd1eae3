import type { SimulatedNode } from './node/node.js';

/** One node of a sandbox, and what can be done to it. */
export interface SandboxNode {
  readonly name: string;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  /** Whether its process runs. */
  readonly isRunning: boolean;
  /** Ends it in good order: clients are disconnected first. */
  stop(): Promise<void>;
  /** Ends it at once. */
  kill(): Promise<void>;
  /** Starts it again with what it has stored. */
  restart(): Promise<void>;
  /** It accepts connections and answers nothing, until `thaw`. */
  freeze(): void;
  thaw(): void;
  /** Requests for this path, such as `/status.json`, get no answer. */
  hang(path: string): void;
  unhang(path: string): void;
  /** It does not see another node, which may still see it. */
  blindTo(name: string, blind?: boolean): void;
  /** A leave finds its sessions online for ever. */
  keepSessionsOnline(keep?: boolean): void;
  /** Its queues stay where they are until `resumeMigration`. */
  pauseMigration(): void;
  resumeMigration(): void;
}

export function nodeHandle(node: SimulatedNode): SandboxNode {
  const { faults } = node;
  const toggle = (set: Set<string>, value: string, on: boolean) =>
    void (on ? set.add(value) : set.delete(value));
  return {
    name: node.name,
    get httpUrl() {
      return `http://127.0.0.1:${node.http.port}`;
    },
    get mqttUrl() {
      return `mqtt://127.0.0.1:${node.mqttPort}`;
    },
    get isRunning() {
      return node.isRunning;
    },
    stop: () => node.stop(),
    kill: () => node.halt(),
    restart: () => node.start(),
    freeze: () => node.freeze(),
    thaw: () => node.thaw(),
    hang: (path) => toggle(faults.hangingPaths, path, true),
    unhang: (path) => toggle(faults.hangingPaths, path, false),
    blindTo: (name, blind = true) => toggle(faults.blindTo, name, blind),
    keepSessionsOnline: (keep = true) => {
      faults.sessionsStayOnline = keep;
    },
    pauseMigration: () => faults.migration.shut(),
    resumeMigration: () => faults.migration.open(),
  };
}
