import { type ClientOptions, connectClients, type SimulatedClients } from './clients/fleet.js';
import type { Refusal } from './node/command-faults.js';
import type { Loss } from './node/faults.js';
import type { Cut, SimulatedNode } from './node/node.js';
import { fillQueues, type OfflineQueues } from './node/offline-queues.js';
import type { Phase } from './node/phases.js';

/** One node of a sandbox, and what can be done to it. */
export interface SandboxNode {
  readonly name: string;
  readonly httpUrl: string;
  readonly mqttUrl: string;
  /** Of its listener for the other nodes. */
  readonly clusteringPort: number;
  /** Whether its process runs. */
  readonly isRunning: boolean;
  /** Makes offline sessions with stored messages, at once and without MQTT. @returns their client ids */
  fill(queues: OfflineQueues): readonly string[];
  /** Connects simulated clients, which have sessions but no sockets. */
  connect(clients: ClientOptions): Promise<SimulatedClients>;
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
  /** Answers this command so instead of running it; the command is named by its first words, such as `cluster leave`. */
  refuse(command: string, refusal: Refusal, times?: number): void;
  /** Runs it again. */
  accept(command: string): void;
  /** Answers this command, or this path, so many milliseconds late; it is run at once. */
  delay(command: string, milliseconds: number): void;
  /** The network between the node's management API and its clients is cut, until `mend`. */
  cut(how?: Cut): void;
  mend(): Promise<void>;
  /** It does not see another node, which may still see it. */
  blindTo(name: string, blind?: boolean): void;
  /** A leave finds its sessions online for ever. */
  keepSessionsOnline(keep?: boolean): void;
  /** Its queues stay where they are until `resumeMigration`. */
  pauseMigration(): void;
  resumeMigration(): void;
  /** This queue cannot move away: a leave waits for it. */
  holdQueue(clientId: string, hold?: boolean): void;
  /** When this queue moves away it is lost on the way, or its messages are. */
  loseQueue(clientId: string, loss?: Loss): void;
  /**
   * The function that leaves dies at its next step.
   *
   * @param reason an Erlang atom, which the broker answers with; without one the command crashes
   */
  crashLeave(reason?: string): void;
  /**
   * Does something once, when a leave of this node has come so far; the leave waits for it.
   *
   * @param queues for `migrating`: how many queues have moved by then
   * @returns settles as `act` does
   */
  at(phase: Phase, act: () => void | Promise<void>, queues?: number): Promise<void>;
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
    get clusteringPort() {
      return node.links.clustering.port;
    },
    get isRunning() {
      return node.isRunning;
    },
    fill: (queues) => fillQueues(node, queues),
    connect: (clients) => connectClients(node, clients),
    stop: () => node.stop(),
    kill: () => node.halt(),
    restart: () => node.start(),
    freeze: () => node.freeze(),
    thaw: () => node.thaw(),
    hang: (path) => toggle(faults.hangingPaths, path, true),
    unhang: (path) => toggle(faults.hangingPaths, path, false),
    refuse: (command, refusal, times = Number.POSITIVE_INFINITY) =>
      faults.commands.refuse(command, refusal, times),
    accept: (command) => faults.commands.accept(command),
    delay: (command, milliseconds) => faults.commands.delay(command, milliseconds),
    cut: (how = 'refused') => node.http.cut(how),
    mend: () => node.http.mend(),
    blindTo: (name, blind = true) => toggle(faults.blindTo, name, blind),
    keepSessionsOnline: (keep = true) => {
      faults.sessionsStayOnline = keep;
    },
    pauseMigration: () => faults.migration.shut(),
    resumeMigration: () => faults.migration.open(),
    holdQueue: (clientId, hold = true) => toggle(faults.heldQueues, clientId, hold),
    loseQueue: (clientId, loss = 'queue') => void faults.lostQueues.set(clientId, loss),
    crashLeave: (reason) => {
      faults.leaveCrash = reason === undefined ? 'crashed' : `Unknown error: ${reason}`;
    },
    at: (phase, act, queues) => node.phases.at(phase, act, queues),
  };
}
