import { describe, expect, it } from 'vitest';
import { DEFAULT_BROKER } from '../../../../src/lib/acl/authorize/broker.js';
import type { Finding } from '../../../../src/lib/acl/lint/finding.js';
import { lintRecords } from '../../../../src/lib/acl/lint/lint.js';
import { repairAll } from '../../../../src/lib/acl/lint/repair.js';
import { MemoryStore } from '../memory-store.js';

const PASSHASH = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC';
const KEY = '["","c","u"]';
const record = (members: object = {}) =>
  JSON.stringify({ passhash: PASSHASH, publish_acl: [], subscribe_acl: [], ...members });

async function lint(store: MemoryStore): Promise<Finding[]> {
  const findings: Finding[] = [];
  for await (const page of lintRecords(store, {}, DEFAULT_BROKER, new AbortController().signal))
    findings.push(...page.findings);
  return findings;
}

const rulesOf = async (text: string, key = KEY) =>
  (await lint(new MemoryStore({ [key]: text }))).map(({ severity, rule, field }) =>
    [severity, rule, field].filter(Boolean).join(' '),
  );
const publish = (...entries: unknown[]) => rulesOf(record({ publish_acl: entries }));
const subscribe = (...entries: unknown[]) => rulesOf(record({ subscribe_acl: entries }));

describe('lint', () => {
  it('finds nothing in a record that means what it says', async () => {
    expect(
      await publish({ pattern: 'a/%c', max_qos: 1, max_payload_size: 10, allowed_retain: false }),
    ).toEqual([]);
    expect(await subscribe({ pattern: '$share/+/a' }, { pattern: 'a', modifiers: [['b', 1]] })).toEqual([]);
  });

  it.each([
    ['["", "c", "u"]', 'error key-spelling'],
    ['["c","","u"]', 'error key-order'],
    ['["c","u"]', 'warning key-shape'],
    ['["","","u"]', 'error unusable-name'],
    ['["","c d","u"]', 'error unusable-name'],
    [`["","${'c'.repeat(101)}","u"]`, 'error unusable-name'],
  ])('finds the key %.30s', async (key, finding) => {
    expect(await rulesOf(record(), key)).toEqual([finding]);
  });

  it.each([
    ['{', ['error unreadable']],
    ['[]', ['error unreadable']],
    [`/* x */${record()}`, ['warning lenient-json']],
    [record({ passhash: 5 }), ['error passhash passhash']],
    [record({ passhash: 'plain' }), ['error passhash passhash']],
    [record({ passhash: PASSHASH.replace('2a', '2b') }), ['error passhash-label passhash']],
    [record({ passhash: PASSHASH.replace('2a', '2x') }), ['error passhash passhash']],
    [record({ publish_acl: null }), ['error refused publish_acl']],
    [record({ publish_acl: [{ pattern: 'a', x: [] }] }), ['error refused publish_acl[0].x']],
    [record({ publish_acl: {} }), ['warning list-is-object publish_acl']],
    [JSON.stringify({ passhash: PASSHASH, publish_acl: [] }), ['info no-list subscribe_acl']],
  ])('finds what is wrong with the record %.60s', async (text, findings) => {
    expect(await rulesOf(text)).toEqual(findings);
  });

  it.each([
    [{ max_qos: 1 }, ['error dead-entry publish_acl[0]']],
    [{ pattern: 'a#' }, ['error dead-entry publish_acl[0]']],
    [{ pattern: 'a/b/c/d/e/f/g/h/i/j/k' }, ['error dead-entry publish_acl[0]']],
    [{ pattern: null }, ['error null-pattern publish_acl[0].pattern']],
    [{ pattern: 'a', max_qos: '1' }, ['error ignored-limit publish_acl[0].max_qos']],
    [{ pattern: 'a', allowed_retain: 'false' }, ['error ignored-limit publish_acl[0].allowed_retain']],
    [{ pattern: 'a', max_payload_size: -1 }, ['error ignored-limit publish_acl[0].max_payload_size']],
    [{ pattern: 'a', maxqos: 1 }, ['error unknown-field publish_acl[0].maxqos']],
    [{ pattern: 'a', comment: 'x' }, ['warning unknown-field publish_acl[0].comment']],
    [{ pattern: 'a', max_qos: 1.5 }, ['warning fraction publish_acl[0].max_qos']],
    [{ pattern: 'a', modifiers: { topic: 'a/+' } }, ['error dropped-modifiers publish_acl[0].modifiers']],
    [
      { pattern: 'a', modifiers: { properties: { p_content_type: 'x' } } },
      ['info version-differs publish_acl[0].modifiers'],
    ],
    [{ pattern: '$SYS/a' }, ['error reserved-topic publish_acl[0].pattern']],
    [{ pattern: 'x%c' }, ['warning partial-variable publish_acl[0].pattern']],
    [{ pattern: '%m/a' }, ['warning empty-level publish_acl[0].pattern']],
  ])('finds what is wrong with the entry to publish %j', async (entry, findings) => {
    expect(await publish(entry)).toEqual(findings);
  });

  const NO_SHARE = 'info no-share subscribe_acl';
  it.each([
    [{ pattern: 'a/+' }, ['warning plus-covers-hash subscribe_acl[0].pattern', NO_SHARE]],
    [{ pattern: '#' }, ['info covers-system-topics subscribe_acl[0].pattern']],
    [
      { pattern: 'a', allowed_retain: false },
      ['warning unknown-field subscribe_acl[0].allowed_retain', NO_SHARE],
    ],
    [{ pattern: 'a', modifiers: [] }, ['warning empty-modifiers subscribe_acl[0].modifiers', NO_SHARE]],
    [
      { pattern: 'a', modifiers: [['b', 7]] },
      ['warning refused-modifiers subscribe_acl[0].modifiers', NO_SHARE],
    ],
  ])('finds what is wrong with the entry to subscribe %j', async (entry, findings) => {
    expect(await subscribe(entry)).toEqual(findings);
  });

  it.each([
    ['["","*","u"]', 'warning client-chosen-level'],
    ['["","+","u"]', 'error name-is-wildcard'],
    ['["","a/b","u"]', 'error name-never-matches'],
  ])('looks at what the name %s is in a pattern', async (key, finding) => {
    expect(await rulesOf(record({ publish_acl: [{ pattern: 'a/%c' }] }), key)).toEqual([
      `${finding} publish_acl[0].pattern`,
    ]);
  });

  it('tells of a record for any client beside that of one', async () => {
    const findings = await lint(new MemoryStore({ [KEY]: record(), '["","*","u"]': record() }));
    expect(findings.map(({ key, rule }) => [key, rule])).toEqual([[KEY, 'beside-fallback']]);
  });

  it('shows nothing of a passhash', async () => {
    const passhash = PASSHASH.replace('2a', '2b');
    const shown = (await lint(new MemoryStore({ [KEY]: record({ passhash }) }))).map(
      ({ repair, ...rest }) => rest,
    );
    expect(JSON.stringify(shown)).not.toContain(passhash.slice(7));
  });
});

