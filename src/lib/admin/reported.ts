import { Failure } from '../failure.js';
import type { AdminCommand, AdminRpc, CallOptions, ViewOptions } from './rpc.js';

/** Takes a line for people who look for a mistake. */
export type Report = (line: string) => void;

/** The same node; each call to it is told of, with how it ended. Values, which may be secrets, are not. */
export function reported(rpc: AdminRpc, report: Report): AdminRpc {
  const { address } = rpc;
  const tell = async <T>(what: string, work: Promise<T>, outcome: (result: T) => string): Promise<T> => {
    const started = performance.now();
    const end = (how: string) =>
      report(`${address}: ${what}: ${how} (${Math.round(performance.now() - started)} ms)`);
    try {
      const result = await work;
      end(outcome(result));
      return result;
    } catch (thrown) {
      end(thrown instanceof Failure ? thrown.code : 'broken off');
      throw thrown;
    }
  };
  const { queueSummary, isTracing, isLeaveRunning, aclCache, page, dataChannels } = rpc;
  return {
    address,
    streams: rpc.streams,
    call: (command: AdminCommand, options: CallOptions) =>
      tell(command.words.join(' '), rpc.call(command, options), ({ code }) => code),
    views: (options: ViewOptions) =>
      tell('views', rpc.views(options), ({ views }) => `of ${views.map(({ node }) => node).join(', ')}`),
    membership: (options) =>
      tell('membership', rpc.membership(options), ({ members }) => `${members.size} members`),
    ...(queueSummary && {
      queueSummary: (options: CallOptions) =>
        tell('queue summary', queueSummary.call(rpc, options), ({ offline }) => `${offline} offline`),
    }),
    ...(isLeaveRunning && {
      isLeaveRunning: (options: CallOptions) =>
        tell('leaves', isLeaveRunning.call(rpc, options), (is) => (is ? 'running' : 'none')),
    }),
    ...(isTracing && {
      isTracing: (options: CallOptions) =>
        tell('tracing', isTracing.call(rpc, options), (is) => (is ? 'yes' : 'no')),
    }),
    ...(aclCache && {
      aclCache: (mountpoint: string, clientId: string, options: CallOptions) =>
        tell('ACL cache', aclCache.call(rpc, mountpoint, clientId, options), (has) =>
          has ? 'cached' : 'nothing',
        ),
    }),
    ...(page && {
      page: (path: string, options: CallOptions) =>
        tell(path, page.call(rpc, path, options), ({ status }) => String(status)),
    }),
    ...(dataChannels && {
      dataChannels: (others: readonly string[], options: CallOptions) =>
        tell('data channels', dataChannels.call(rpc, others, options), (found) => `${found.size} known`),
    }),
    isOpen: (options) => tell('open', rpc.isOpen(options), (is) => (is ? 'yes' : 'no')),
    close: () => rpc.close(),
  };
}
