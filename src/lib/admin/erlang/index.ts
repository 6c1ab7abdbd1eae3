/**
 * A client for Erlang nodes: connects as a hidden node, calls functions there and takes their output.
 * It needs nothing but Node itself, and is quick to import.
 */
export { EPMD_PORT } from './epmd.js';
export { ErlangError, type ErlangErrorCode } from './error.js';
export type { OutputListener } from './io/group-leader.js';
export { type ConnectOptions, connectNode, type ErlangNode } from './node.js';
export type { CallOptions } from './rpc/calls.js';
export { describeReason, describeTerm } from './rpc/describe.js';
export * from './term/types.js';
