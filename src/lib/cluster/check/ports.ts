import type { CallOptions } from '../../admin/rpc.js';
import { Failure } from '../../failure.js';
import type { Secret } from '../../secret.js';
import { tryFromHere } from '../ports/connect.js';
import type { PortState } from '../ports/verdict.js';
import type { Dial, ErlangDial } from './evidence.js';

/** Milliseconds of silence after which a port counts as silent, however long a call may take. */
export const PORT_PATIENCE = 2000;

/** Where it could not be tried at all, nothing is known. */
export const DIALS: Readonly<Record<PortState, Dial | undefined>> = {
  open: 'open',
  refused: 'refused',
  filtered: 'silent',
  wrong_address: 'silent',
  unknown: undefined,
};

/** Connects and closes again; nothing is sent. Undefined where it cannot be told. */
export async function dialPort(
  host: string,
  port: number,
  { deadline, signal }: CallOptions,
): Promise<Dial | undefined> {
  const patience = Math.min(deadline || PORT_PATIENCE, PORT_PATIENCE);
  return DIALS[(await tryFromHere(host, port, patience, signal)).state];
}

/**
 * Makes an Erlang connection as the other nodes would, up to the cookie where there is one to try. Nothing is called.
 *
 * @returns undefined where it cannot be told from here: no epmd is there, or its host is not known here
 */
export async function dialErlang(
  node: string,
  { deadline, signal }: CallOptions,
  { cookie, epmdPort }: { readonly cookie?: Secret | undefined; readonly epmdPort?: number | undefined },
): Promise<ErlangDial | undefined> {
  const { EPMD_PORT, lookUpNode } = await import('../../admin/erlang/epmd.js');
  const { Limit } = await import('../../admin/erlang/limit.js');
  const { ErlangError } = await import('../../admin/erlang/error.js');
  const at = node.indexOf('@');
  const host = node.slice(at + 1);
  try {
    const limit = new Limit({ deadline: Math.min(deadline || PORT_PATIENCE, PORT_PATIENCE), signal });
    const { port } = await lookUpNode(node.slice(0, at), host, epmdPort ?? EPMD_PORT, limit);
    const met = await dialPort(host, port, { deadline, signal });
    if (met !== 'open' || !cookie) return met;
    const { connectNode } = await import('../../admin/erlang/node.js');
    const connected = await connectNode({ node, port, cookie: cookie.reveal(), deadline, signal });
    connected.close();
    return 'accepted';
  } catch (thrown) {
    if (!(thrown instanceof ErlangError)) throw thrown;
    if (thrown.code === 'aborted') throw new Failure('interrupted', 'interrupted', 'interrupted');
    return MEANING.get(thrown.code);
  }
}

const MEANING: ReadonlyMap<string, ErlangDial> = new Map([
  ['wrong_cookie', 'wrong_cookie'],
  ['node_not_registered', 'not_registered'],
  ['epmd_silent', 'silent'],
  ['port_silent', 'mute'],
  ['port_closed', 'open'],
  ['not_allowed', 'open'],
  ['name_conflict', 'open'],
]);

/** When the certificate that a TLS listener shows ends, whoever signed it; undefined where none is shown. */
export async function readCertificateEnd(
  host: string,
  port: number,
  { deadline, signal }: CallOptions,
): Promise<number | undefined> {
  const { connect: connectTls } = await import('node:tls');
  return await new Promise((resolve) => {
    // It is read, not trusted: nothing is sent, and the end of an untrusted one is told as well.
    const socket = connectTls({ host, port, servername: nameFor(host), rejectUnauthorized: false });
    const end = (found: number | undefined) => {
      socket.destroy();
      resolve(found);
    };
    signal?.addEventListener('abort', () => end(undefined), { once: true });
    socket.setTimeout(deadline || PORT_PATIENCE, () => end(undefined));
    socket.once('error', () => end(undefined));
    socket.once('secureConnect', () => {
      const ends = Date.parse(socket.getPeerCertificate().valid_to ?? '');
      end(Number.isNaN(ends) ? undefined : ends);
    });
  });
}

/** An address is no name that a server could choose a certificate by. */
const nameFor = (host: string) => (/^[\d.]+$|:/.test(host) ? '' : host);
