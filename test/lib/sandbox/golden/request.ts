import { request } from 'node:http';

/** An answer as it came over the wire, or the reason why there is none. */
export interface Received {
  readonly status: number | null;
  readonly headers: Readonly<Record<string, string | undefined>>;
  readonly body: string;
  readonly error: string | null;
}

/** Sends a request as it is written: no normalising of the path, no headers of its own. */
export function send(
  base: string,
  {
    method,
    path,
    headers = {},
  }: { method: string; path: string; headers?: Record<string, string> | undefined },
  timeout: number,
): Promise<Received> {
  const { hostname, port } = new URL(base);
  return new Promise((resolve) => {
    const nothing = (error: string) => resolve({ status: null, headers: {}, body: '', error });
    const outgoing = request({ hostname, port, method, path, headers, agent: false, timeout }, (response) => {
      const chunks: Buffer[] = [];
      response.on('data', (chunk: Buffer) => chunks.push(chunk));
      response.on('end', () =>
        resolve({
          status: response.statusCode ?? null,
          headers: response.headers as Record<string, string | undefined>,
          body: Buffer.concat(chunks).toString(),
          error: null,
        }),
      );
      response.on('error', (error: NodeJS.ErrnoException) => nothing(error.code ?? 'ERROR'));
    });
    outgoing.on('timeout', () => {
      nothing('TIMEOUT');
      outgoing.destroy();
    });
    outgoing.on('error', (error: NodeJS.ErrnoException) => nothing(error.code ?? 'ERROR'));
    outgoing.end();
  });
}
