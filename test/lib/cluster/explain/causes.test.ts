import { describe, expect, it } from 'vitest';
import { findCauses } from '../../../../src/lib/cluster/explain/causes.js';
import type { Evidence } from '../../../../src/lib/cluster/explain/evidence.js';
import { historyOf, type Sighting } from '../../../../src/lib/cluster/explain/history.js';
import type { LogFinding } from '../../../../src/lib/cluster/explain/log-lines.js';
import type { Rights } from '../../../../src/lib/cluster/explain/rights.js';
import type { ClientRow } from '../../../../src/lib/cluster/explain/sightings.js';
import { mergeViews } from '../../../../src/lib/cluster/view.js';

const row = (more: Partial<ClientRow> = {}): ClientRow => ({
  node: 'a@h',
  mountpoint: '',
  isOnline: true,
  state: 'online',
  user: 'u1',
  host: '10.0.0.5',
  port: 1000,
  protocol: 4,
  clean: true,
  startedAt: 1,
  offlineMessages: 0,
  ...more,
});

/** One look each; a client that comes again has another port. Null where it is away. */
const looks = (...seen: (Partial<ClientRow> | null)[]): Sighting[] =>
  seen.map((more, index) => ({ at: index * 1000, rows: more === null ? [] : [row(more)] }));

function evidence(sightings: readonly Sighting[], more: Partial<Evidence> = {}): Evidence {
  return {
    name: { clientId: 'dev-1', mountpoint: '' },
    view: mergeViews([]),
    sightings,
    history: historyOf(sightings),
    looked: 10_000,
    subscriptions: [],
    user: 'u1',
    rights: undefined,
    asked: { publish: undefined, subscribe: undefined },
    growth: {},
    findings: [],
    gaps: [],
    ...more,
  };
}

const rights = (more: Partial<Rights> = {}): Rights => ({
  name: { mountpoint: '', clientId: 'dev-1', username: 'u1' },
  source: 'own',
  key: '["","dev-1","u1"]',
  loginFails: undefined,
  publish: ['say'],
  subscribe: ['hello'],
  problems: [],
  mayPublish: (topic) => topic === 'say',
  maySubscribe: (filter) => filter === 'hello',
  ...more,
});

const finding = (more: object): LogFinding => ({ node: 'a', time: 1, ...more }) as LogFinding;
const told = (given: Evidence) => findCauses(given).map(({ code, confidence }) => `${confidence} ${code}`);

