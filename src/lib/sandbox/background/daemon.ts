import { randomBytes } from 'node:crypto';
import type { Server } from 'node:http';
import { Failure } from '../../failure.js';
import { type Sandbox, startSandbox } from '../cluster.js';
import type { BackgroundConfig, BackgroundReport } from './config.js';
import { type FaultAnswer, type FaultOrder, openControl } from './control.js';
import {
  apiKeyFile,
  cookieFile,
  createState,
  removeState,
  type SandboxState,
  type StateNode,
  writeSecret,
} from './state.js';

/** The background process: starts the sandbox it is told to, says that it is ready, and runs until it is stopped. */
export async function runDaemon(
  input: NodeJS.ReadableStream,
  report: (line: BackgroundReport) => void,
): Promise<void> {
  try {
    const config = JSON.parse(await readAll(input)) as BackgroundConfig;
    const { stop } = await serve(config);
    for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, stop);
    if (config.lifetime !== undefined) setTimeout(stop, config.lifetime).unref();
    report({ ready: true });
  } catch (thrown) {
    report(failureReport(thrown));
    process.exitCode = 1;
  }
}

async function serve(config: BackgroundConfig): Promise<{ stop: () => void }> {
  const apiKey = config.apiMode === 'apikey' ? randomBytes(24).toString('hex') : undefined;
  const sandbox = await startSandbox({ ...config, apiKey });
  const token = randomBytes(32).toString('hex');
  let isEnding = false;
  const stop = () => {
    if (!isEnding) void end(sandbox, server, control, config.stateFolder);
    isEnding = true;
  };
  const status = () => ({ nodes: sandbox.nodes.map((node) => liveNode(node, sandbox)) });
  const fault = (order: FaultOrder) => obey(sandbox, order);
  const { server, port } = await openControl(token, { status, fault, stop });
  const control = { port, token };
  try {
    await populate(sandbox, config);
    await announce(config, sandbox, apiKey, control);
  } catch (thrown) {
    server.close();
    await sandbox.close();
    throw thrown;
  }
  return { stop };
}

async function obey({ outages }: Sandbox, { action, fault, node }: FaultOrder): Promise<FaultAnswer> {
  try {
    const cleared = action === 'clear' ? await outages.clear(fault, node) : [];
    if (action === 'set') await outages.set(fault ?? '', node ?? '');
    return { active: outages.active, cleared };
  } catch (thrown) {
    // Such as a port that was taken while it was shut: the sandbox goes on.
    const failure =
      thrown instanceof Failure
        ? thrown
        : new Failure('failed', 'fault_not_set', thrown instanceof Error ? thrown.message : String(thrown));
    const { kind, code, message, hint = null } = failure;
    return { refused: { kind, code, message, hint } };
  }
}

async function populate(sandbox: Sandbox, config: BackgroundConfig): Promise<void> {
  const { offlineQueues, messages, sessions } = config;
  const last = sandbox.nodes.at(-1);
  if (offlineQueues > 0) last?.fill({ queues: offlineQueues, messages });
  if (sessions > 0) await last?.connect({ sessions, reconnect: 'anywhere' });
}

async function announce(
  config: BackgroundConfig,
  sandbox: Sandbox,
  apiKey: string | undefined,
  control: SandboxState['control'],
): Promise<void> {
  const { stateFolder, apiMode, redisUrl = null } = config;
  const created = await createState(stateFolder, {
    pid: process.pid,
    startedAt: new Date().toISOString(),
    apiMode,
    apiKeyFile: apiKey === undefined ? null : apiKeyFile(stateFolder),
    redisUrl,
    epmdPort: sandbox.epmdPort,
    cookieFile: cookieFile(stateFolder),
    nodes: sandbox.nodes.map(stateNode),
    control,
  });
  if (!created) throw new Failure('safety', 'sandbox_runs', 'another sandbox was started at the same time');
  await writeSecret(cookieFile(stateFolder), sandbox.cookie);
  if (apiKey !== undefined) await writeSecret(apiKeyFile(stateFolder), apiKey);
}

async function end(
  sandbox: Sandbox,
  server: Server,
  control: SandboxState['control'],
  stateFolder: string,
): Promise<void> {
  await sandbox.close();
  await removeState(stateFolder, { control });
  // Whoever sees the control port closed may rely on all the rest being gone.
  server.close();
  server.closeAllConnections();
  process.exit(0);
}

const stateNode = ({ name, httpUrl, mqttUrl }: StateNode): StateNode => ({ name, httpUrl, mqttUrl });

const liveNode = (node: StateNode & { isRunning: boolean }, { outages }: Sandbox) => ({
  ...stateNode(node),
  running: node.isRunning,
  fault: outages.active.find((one) => one.node === node.name)?.fault ?? null,
});

function failureReport(thrown: unknown): BackgroundReport {
  if (!(thrown instanceof Failure)) throw thrown;
  const { kind, code, message, hint = null } = thrown;
  return { ready: false, kind, code, message, hint };
}

async function readAll(input: NodeJS.ReadableStream): Promise<string> {
  const chunks: string[] = [];
  for await (const chunk of input) chunks.push(String(chunk));
  return chunks.join('');
}
