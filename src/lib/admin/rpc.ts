import type { FailureKind } from '../failure.js';

/** A command as `vmq-admin` knows it. `key=value` arguments always travel before the flags: the broker needs that. */
export interface AdminCommand {
  /** Such as `['cluster', 'show']`. */
  readonly words: readonly string[];
  /** `key=value` arguments, in the order the broker expects. */
  readonly arguments?: readonly (readonly [key: string, value: string])[];
  /** Long flags without their dashes; `true` for a flag without a value. */
  readonly flags?: readonly (readonly [name: string, value: string | true])[];
}

export type Row = Readonly<Record<string, string | number | boolean | null>>;

/** One element of a reply (clique's status types). */
export type ReplyElement =
  | { readonly type: 'text'; readonly text: string }
  | { readonly type: 'table'; readonly rows: readonly Row[] }
  | { readonly type: 'alert'; readonly elements: readonly ReplyElement[] };

/**
 * - `done`: the broker did it, or answered the question.
 * - `refused`: it said no; nothing has changed.
 * - `failed`: it tried and did not succeed; something may have changed.
 * - `unknown`: the answer does not tell. Look at the cluster.
 */
export type Outcome = 'done' | 'refused' | 'failed' | 'unknown';

interface Judgement {
  /** Stable identifier in snake_case. */
  readonly code: string;
  /** One line for the operator. */
  readonly message: string;
  /** What kind of failure it amounts to, where the code is one of those that reach us from below. */
  readonly kind?: FailureKind;
}

/** What a reply means, whatever its status said. What is not done has a hint: what to do next. */
export type Classification =
  | (Judgement & { readonly outcome: 'done'; readonly hint?: string })
  | (Judgement & { readonly outcome: Exclude<Outcome, 'done'>; readonly hint: string });

export type AdminReply = Classification & { readonly elements: readonly ReplyElement[] };

export interface CallOptions {
  /** Milliseconds until we stop waiting; 0 waits for as long as the other side keeps the call open. */
  readonly deadline: number;
  readonly signal?: AbortSignal | undefined;
  /** Called with each line that the command writes while it runs, where the way in can carry them: see `streams`. */
  readonly onOutput?: OutputListener | undefined;
}

export type OutputListener = (line: string, stream: 'out' | 'err') => void;

/** A broker's listener as a node reports it. `status` is `running` or `suspended`, or what a later version says. */
export interface Listener {
  readonly type: string;
  readonly status: string;
  readonly address: string;
  /** 0 where it has none, or none that could be one. */
  readonly port: number;
}

/** Counters of one node since its start, and what it holds now. */
export interface NodeCounters {
  readonly online: number;
  readonly offline: number;
  /** PUBLISH packets from clients, and to them; undefined where it does not say. */
  readonly messagesIn?: number | undefined;
  readonly messagesOut?: number | undefined;
  readonly queueIn: number;
  readonly queueOut: number;
  readonly queueDrop: number;
  readonly queueUnhandled: number;
  readonly subscriptions: number;
  readonly retained: number;
}

/** What one node says of itself and of its cluster. */
export interface NodeView {
  readonly node: string;
  readonly version: string | null;
  /** Member → whether this node sees it running: its own `cluster show`, in its own order. */
  readonly members: ReadonlyMap<string, boolean>;
  readonly listeners: readonly Listener[];
  readonly counters: NodeCounters | null;
}

/** What one node answered about all the nodes that it reaches. */
export interface ViewsReply {
  /** The node that answered. */
  readonly self: string;
  readonly views: readonly NodeView[];
}

/** What a node's queues do, and how many messages they have stored. Queues of plugins are not among them. */
export interface QueueSummary {
  readonly online: number;
  /** Their session is being taken over or ended. */
  readonly waitingForOffline: number;
  /** Being migrated right now. */
  readonly draining: number;
  readonly offline: number;
  readonly storedMessages: number;
}

export interface ViewOptions extends CallOptions {
  /** Its own view will do: saves it from asking the others, where that can be saved. */
  readonly alone?: boolean | undefined;
}

/** What an HTTP listener of a broker answered, whatever its status. */
export interface Page {
  readonly status: number;
  readonly body: string;
}

/** How a node's connection for messages to another one stands; `init`: there is none, or none any more. */
export type Channel = 'up' | 'down' | 'init';

/** What a node has cached of one entry of a record: with the names of the client in place. */
export interface CachedEntry {
  /** Undefined for an entry that can never match. */
  readonly pattern: readonly string[] | undefined;
  readonly maxQos: number;
  /** In bytes; of entries to publish. */
  readonly maxPayloadSize?: number | undefined;
  readonly allowedRetain: boolean;
  /** Name and value to publish; topic and QoS, or QoS with options, to subscribe. */
  readonly modifiers: readonly (readonly [string, unknown])[] | undefined;
}

/** What a node has cached for one client since its login, in the order in which it goes through it. */
export interface CachedLists {
  readonly publish: readonly CachedEntry[];
  readonly subscribe: readonly CachedEntry[];
}

/** A broker's admin RPC, over whatever carries it. Errors are `Failure`s; a reply is always classified. */
export interface AdminRpc {
  /** Where it goes, for people: never with a secret. */
  readonly address: string;
  /** Whether it hands on what a command writes before it has ended. */
  readonly streams: boolean;
  call(command: AdminCommand, options: CallOptions): Promise<AdminReply>;
  /** Each reachable node's own view of the cluster, as seen from this node. */
  views(options: ViewOptions): Promise<ViewsReply>;
  /**
   * This node's own view and nothing else: neither version, listeners nor counters. It answers also while a frozen
   * member makes `views` hang on every node.
   */
  membership(options: CallOptions): Promise<NodeView>;
  /** The queues of this node by state, counted now; only where the way in can ask for it. */
  queueSummary?(options: CallOptions): Promise<QueueSummary>;
  /** Whether this node has a part in a `cluster leave` just now, of whichever node; only where the way in can tell. */
  isLeaveRunning?(options: CallOptions): Promise<boolean>;
  /** Whether a trace runs on this node; only where the way in can ask for it. */
  isTracing?(options: CallOptions): Promise<boolean>;
  /**
   * What this node has cached for a client; null where it has nothing, undefined where it keeps no such cache at all.
   * Only where the way in can ask for it.
   */
  aclCache?(
    mountpoint: string,
    clientId: string,
    options: CallOptions,
  ): Promise<CachedLists | null | undefined>;
  /** A page such as `/metrics` or `/health`, asked for without a key; only where the way in is HTTP. */
  page?(path: string, options: CallOptions): Promise<Page>;
  /** Other node → how the connection to it stands; only where the way in can ask for it. */
  dataChannels?(others: readonly string[], options: CallOptions): Promise<ReadonlyMap<string, Channel>>;
  /**
   * Whether it takes commands without an API key.
   *
   * @throws Failure when it does not answer at all
   */
  isOpen(options: CallOptions): Promise<boolean>;
  close(): void;
}
