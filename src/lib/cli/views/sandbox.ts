import type { LiveStatus } from '../../sandbox/background/control.js';
import type { SandboxState } from '../../sandbox/background/state.js';
import { cell, note, type View } from '../view.js';

const SCHEMA = 'vmqctl.sandbox-status/1';
const COLUMNS = ['Node', 'Management API', 'MQTT', 'State'];

/** A sandbox that runs. Whoever reads it is told that nothing of it is real. */
export function runningView(state: SandboxState, nodes: LiveStatus['nodes']): View {
  const { pid, startedAt, apiMode, apiKeyFile, redisUrl, epmdPort, cookieFile } = state;
  return {
    document: {
      schema: SCHEMA,
      simulated: true,
      running: true,
      pid,
      startedAt,
      apiMode,
      apiKeyFile,
      redis: redisUrl,
      epmdPort,
      cookieFile,
      nodes,
    },
    above: [note('Simulated brokers on this machine. Nothing here is VerneMQ.', 'warning')],
    table: {
      columns: COLUMNS,
      rows: nodes.map(({ name, httpUrl, mqttUrl, running, fault }) => [
        name,
        httpUrl,
        mqttUrl,
        stateCell(running, fault),
      ]),
    },
    below: [
      note(loginNote(redisUrl), 'dim'),
      note(`Erlang ports: ERL_EPMD_PORT=${epmdPort}, --cookie-from file:${cookieFile}`, 'dim'),
      ...(apiKeyFile ? [note(`API key: --api-key-from file:${apiKeyFile}`, 'dim')] : []),
    ],
  };
}

const stateCell = (running: boolean, fault: string | null) =>
  fault === null
    ? cell(running ? 'running' : 'stopped', running ? 'good' : 'dim')
    : cell(`${running ? 'running' : 'stopped'}, ${fault}`, 'warning');

const loginNote = (redisUrl: string | null) =>
  redisUrl ? `Logins and ACLs: from ${redisUrl}.` : 'Logins: anyone, without a password. Nothing is denied.';

/** No sandbox. @param stopped the one that has just been stopped */
export function goneView(stopped: SandboxState | null): View {
  const text = stopped
    ? `The sandbox is stopped: ${stopped.nodes.length} simulated nodes are gone.`
    : 'No sandbox runs.';
  return {
    document: { schema: SCHEMA, simulated: true, running: false, stopped: stopped !== null, nodes: [] },
    table: { columns: [], rows: [] },
    above: [note(text)],
  };
}
