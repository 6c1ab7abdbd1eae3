import { describe, expect, it } from 'vitest';
import { ErlangError, type ErlangErrorCode } from '../../../../src/lib/admin/erlang/error.js';
import { Atom, Tuple } from '../../../../src/lib/admin/erlang/term/types.js';
import { toFailure } from '../../../../src/lib/admin/failure.js';
import { classifyErlangError } from '../../../../src/lib/admin/native/classify-error.js';
import type { AdminCommand } from '../../../../src/lib/admin/rpc.js';

const SHOW: AdminCommand = { words: ['session', 'show'] };
const SET: AdminCommand = { words: ['set'], arguments: [['max_inflight_messages', '7']] };
const LEAVE: AdminCommand = { words: ['cluster', 'leave'], arguments: [['node', 'a@h']] };

const classify = (code: ErlangErrorCode, command?: AdminCommand) =>
  classifyErlangError(command, new ErlangError(code, `what happened: ${code}`));

describe('what could not be sent', () => {
  it.each<[ErlangErrorCode, string]>([
    ['host_unknown', 'unreachable'],
    ['epmd_down', 'unreachable'],
    ['epmd_silent', 'unreachable'],
    ['node_not_registered', 'unreachable'],
    ['port_closed', 'unreachable'],
    ['port_silent', 'unreachable'],
    ['not_a_node', 'unreachable'],
    ['version_mismatch', 'unreachable'],
    ['wrong_cookie', 'credentials'],
    ['not_allowed', 'credentials'],
    ['name_conflict', 'failed'],
  ])('%s has changed nothing, even of a leave, and is a failure of the kind %s', (code, kind) => {
    for (const command of [SHOW, SET, LEAVE]) {
      const judged = classify(code, command);
      expect(judged).toMatchObject({ outcome: 'refused', code, message: `what happened: ${code}` });
      expect(toFailure('erl://a@h', judged)).toMatchObject({ kind, hint: expect.stringMatching(/\w/) });
    }
  });
});

describe('what may have arrived', () => {
  const CODES: readonly ErlangErrorCode[] = ['connection_lost', 'peer_silent', 'deadline', 'bad_frame'];

  it.each(CODES)('a leave goes on for all we know: %s', (code) => {
    expect(classify(code, LEAVE)).toMatchObject({ outcome: 'unknown', code: 'leave_in_progress' });
  });

  it.each(CODES)('a change may have been made: %s', (code) => {
    expect(classify(code, SET)).toMatchObject({ outcome: 'unknown', code: 'outcome_unknown' });
  });

  it.each(CODES)('a question can be asked again: %s', (code) => {
    expect(classify(code, SHOW)).toMatchObject({ outcome: 'failed', code: 'no_answer' });
    expect(classify(code)).toMatchObject({ outcome: 'failed', code: 'no_answer' });
  });
});

it('a crash of what was called is a failure of the broker', () => {
  expect(classify('exit')).toMatchObject({ outcome: 'failed', code: 'broker_error' });
});

describe('a function that is missing', () => {
  const missing = (module: string, name: string) => {
    const place = new Tuple([new Atom(module), new Atom(name), [], []]);
    return new ErlangError('exit', 'undef', { term: new Tuple([new Atom('undef'), [place]]) });
  };

  it('is no broker where it is the one that was called', () => {
    const noBroker = { outcome: 'refused', code: 'not_a_broker' };
    expect(classifyErlangError(LEAVE, missing('vmq_server_cli', 'command'))).toMatchObject(noBroker);
    expect(classifyErlangError(undefined, missing('vmq_status_http', 'node_status'))).toMatchObject(noBroker);
  });

  it('is a crash where it is deeper inside: of a leave, much may have happened by then', () => {
    const judged = classifyErlangError(LEAVE, missing('vmq_reg', 'migrate_offline_queues'));
    expect(judged).toMatchObject({ outcome: 'failed', code: 'broker_error' });
  });
});
