import { type RecordSource, recordsFrom } from '../../../../src/lib/sandbox/records.js';
import { type HttpRow, httpRows } from '../../../support/golden.js';
import { freePort } from '../../../support/ports.js';
import { KEY, STAGE_KEY, Stage } from './stage.js';

export const LEAVE = '/api/v1/cluster/leave?node=sim3@127.0.0.1';
export const ADD_KEY = `/api/v1/api-key/add?key=${KEY}`;
export const DROP_STAGE_KEY = `/api/v1/api-key/delete?key=${STAGE_KEY}`;

/** Three nodes that know the stage's key; the recorded one arrives later. */
export const withStageKey = (joined: boolean, records?: RecordSource) =>
  Stage.start({ joined, apiKey: STAGE_KEY, records });

/** Anonymous logins are not allowed, as in the recording. */
export const noRecords = recordsFrom(new Map());

/** Node 3 has asked for its keys before the recorded one came, so it never learns of it. */
export async function poisonNode3(stage: Stage): Promise<void> {
  await stage.call(3, '/api/v1/cluster/show', STAGE_KEY);
  await stage.call(1, ADD_KEY, STAGE_KEY);
  await stage.call(1, DROP_STAGE_KEY);
}

/** The keys that earlier states of the recording had left. */
export async function addRecordedKeys(stage: Stage, rowId: string): Promise<void> {
  const row = httpRows('2.1.2').find(({ id }) => id === rowId) as HttpRow;
  const { table } = row.response.body as { table: { Key: string; Scope: string; 'Expires (UTC)': string }[] };
  for (const { Key, Scope, 'Expires (UTC)': expires } of table.slice(1)) {
    const date = expires === 'never' ? '' : `&expires=${expires.replace(' ', 'T')}`;
    await stage.call(1, `/api/v1/api-key/add?key=${encodeURIComponent(Key)}&scope=${Scope}${date}`);
  }
}

export const addListener = async (stage: Stage, recorded: number) => {
  const port = await freePort();
  stage.terms.addPort(recorded, port);
  return port;
};
