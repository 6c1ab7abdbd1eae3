import { Failure } from '../../failure.js';
import { isLoopback } from '../../loopback.js';
import type { Secret } from '../../secret.js';
import { parseElements } from '../elements.js';
import { toFailure } from '../failure.js';
import { failed } from '../outcomes.js';
import type {
  AdminCommand,
  AdminReply,
  AdminRpc,
  CallOptions,
  Classification,
  NodeView,
  Page,
  ViewsReply,
} from '../rpc.js';
import { classifyTunnelFailure } from '../ssh/classify-error.js';
import type { OpenStream } from '../ssh/tunnel.js';
import { classifyHttp, type HttpAnswer } from './classify.js';
import { type Connection, openConnection, openTunnelled } from './exchange.js';
import { type ApiKeyHeader, assertUsableKey } from './key-header.js';
import { commandPath } from './path.js';
import { parseStatus } from './status.js';

export interface HttpAdminOptions {
  /** Origin of the node's HTTP listener, such as `http://172.16.16.13:8888`. */
  readonly url: string;
  /** What to call it, if that is not its URL. */
  readonly address?: string | undefined;
  /** Reaches it through an SSH host. */
  readonly openStream?: OpenStream | undefined;
  readonly apiKey?: Secret | undefined;
  /** The broker ignores `x-api-key` when an `authorization` header is present: only one is ever sent. */
  readonly apiKeyHeader: ApiKeyHeader;
  /** PEM text of the authorities that an https node is checked against. */
  readonly authorities?: string | undefined;
  /** Called each time before the key travels in clear to another machine. */
  readonly onPlainKey?: (() => void) | undefined;
}

/**
 * Milliseconds. The broker closes a connection 60 s after the request, answered or not; when that has not happened
 * by now, something in between has dropped the connection and no answer can come.
 */
const LONGEST_CALL = 90_000;

/** The HTTP management API of one node (vernemq.md §3). */
export class HttpAdminRpc implements AdminRpc {
  readonly address: string;
  /** The broker sends nothing before a command has ended. */
  readonly streams = false;
  private connection: Promise<Connection> | undefined;

  /** @throws Failure (configuration) for a key that cannot be one */
  constructor(private readonly options: HttpAdminOptions) {
    assertUsableKey(options.apiKey);
    this.address = options.address ?? options.url;
  }

  async call(command: AdminCommand, options: CallOptions): Promise<AdminReply> {
    const path = commandPath(command);
    const deadline = options.deadline || LONGEST_CALL;
    let answer: HttpAnswer;
    try {
      answer = await this.exchange(path, this.credentials(), { ...options, deadline });
    } catch (thrown) {
      if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
      return { ...classifyTunnelFailure(thrown, this.address), elements: [] };
    }
    const elements = 'status' in answer && answer.status === 200 ? (parseElements(answer.body) ?? []) : [];
    return { ...classifyHttp({ method: 'GET', path }, answer), elements };
  }

  /**
   * From `/status.json`. The key is sent only if the node wants one: a node that is asked with a key that has not
   * reached it yet refuses that key until it restarts. A member that drops out meanwhile makes it fail once with 500,
   * so that is tried again.
   *
   * @throws Failure
   */
  async views(options: CallOptions): Promise<ViewsReply> {
    const path = '/status.json';
    let answer = await this.exchange(path, {}, options);
    if ('status' in answer && answer.status === 500) answer = await this.exchange(path, {}, options);
    if ('status' in answer && answer.status === 401 && this.options.apiKey) {
      answer = await this.exchange(path, this.credentials(), options);
    }
    const reply = 'status' in answer && answer.status === 200 ? parseStatus(answer.body) : undefined;
    if (reply) return reply;
    throw toFailure(this.address, this.classifyStatus(path, answer));
  }

  /**
   * From `cluster show`, and the node's name from the labels of `/metrics`: neither asks other nodes.
   *
   * @throws Failure
   */
  async membership(options: CallOptions): Promise<NodeView> {
    const [reply, metrics] = await Promise.all([
      this.call({ words: ['cluster', 'show'] }, options),
      this.exchange('/metrics', {}, options),
    ]);
    if (reply.outcome !== 'done') throw toFailure(this.address, reply);
    const rows = reply.elements.flatMap((element) => (element.type === 'table' ? element.rows : []));
    const members = new Map(
      rows.flatMap(({ Node, Running }) => (typeof Node === 'string' ? [[Node, Running === true]] : [])),
    );
    const named = 'body' in metrics ? /\{node="([^"]+)"/.exec(metrics.body)?.[1] : undefined;
    const node = named ?? [...members.keys()][0];
    if (node === undefined || members.size === 0) throw toFailure(this.address, garbled('cluster show'));
    return { node, version: null, members, listeners: [], counters: null };
  }

  /** @throws Failure when nothing answers */
  async page(path: string, options: CallOptions): Promise<Page> {
    const answer = await this.exchange(path, {}, options);
    if ('status' in answer) return answer;
    throw toFailure(this.address, classifyHttp({ method: 'GET', path }, answer));
  }

  /**
   * Whether the management API answers without a key.
   *
   * @throws Failure when it does not answer at all
   */
  async isOpen(options: CallOptions): Promise<boolean> {
    const path = commandPath({ words: ['cluster', 'show'] });
    const answer = await this.exchange(path, {}, options);
    if ('status' in answer && (answer.status === 200 || answer.status === 401)) return answer.status === 200;
    throw toFailure(this.address, classifyHttp({ method: 'GET', path }, answer));
  }

  close(): void {
    void this.connection?.then((connection) => connection.close());
    this.connection = undefined;
  }

  private classifyStatus(path: string, answer: HttpAnswer): Classification {
    const classification = classifyHttp({ method: 'GET', path }, answer);
    return classification.outcome === 'done' ? garbled(path) : classification;
  }

  private async exchange(
    path: string,
    headers: Record<string, string>,
    options: CallOptions,
  ): Promise<HttpAnswer> {
    this.connection ??= this.open();
    const connection = await this.connection;
    // JSON where there is a choice, and not alone: `/metrics` is plain text, and answers 406 to whoever does not take it.
    const request = { path, headers: { accept: 'application/json, */*;q=0.1', ...headers }, ...options };
    const answer = await connection.exchange(request).catch((thrown: unknown) => {
      if (!(thrown instanceof Failure) || thrown.kind === 'interrupted') throw thrown;
      throw toFailure(this.address, classifyTunnelFailure(thrown, this.address));
    });
    if ('error' in answer && answer.error === 'ABORT_ERR')
      throw new Failure('interrupted', 'interrupted', 'interrupted');
    return answer;
  }

  private open(): Promise<Connection> {
    const { url, authorities, openStream } = this.options;
    return openStream ? openTunnelled(url, authorities, openStream) : openConnection(url, authorities);
  }

  private credentials(): Record<string, string> {
    const { apiKey, apiKeyHeader } = this.options;
    if (!apiKey) return {};
    const { protocol, hostname } = new URL(this.options.url);
    if (protocol === 'http:' && !isLoopback(hostname)) this.options.onPlainKey?.();
    if (apiKeyHeader === 'x-api-key') return { 'x-api-key': apiKey.reveal() };
    // The key is the user name; without the colon after it the broker refuses it.
    return { authorization: `Basic ${Buffer.from(`${apiKey.reveal()}:`).toString('base64')}` };
  }
}

const garbled = (what: string) =>
  failed(
    'garbled_reply',
    `its ${what} is not what a VerneMQ sends`,
    'Is this the HTTP listener of a broker?',
  );
