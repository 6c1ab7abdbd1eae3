// A redis-server of the demo's own, on a free loopback port.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

export async function startRedis(folder) {
  const port = await freePort();
  const args = [
    '--port',
    String(port),
    '--bind',
    '127.0.0.1',
    '--dir',
    folder,
    '--save',
    '',
    '--appendonly',
    'no',
  ];
  const child = spawn('redis-server', args, { stdio: ['ignore', 'pipe', 'inherit'] });
  await new Promise((resolve, reject) => {
    child.stdout
      .setEncoding('utf8')
      .on('data', (text) => text.includes('Ready to accept connections') && resolve());
    child.on('error', reject);
    child.on('exit', (code) => reject(new Error(`redis-server ended with ${code}`)));
  });
  return { url: `redis://127.0.0.1:${port}`, stop: () => child.kill() };
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer();
    server.on('error', reject);
    server.listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}