describe('a repair', () => {
  const fix = async (store: MemoryStore, dryRun = false) => repairAll(store, await lint(store), dryRun);

  it('relabels a passhash and changes nothing else, then renames the key', async () => {
    const text = record({ passhash: PASSHASH.replace('2a', '2y'), comment: 'kept' }).replace(',', ' ,  ');
    const store = new MemoryStore({ '["", "c", "u"]': text });
    expect((await fix(store, true)).map(({ outcome }) => outcome)).toEqual(['would-repair', 'would-repair']);
    expect(store.values.has('["", "c", "u"]')).toBe(true);
    expect((await fix(store)).map(({ outcome }) => outcome)).toEqual(['repaired', 'repaired']);
    expect([...store.values]).toEqual([[KEY, { kind: 'text', text: text.replace('$2y$', '$2a$') }]]);
    expect(await lint(store)).toEqual([]);
  });

  it('overwrites no other record', async () => {
    const store = new MemoryStore({ '["", "c", "u"]': record({ comment: 'old' }), [KEY]: record() });
    for (const dryRun of [true, false]) expect((await fix(store, dryRun))[0]?.outcome).toBe('taken');
    expect(store.values.get(KEY)).toEqual({ kind: 'text', text: record() });
    expect(store.values.size).toBe(2);
  });

  it('leaves alone what was changed since it was looked at', async () => {
    const store = new MemoryStore({ [KEY]: record({ passhash: PASSHASH.replace('2a', '2b') }) });
    const findings = await lint(store);
    await store.put(KEY, record());
    expect((await repairAll(store, findings, false))[0]?.outcome).toBe('changed-meanwhile');
    await store.remove(KEY);
    expect((await repairAll(store, findings, false))[0]?.outcome).toBe('changed-meanwhile');
  });
});
