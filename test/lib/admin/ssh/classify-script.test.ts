import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../../src/lib/admin/failure.js';
import type { AdminCommand } from '../../../../src/lib/admin/rpc.js';
import { classifyScript } from '../../../../src/lib/admin/ssh/classify-script.js';
import type { VmqAdminOptions } from '../../../../src/lib/admin/ssh/vmq-admin-line.js';
import { BROKER_VERSIONS } from '../../../support/golden.js';
import { cliRows } from '../cli/recorded.js';

const SHOW: AdminCommand = { words: ['cluster', 'show'] };
const SET: AdminCommand = { words: ['set'], arguments: [['max_client_id_size', '7']] };
const LEAVE: AdminCommand = { words: ['cluster', 'leave'], arguments: [['node', 'a@b']] };
const COOKIE_FILE = `escript: exception error: no match of right hand side value
                 {error,
                     {{shutdown,
                          {failed_to_start_child,auth,
                              {"Error when reading /home/op/.erlang.cookie: eacces",
                               [{auth,init_no_setcookie,0,[]}]}}}}}
`;
const PREFIX = ['docker', 'exec', 'vernemq'];

describe('what stands between the SSH connection and the broker', () => {
  it.each<[string, VmqAdminOptions, string, string, number, string, string]>([
    ['no vmq-admin', {}, '', 'vmqctl: there is no vmq-admin\n', 127, 'no_vmq_admin', 'configuration'],
    ['no sudo', { sudo: true }, '', 'sh: 1: exec: sudo: not found\n', 127, 'no_vmq_admin', 'configuration'],
    ['a wrong path', {}, '', 'sh: 1: /x/vmq-admin: not found\n', 127, 'no_vmq_admin', 'configuration'],
    ['no right to run it', {}, '', 'sh: 1: /x: Permission denied\n', 126, 'no_vmq_admin', 'configuration'],
    [
      'a wrong path under sudo',
      { sudo: true },
      '',
      'sudo: /x: command not found\n',
      1,
      'no_vmq_admin',
      'configuration',
    ],
    [
      'a user who is not root',
      {},
      'You need to be root or use sudo to run this command\n',
      '',
      1,
      'needs_sudo',
      'credentials',
    ],
    [
      'sudo that wants a password',
      { sudo: true },
      '',
      'sudo: a password is required\n',
      1,
      'sudo_password',
      'credentials',
    ],
    [
      'sudo that refuses',
      { sudo: true },
      '',
      'Sorry, user op is not allowed to execute /usr/sbin/vmq-admin as root on mq1.\n',
      1,
      'sudo_denied',
      'credentials',
    ],
    [
      'a user who may not read vernemq.conf',
      {},
      '',
      'vm.args needs to have a -name parameter.\n  -sname is not supported.\n',
      1,
      'no_node_name',
      'configuration',
    ],
    [
      'a user without a home folder',
      {},
      '=ERROR REPORT==== 22-Nov-2026::17:16:02.997081 ===\n',
      COOKIE_FILE,
      127,
      'vmq_admin_not_started',
      'configuration',
    ],
    ['no sudoer', { sudo: true }, '', 'op is not in the sudoers file.\n', 1, 'sudo_denied', 'credentials'],
    [
      'sudo in another language',
      { sudo: true },
      '',
      'sudo: il faut un mot de passe\n',
      1,
      'sudo_denied',
      'credentials',
    ],
    [
      'a warning before the refusal',
      { sudo: true },
      '',
      'sudo: unable to resolve host mq1: Name or service not known\nsudo: a password is required\n',
      1,
      'sudo_password',
      'credentials',
    ],
    [
      'no such container',
      { prefix: PREFIX },
      '',
      'Error response from daemon: No such container: vernemq\n',
      1,
      'prefix_failed',
      'configuration',
    ],
  ])('%s', (_what, options, stdout, stderr, exitCode, code, kind) => {
    for (const command of [SHOW, SET, LEAVE]) {
      const judged = classifyScript(command, options, { stdout, stderr, exitCode });
      // Nothing was sent, and that is said.
      expect(judged).toMatchObject({ outcome: 'refused', code, hint: expect.stringMatching(/\w/) });
      if (judged) expect(toFailure('ssh://a@b', judged).kind).toBe(kind);
    }
  });

  it.each([
    ['a signal', '', 143],
    ['the node that stopped meanwhile', "RPC to 'a@b' failed: nodedown\n", 1],
  ])('%s leaves open what has happened', (_what, stderr, exitCode) => {
    const judge = (command: AdminCommand) => classifyScript(command, {}, { stdout: '', stderr, exitCode });
    expect(judge(LEAVE)).toMatchObject({ outcome: 'unknown', code: 'leave_in_progress' });
    expect(judge(SET)).toMatchObject({ outcome: 'unknown', code: 'outcome_unknown' });
    expect(judge(SHOW)).toMatchObject({ outcome: 'failed', code: 'no_answer' });
  });

  it.each(BROKER_VERSIONS)('takes nothing that a broker of %s has said for something else', (version) => {
    for (const row of cliRows(version)) {
      const command: AdminCommand = { words: row.argv.slice(1, 3) };
      for (const options of [{}, { sudo: true }, { sudo: true, prefix: PREFIX }])
        expect(classifyScript(command, options, row), row.id).toBeUndefined();
    }
  });

  it('takes a warning of sudo for nothing where the broker has answered', () => {
    const stderr = 'sudo: unable to resolve host mq1: Name or service not known\n';
    const output = { stdout: 'Invalid Flags: ["bogus"]\n', stderr, exitCode: 1 };
    expect(classifyScript(SHOW, { sudo: true }, output)).toBeUndefined();
  });
});

describe('a vmq-admin that does not get as far as its node', () => {
  it('says why in its own words, and where to look', () => {
    const classify = (stderr: string, exitCode: number, options: VmqAdminOptions = {}) =>
      classifyScript(SET, options, { stdout: '', stderr, exitCode });
    expect(classify(COOKIE_FILE, 127)).toMatchObject({
      message: expect.stringContaining('Error when reading /home/op/.erlang.cookie: eacces'),
      hint: expect.stringContaining('home folder'),
    });
    const cookie = 'vm.args needs to have a -setcookie parameter.\n';
    expect(classify(cookie, 1)).toMatchObject({ hint: expect.stringContaining('--sudo') });
    expect(classify(cookie, 1, { sudo: true })?.hint).not.toContain('--sudo');
  });

  it('is not made of a crash after the command was sent', () => {
    const crash = 'escript: exception error: bad argument\n';
    expect(classifyScript(SET, {}, { stdout: '', stderr: crash, exitCode: 127 })).toBeUndefined();
  });
});
