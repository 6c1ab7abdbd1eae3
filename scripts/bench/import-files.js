// Files of user records for the bench, each in two forms: rows for `acl import`, and the protocol for `redis-cli --pipe`.

import { once } from 'node:events';
import { createWriteStream } from 'node:fs';
import { join } from 'node:path';

const BASE64 = './ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789';

/** Rows of about 260 bytes with hashes that are ready. One in three has a list of its own. */
export async function writeRecords(folder, count) {
  const files = { rows: join(folder, `${count}.ndjson`), protocol: join(folder, `${count}.resp`) };
  const [rows, protocol] = [createWriteStream(files.rows), createWriteStream(files.protocol)];
  for (let index = 0; index < count; index += 1) {
    const { key, passhash, publish, subscribe, row } = record(index);
    const text = `{"passhash":"${passhash}","subscribe_acl":${subscribe},"publish_acl":${publish}}`;
    await put(rows, `${row}\n`);
    await put(protocol, ['*3', '$3', 'SET', `$${key.length}`, key, `$${text.length}`, text, ''].join('\r\n'));
  }
  await Promise.all([end(rows), end(protocol)]);
  return files;
}

/** Rows with passwords that are to be hashed. */
export async function writePasswords(folder, count) {
  const file = join(folder, `${count}.passwords.ndjson`);
  const rows = createWriteStream(file);
  for (let index = 0; index < count; index += 1)
    await put(rows, `${JSON.stringify({ client_id: `c${index}`, username: 'u', password: `p-${index}` })}\n`);
  await end(rows);
  return file;
}

function record(index) {
  const id = `device-${String(index).padStart(8, '0')}`;
  const username = `user${index % 5000}`;
  const passhash = `$2a$10$${characters(index, 21)}u${characters(index * 31, 30)}y`;
  const publish = index % 3 === 0 ? `[{"pattern":"dev/${id}/#"}]` : '[{"pattern":"dev/%c/#"}]';
  const subscribe = '[{"pattern":"cmd/%c/+","max_qos":1}]';
  const row = `{"mountpoint":"","client_id":"${id}","username":"${username}","passhash":"${passhash}","publish_acl":${publish},"subscribe_acl":${subscribe}}`;
  return { key: `["","${id}","${username}"]`, passhash, publish, subscribe, row };
}

const characters = (seed, length) =>
  Array.from({ length }, (_, at) => BASE64[(seed * 7 + at * 13 + ((seed >> (at % 20)) & 3)) & 63]).join('');

const put = async (stream, text) => stream.write(text) || (await once(stream, 'drain'));
const end = (stream) => new Promise((resolve) => stream.end(resolve));