describe('the causes of a disconnect', () => {
  it('are none for a client that stays', () => {
    expect(told(evidence(looks({}, {}, {}, {})))).toEqual([]);
  });

  it('are none that is likely for a client that came back once', () => {
    expect(told(evidence(looks({}, {}, { port: 2 }, { port: 2 })))).toEqual(['possible reconnects']);
  });

  it('name two clients at two addresses that share the id, and both of them', () => {
    const kicking = looks({}, { host: '10.0.0.9', port: 2 }, { port: 3 }, { host: '10.0.0.9', port: 4 });
    expect(told(evidence(kicking))).toEqual(['certain taken_over']);
    const [cause] = findCauses(evidence(kicking));
    expect(cause?.message).toContain('10.0.0.5 (user u1), 10.0.0.9 (user u1)');
  });

  it('name two clients behind one address: nobody is ever away, and the session is another each time', () => {
    const kicking = looks({}, { port: 2 }, { port: 3 }, { port: 4 });
    expect(told(evidence(kicking))).toEqual(['likely taken_over']);
    expect(findCauses(evidence(kicking))[0]?.message).toContain('3 times in 10 s');
    expect(
      told(
        evidence(kicking, { findings: [finding({ kind: 'taken_over' }), finding({ kind: 'taken_over' })] }),
      ),
    ).toEqual(['certain taken_over']);
  });

  it('do not take a client that moves to another address once for two', () => {
    expect(
      told(evidence(looks({}, {}, { host: '10.0.0.9', port: 2 }, { host: '10.0.0.9', port: 2 }))),
    ).not.toContain('certain taken_over');
  });

  it('name the filter that the record does not grant, and what grants it', () => {
    const asked = { publish: undefined, subscribe: 'secret/#' };
    const given = evidence(looks({}, {}), { asked, rights: rights() });
    expect(told(given)).toEqual(['likely subscribe_denied']);
    expect(findCauses(given)[0]?.cure).toContain("--add-subscribe 'secret/#'");
    const granted = evidence(looks({}, {}), { asked: { ...asked, subscribe: 'hello' }, rights: rights() });
    expect(told(granted)).toEqual([]);
  });

  it('point to a SUBSCRIBE that somebody was refused, and do not say that it was this one', () => {
    const growth = { mqtt_subscribe_auth_error: 2 };
    const given = evidence(looks({}, {}), { growth, rights: rights() });
    expect(told(given)).toEqual(['possible subscribe_denied']);
    expect(findCauses(given)[0]?.message).toContain('its ACL lets it subscribe to hello');
  });

  const loop = looks({}, null, { port: 2 }, null, { port: 3 }, null);

  it('name the topic that the log names, and what grants it', () => {
    const denied = finding({ kind: 'publish_denied', topic: "it's/a topic", reason: 'not_authorized' });
    const given = evidence(loop, { findings: [denied], rights: rights() });
    expect(told(given)).toEqual(['certain publish_denied']);
    expect(findCauses(given)[0]?.cure).toBe(
      "If it is to have that right: vmqctl acl set client-id=dev-1 username=u1 --add-publish 'it'\\''s/a topic'; then vmqctl session disconnect client-id=dev-1",
    );
  });

  it('say of a right that was granted meanwhile what brings it into effect', () => {
    const denied = finding({ kind: 'publish_denied', topic: 'say', reason: 'not_authorized' });
    const [cause] = findCauses(evidence(loop, { findings: [denied], rights: rights() }));
    expect(cause?.cure).toMatch(/^Its record lets it by now.*vmqctl session disconnect client-id=dev-1$/);
  });

  it('grant it to the record that decides', () => {
    const denied = finding({ kind: 'publish_denied', topic: 'x', reason: 'not_authorized' });
    const [cause] = findCauses(evidence(loop, { findings: [denied], rights: rights({ source: 'any' }) }));
    expect(cause?.cure).toContain("vmqctl acl set 'client-id=*' username=u1 --add-publish x");
  });

  it('suspect a right that is missing where a node has refused a PUBLISH while the client came and went', () => {
    const growth = { mqtt_publish_auth_error: 3 };
    expect(told(evidence(loop, { growth, rights: rights() }))).toEqual(['likely publish_denied']);
    expect(told(evidence(looks({}, {}, {}), { growth }))).toEqual([]);
  });

  it('do not take a client that comes again at once, each time that it is refused, for two', () => {
    const quick = looks({}, { port: 2 }, { port: 3 }, { port: 4 });
    const growth = { mqtt_publish_auth_error: 3 };
    expect(told(evidence(quick, { growth }))).toEqual(['likely publish_denied', 'possible taken_over']);
  });

  it('see two clients also where one of them is away for a moment', () => {
    const kicking = looks(
      {},
      {},
      {},
      {},
      null,
      { port: 2 },
      { port: 2 },
      { port: 2 },
      { port: 3 },
      { port: 3 },
    );
    expect(told(evidence(kicking))).toEqual(['likely taken_over']);
  });

  it('suspect it too of a client that is gone again before anybody looks', () => {
    const growth = { mqtt_publish_auth_error: 5 };
    const unseen = looks(null, null, null);
    expect(told(evidence(unseen, { growth, rights: rights() }))).toEqual([
      'likely publish_denied',
      'possible not_known',
    ]);
    expect(told(evidence(unseen, { growth }))).toEqual(['possible publish_denied', 'possible not_known']);
  });

  it('answer whether it may publish to the topic in question', () => {
    const asked = { publish: 'secret', subscribe: undefined };
    expect(told(evidence(loop, { asked, rights: rights() }))).toEqual(['likely publish_denied']);
    expect(told(evidence(loop, { asked: { ...asked, publish: 'say' }, rights: rights() }))).toEqual([
      'likely reconnects',
    ]);
  });

  it('tell a login that cannot succeed, and one that the log has refused', () => {
    const away = looks(null, null, null);
    const failing = rights({ source: 'none', loginFails: 'there is no record for it' });
    expect(told(evidence(away, { rights: failing }))).toEqual(['likely login_refused', 'possible not_known']);
    const refused = finding({ kind: 'login_refused', reason: 'invalid_credentials' });
    expect(told(evidence(away, { findings: [refused] }))).toEqual([
      'certain login_refused',
      'possible not_known',
    ]);
  });

  const quiet = { at: 5 * 60_000, startedAt: 4 * 60_000 };
  const steady = [0, 1, 2].map((second) => ({
    at: quiet.at + second * 1000,
    rows: [row({ startedAt: quiet.startedAt })],
  }));
  const denials = (...at: number[]) =>
    at.map((time) => finding({ kind: 'publish_denied', topic: 'x', reason: 'not_authorized', time }));

  it('are past where the client has been connected since, for longer than the log was ever silent', () => {
    const given = evidence(steady, { findings: denials(1000, 2000, 3000) });
    expect(told(given)).toEqual(['possible publish_denied']);
    expect(findCauses(given)[0]?.message).toMatch(/^earlier, not now: /);
  });

  it('are not past where the broker says so in the connection that stays, or only pauses', () => {
    expect(told(evidence(steady, { findings: denials(quiet.startedAt + 10) }))).toEqual([
      'certain publish_denied',
    ]);
    const slow = denials(0, 80_000, 160_000, 239_000);
    expect(told(evidence(steady, { findings: slow }))).toEqual(['certain publish_denied']);
  });

  it('are past where the log has something newer to say of a client that is away', () => {
    const refused = finding({ kind: 'login_refused', reason: 'invalid_credentials', time: 200_000 });
    const given = evidence(looks(null, null), { findings: [...denials(1000, 2000), refused] });
    expect(told(given)[0]).toBe('certain login_refused');
    expect(told(given)).toContain('possible publish_denied');
  });

  it('tell a last will, whose topic the entry before it names', () => {
    const will = finding({ kind: 'will_denied', reason: 'not_allowed', time: 1001 });
    const findings = [...denials(1000), will];
    const growth = { mqtt_publish_auth_error: 3 };
    const given = evidence(looks(null, null, null), { findings, growth, rights: rights() });
    expect(told(given)).toEqual(['certain will_denied', 'possible not_known']);
    expect(findCauses(given)[0]?.message).toContain('its last will to x:');
    expect(findCauses(given)[0]?.cure).toContain('--add-publish x');
  });

  it('do not tell a client of MQTT 5 that a PUBLISH has disconnected it', () => {
    const five = looks({ protocol: 5 }, { protocol: 5 });
    const [cause] = findCauses(evidence(five, { findings: denials(1000) }));
    expect(cause?.message).toContain('by MQTT 5 it stays connected');
  });

  it('tell a refusal because of a netsplit, which the log proves and a dead member makes likely', () => {
    const split = finding({ kind: 'register_refused', reason: 'not_ready' });
    expect(told(evidence(looks({}), { findings: [split] }))).toEqual(['certain netsplit']);
    const members = new Map([
      ['a@h', true],
      ['b@h', false],
    ]);
    const own = { node: 'a@h', version: null, members, listeners: [], counters: null };
    const view = mergeViews([{ address: 'x', self: 'a@h', views: [own], partial: false }]);
    const offline = { isOnline: false, state: 'offline', clean: false };
    expect(told(evidence(looks(offline, offline, offline), { view }))).toEqual(['likely netsplit']);
    expect(told(evidence(looks({}, {}, {}), { view }))).toEqual([]);
  });

  it('tell a take-over that does not end, and queues on several nodes', () => {
    const stuck = { isOnline: false, state: 'wait_for_offline', clean: false };
    expect(told(evidence(looks(stuck, stuck, stuck)))).toEqual(['likely stuck_queue']);
    const both = looks({}, {}, {}).map(({ at, rows }) => ({
      at,
      rows: [...rows, row({ node: 'b@h', port: 9 })],
    }));
    expect(told(evidence(both))).toContain('certain several_queues');
  });

  it('tell an expired keepalive', () => {
    const expired = finding({ kind: 'keepalive_expired' });
    expect(told(evidence(loop, { findings: [expired] }))).toEqual(['certain keepalive_expired']);
    const growth = { client_keepalive_expired: 3 };
    expect(told(evidence(loop, { growth }))).toEqual(['likely keepalive_expired']);
  });

  it('say that they do not know where nothing explains a loop, and that nobody knows the client', () => {
    expect(told(evidence(loop))).toEqual(['likely reconnects']);
    expect(told(evidence(looks(null, null, null)))).toEqual(['likely not_known']);
  });
});
