import type { AddedContext } from '../../context/add.js';
import { plainHttpWarning } from '../../context/endpoint.js';
import type { ContextList, ListedContext } from '../../context/manage.js';
import type { SavedContext } from '../../context/schema.js';
import type { RemovedContext } from '../../context/store.js';
import type { Check, Validation } from '../../context/validate.js';
import { cell, type Note, note, type Tone, type View } from '../view.js';

/** The `vmqctl.context/1` document: each member is always there, null when not saved. Sources, never secrets. */
export const contextDocument = (saved: SavedContext, isCurrent: boolean) => ({
  schema: 'vmqctl.context/1',
  ...members(saved, isCurrent),
});

const members = (saved: SavedContext, isCurrent: boolean) => ({
  name: saved.name,
  current: isCurrent,
  nodes: saved.nodes,
  apiKeyFrom: saved.apiKeyFrom ?? null,
  apiKeyHeader: saved.apiKeyHeader ?? 'basic',
  cookieFrom: saved.cookieFrom ?? null,
  redis: saved.redis ?? null,
  redisPasswordFrom: saved.redisPasswordFrom ?? null,
  caFile: saved.caFile ?? null,
  sshConfig: saved.sshConfig ?? null,
  sshPasswordFrom: saved.sshPasswordFrom ?? null,
  sshPrefix: saved.sshPrefix ?? null,
  vmqAdmin: saved.vmqAdmin ?? null,
  sudo: saved.sudo ?? false,
});

export function contextView(saved: SavedContext, isCurrent: boolean): View {
  const rows = [
    ['name', saved.name],
    ['current', isCurrent ? 'yes' : 'no'],
    ...saved.nodes.map((node) => ['node', node]),
    ['API key', masked(saved.apiKeyFrom)],
    ['API key header', saved.apiKeyHeader ?? 'basic'],
    ['cookie', masked(saved.cookieFrom)],
    ['Redis', saved.redis ?? '-'],
    ['Redis password', masked(saved.redisPasswordFrom)],
    ['CA file', saved.caFile ?? '-'],
    ...sshRows(saved),
  ];
  return {
    document: contextDocument(saved, isCurrent),
    table: { columns: ['setting', 'value'], rows },
    below: warnings(saved),
  };
}

/** Only what is saved: most clusters are not reached over SSH. */
function sshRows(saved: SavedContext): string[][] {
  const rows: readonly (readonly [string, string | undefined])[] = [
    ['SSH configuration', saved.sshConfig],
    ['SSH password', saved.sshPasswordFrom && masked(saved.sshPasswordFrom)],
    ['SSH prefix', saved.sshPrefix],
    ['vmq-admin', saved.vmqAdmin],
    ['sudo', saved.sudo && 'yes'],
  ];
  return rows.flatMap(([name, value]) => (value === undefined ? [] : [[name, value]]));
}

const masked = (source: string | undefined) => (source === undefined ? '-' : `*** from ${source}`);

function warnings({ nodes, apiKeyFrom }: SavedContext): Note[] {
  const warning = apiKeyFrom === undefined ? undefined : plainHttpWarning(nodes);
  return warning === undefined ? [] : [note(warning, 'warning')];
}

export function addedView({ saved, isCurrent, secretFiles }: AddedContext): View {
  const kept = secretFiles.map((file) =>
    note(`the secret from standard input is kept in ${file}, mode 0600`),
  );
  return {
    document: { ...contextDocument(saved, isCurrent), secretFiles },
    above: [
      note(`saved context ${saved.name}${isCurrent ? ', which is the current one' : ''}`, 'good'),
      ...kept,
      ...warnings(saved),
      note(`try it: vmqctl context validate ${saved.name} --connect`, 'dim'),
    ],
  };
}

export function usedView(saved: SavedContext): View {
  return {
    document: contextDocument(saved, true),
    above: [note(`${saved.name} is the current context: ${saved.nodes.join(', ')}`, 'good')],
  };
}

export function contextListView({ current, contexts }: ContextList): View {
  const empty = note('no context is saved; "vmqctl context add NAME --node URL" saves one', 'dim');
  return {
    document: {
      schema: 'vmqctl.context-list/1',
      current: current ?? null,
      contexts: contexts.map((one) => listMember(one, one.name === current)),
    },
    table: {
      columns: contexts.length === 0 ? [] : ['current', 'name', 'nodes', 'Redis', 'API key'],
      rows: contexts.map((one) => listRow(one, one.name === current)),
    },
    below: contexts.length === 0 ? [empty] : [],
  };
}

function listMember(one: ListedContext, isCurrent: boolean) {
  if ('problem' in one) return { name: one.name, current: isCurrent, problem: one.problem };
  return { ...members(one.saved, isCurrent), problem: null };
}

function listRow(one: ListedContext, isCurrent: boolean) {
  const mark = isCurrent ? cell('*', 'good') : '';
  if ('problem' in one) return [mark, one.name, cell(one.problem, 'bad'), '', ''];
  const { saved } = one;
  return [mark, saved.name, saved.nodes.join(', '), saved.redis ?? '-', saved.apiKeyFrom ?? '-'];
}

export function removedView(name: string, { wasCurrent, removed }: RemovedContext): View {
  const none = note(
    'no context is the current one now; choose one with "vmqctl context use NAME"',
    'warning',
  );
  return {
    document: { schema: 'vmqctl.context-remove/1', name, wasCurrent, removed },
    above: [note(`removed ${removed.join(' and ')}`, 'good'), ...(wasCurrent ? [none] : [])],
  };
}

const TONES: Readonly<Record<Check['verdict'], Tone>> = { ok: 'good', warning: 'warning', bad: 'bad' };

export function validationView({ name, checks, failure }: Validation): View {
  return {
    document: { schema: 'vmqctl.context-validate/1', name, valid: failure === null, checks },
    table: {
      columns: ['check', 'subject', 'verdict', 'message'],
      rows: checks.map((check) => [
        check.name,
        check.subject,
        cell(check.verdict, TONES[check.verdict]),
        check.message,
      ]),
    },
    below: [
      failure === null ? note(`context ${name} will do`, 'good') : note(`context ${name} will not do`, 'bad'),
    ],
  };
}
