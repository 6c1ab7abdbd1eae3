// The acts of the demo, in the order in which the main job is done.
import { connect, until } from './clients.js';

const FIRST = { clientId: '1528361231', username: '101' };
const SECOND = { clientId: '1528361747', username: '102' };
const DEVICES = 20;
const MESSAGES = 5;

export async function startSandbox(stage, redis) {
  stage.title('1. Three simulated brokers, each alone, and a real Redis');
  await stage.show(['sandbox', 'up', '--nodes', '3', '--redis', redis]);
  const { nodes } = await stage.ask(['sandbox', 'status']);
  return nodes;
}

export async function joinTwo(stage, [one, two]) {
  stage.title('2. Two nodes become a cluster, shown from both sides');
  const pair = ['--node', one.httpUrl, '--node', two.httpUrl];
  await stage.show(['cluster', 'show', ...pair], { exitCode: 10 });
  await stage.show(['cluster', 'join', `discovery-node=${one.name}`, '--node', two.httpUrl]);
  await stage.show(['cluster', 'show', ...pair]);
  for (const node of [one, two]) {
    const { stdout } = await stage.show(['cluster', 'show', '--node', one.httpUrl, '--node-view', node.name]);
    stage.prove((stdout.match(/ true /g) ?? []).length === 2, `${node.name} itself sees both running`);
  }
}

export async function seedRecords(stage, redis, password) {
  stage.title('3. The two users, in the Redis that the brokers read');
  for (const user of [FIRST, SECOND]) {
    await stage.show([
      'acl',
      'set',
      ...keys(user),
      '--publish',
      '#',
      '--subscribe',
      '#',
      '--password-from',
      password,
      '--redis',
      redis,
    ]);
  }
  await stage.show(['acl', 'list', '--redis', redis]);
}

export async function talkAcrossNodes(stage, [one, two], secret) {
  stage.title('4. They log in on different nodes and talk');
  const first = await connect(one.mqttUrl, { ...FIRST, password: secret });
  const second = await connect(two.mqttUrl, { ...SECOND, password: secret });
  const stranger = await connect(one.mqttUrl, { ...FIRST, clientId: 'stranger', password: secret });
  stage.prove(
    first.connected && second.connected,
    `${FIRST.clientId} is connected to ${one.name}, ${SECOND.clientId} to ${two.name}`,
  );
  stage.prove(!stranger.connected, 'a client id without a record is refused');
  await second.subscribe('hello');
  await first.subscribe('say');
  await first.publish('hello', 'from the first node');
  await second.publish('say', 'from the second node');
  stage.prove(
    await until(() => second.received.includes('hello from the first node')),
    `${SECOND.clientId} has received "hello" across nodes`,
  );
  stage.prove(
    await until(() => first.received.includes('say from the second node')),
    `${FIRST.clientId} has received "say" across nodes`,
  );
  await Promise.all([first.end(), second.end()]);
}

export async function narrowRecords(stage, [one], redis, secret) {
  stage.title('5. Their rights are narrowed: the first may only publish hello and hear say');
  await stage.show([
    'acl',
    'set',
    ...keys(FIRST),
    '--publish',
    'hello',
    '--subscribe',
    'say',
    '--redis',
    redis,
  ]);
  await stage.show([
    'acl',
    'set',
    ...keys(SECOND),
    '--publish',
    'say',
    '--subscribe',
    'hello',
    '--redis',
    redis,
  ]);
  const first = await connect(one.mqttUrl, { ...FIRST, password: secret });
  stage.prove(first.connected, 'the password still holds: set changes only what is named');
  await first.publish('hello', 'allowed');
  stage.prove(
    await first.publishAndLose('say', 'not allowed'),
    'a publish to "say" is answered by closing the connection',
  );
}

export async function joinThird(stage, [one, , three]) {
  stage.title('6. A third node joins');
  await stage.show([
    'cluster',
    'join',
    `discovery-node=${one.name}`,
    '--on',
    three.httpUrl,
    '--node',
    one.httpUrl,
  ]);
}

export async function fillOfflineQueues(stage, [one, , three], redis, { password, secret }) {
  stage.title(`7. ${DEVICES} devices leave their queues on the third node, with ${MESSAGES} messages each`);
  await stage.show([
    'acl',
    'set',
    'client-id=*',
    'username=device',
    '--publish',
    'all/#',
    '--subscribe',
    'all/#',
    '--password-from',
    password,
    '--cost',
    '8',
    '--redis',
    redis,
  ]);
  const device = (index) => ({
    clientId: `device-${index}`,
    username: 'device',
    password: secret,
    clean: false,
  });
  for (let index = 0; index < DEVICES; index += 1) {
    const client = await connect(three.mqttUrl, device(index));
    stage.check(client.connected, `device-${index} is connected`);
    await client.subscribe('all/devices');
    await client.end();
  }
  const sender = await connect(one.mqttUrl, { ...device('sender'), clean: true });
  for (let count = 1; count <= MESSAGES; count += 1) await sender.publish('all/devices', String(count));
  await sender.end();
  const { nodes } = await stage.ask(['cluster', 'show', '--node', one.httpUrl]);
  const held = nodes.find(({ name }) => name === three.name);
  stage.prove(
    held.queuedMessages === DEVICES * MESSAGES,
    `${three.name} holds ${held.sessions.offline} queues with ${held.queuedMessages} messages`,
  );
  return device;
}

export async function leaveInStages(stage, [one, two, three], device) {
  stage.title('8. The third node is taken out, in stages');
  const via = ['--node', one.httpUrl];
  await stage.show(['cluster', 'leave', `node=${three.name.replace('sim', 'sin')}`, '-k', ...via], {
    exitCode: 4,
  });
  await stage.show(['cluster', 'leave', `node=${three.name}`, ...via]);
  await stage.show(['cluster', 'show', ...via]);
  const { stdout } = await stage.show([
    'cluster',
    'leave',
    `node=${three.name}`,
    '-k',
    '-i',
    '5',
    '-t',
    '120',
    ...via,
  ]);
  const moved = (what, count) => new RegExp(`${what}\\s*│ ${count}\\s*│ ${count}\\s`).test(stdout);
  stage.prove(moved('queues', DEVICES), `the account has all ${DEVICES} queues, before and after`);
  stage.prove(moved('messages', DEVICES * MESSAGES), `and all ${DEVICES * MESSAGES} messages`);
  await stage.show(['cluster', 'show', ...via]);
  await takeMessages(stage, [one, two], device);
}

async function takeMessages(stage, survivors, device) {
  const wanted = Array.from({ length: MESSAGES }, (_, index) => `all/devices ${index + 1}`).join();
  let complete = 0;
  for (let index = 0; index < DEVICES; index += 1) {
    const client = await connect(survivors[index % survivors.length].mqttUrl, device(index));
    if (await until(() => client.received.length >= MESSAGES))
      complete += Number(client.received.join() === wanted);
    await client.end();
  }
  stage.prove(
    complete === DEVICES,
    `all ${DEVICES} devices come back on the other nodes and get their ${MESSAGES} messages, once and in order`,
  );
}

const keys = ({ clientId, username }) => [`client-id=${clientId}`, `username=${username}`];
