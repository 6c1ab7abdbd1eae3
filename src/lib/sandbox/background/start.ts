import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, mkdirSync, openSync } from 'node:fs';
import { createInterface } from 'node:readline';
import { Failure, type FailureKind } from '../../failure.js';
import type { BackgroundConfig, BackgroundReport } from './config.js';
import { logFile, readState, removeState, type SandboxState } from './state.js';
import { sandboxStatus } from './status.js';

/** Milliseconds until the background process has to be ready. */
const DEADLINE = 15_000;

/** What became of the process: its report, or why there is none. */
type Outcome = BackgroundReport | 'silent' | 'interrupted';

/**
 * Starts a sandbox in the background and waits until it is ready.
 *
 * @param script the bundled entry of the background process
 * @throws Failure: safety when one runs already; interrupted; whatever hindered the sandbox itself
 */
export async function startInBackground(
  script: string,
  config: BackgroundConfig,
  signal: AbortSignal,
): Promise<SandboxState> {
  const { stateFolder } = config;
  await refuseSecond(stateFolder);
  const child = spawnDaemon(script, stateFolder);
  try {
    child.stdin?.end(JSON.stringify(config));
    throwUnlessReady(await outcome(child, signal), stateFolder);
  } catch (thrown) {
    child.kill('SIGTERM');
    throw thrown;
  } finally {
    child.stdout?.destroy();
    child.unref();
  }
  const state = await readState(stateFolder);
  if (!state) throw notStarted(stateFolder);
  return state;
}

async function refuseSecond(folder: string): Promise<void> {
  const status = await sandboxStatus(folder);
  if (status.running) {
    throw new Failure('safety', 'sandbox_runs', `a sandbox runs already (process ${status.state.pid})`, {
      hint: 'vmqctl sandbox status shows it, vmqctl sandbox down stops it.',
    });
  }
  if (status.stale) await removeState(folder, status.stale);
}

/** It outlives this process, its terminal and its working directory, and needs nothing of the environment. */
function spawnDaemon(script: string, folder: string): ChildProcess {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const log = openSync(logFile(folder), 'w', 0o600);
  const child = spawn(process.execPath, [script], {
    detached: true,
    cwd: folder,
    env: { PATH: process.env.PATH },
    stdio: ['pipe', 'pipe', log],
    windowsHide: true,
  });
  closeSync(log);
  // A process that has died does not read: what it reported says more than a broken pipe.
  child.stdin?.on('error', () => undefined);
  return child;
}

function outcome(child: ChildProcess, signal: AbortSignal): Promise<Outcome> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => settle('silent'), DEADLINE);
    const settle = (result: Outcome) => {
      clearTimeout(timer);
      resolve(result);
    };
    if (child.stdout) {
      createInterface(child.stdout).once('line', (line) => settle(JSON.parse(line) as BackgroundReport));
    }
    child.once('error', () => settle('silent'));
    child.once('exit', () => settle('silent'));
    if (signal.aborted) settle('interrupted');
    signal.addEventListener('abort', () => settle('interrupted'), { once: true });
  });
}

function throwUnlessReady(result: Outcome, folder: string): void {
  if (result === 'interrupted')
    throw new Failure('interrupted', 'interrupted', 'the sandbox was not started');
  if (result === 'silent') throw notStarted(folder);
  if (result.ready) return;
  const { kind, code, message, hint } = result;
  throw new Failure(kind as FailureKind, code, message, { hint: hint ?? undefined });
}

const notStarted = (folder: string) =>
  new Failure('failed', 'sandbox_did_not_start', 'the background process did not become ready', {
    hint: `See ${logFile(folder)}.`,
  });
