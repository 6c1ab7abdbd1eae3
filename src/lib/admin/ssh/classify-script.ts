import type { CommandOutput } from '../cli/output.js';
import { failed, refused, unknown } from '../outcomes.js';
import { isQuestion } from '../question.js';
import { firstLine } from '../refusals.js';
import type { AdminCommand, Classification } from '../rpc.js';
import { classifyNoAnswer } from './classify-error.js';
import { NO_VMQ_ADMIN, type VmqAdminOptions } from './vmq-admin-line.js';

/**
 * What came of what stands between the SSH connection and the broker: the shell, `sudo`, a container's runtime, and the
 * `vmq-admin` script itself.
 *
 * @returns undefined where the broker has answered, or `vmq-admin` says why it has not
 */
export function classifyScript(
  command: AdminCommand,
  options: VmqAdminOptions,
  output: CommandOutput,
): Classification | undefined {
  const { stdout, stderr, exitCode } = output;
  if (exitCode === 0) return undefined;
  if (exitCode > 128) return classifyNoAnswer(command, `vmq-admin was ended there (${exitCode})`);
  if (/^RPC (?:to \S+ )?failed: nodedown\b/m.test(stderr))
    return classifyNoAnswer(command, 'the node stopped while vmq-admin waited for it');
  const unstarted = classifyUnstarted(stderr, options);
  if (unstarted) return unstarted;
  if (/^(Node .* not responding|RPC |ERROR: |failed to connect to node|escript: )/m.test(stderr))
    return undefined;
  if (stderr.includes(NO_VMQ_ADMIN)) return NOT_THERE;
  if (/^You need to be root or use sudo/m.test(stdout)) return NEEDS_SUDO;
  if (stdout.trim() !== '') return undefined;
  if (options.sudo === true && exitCode === 1) {
    const refusal = classifySudo(stderr);
    if (refusal) return refusal;
  }
  if (exitCode === 126 || exitCode === 127) return notRun(firstLine(stderr));
  const isPrefixed = (options.prefix ?? []).length > 0 && stderr.trim() !== '';
  return isPrefixed ? prefixFailed(firstLine(stderr)) : undefined;
}

/** What a forced command, a restricted shell or a wrong prefix amounts to. Whether it has done anything, nobody knows. */
export function classifySilence(command: AdminCommand): Classification {
  const message = 'whatever ran there in place of vmq-admin said nothing';
  const hint = 'Check --vmq-admin and --ssh-prefix, and whether that login runs a command of its own.';
  return isQuestion(command) ? failed('no_reply', message, hint) : unknown('outcome_unknown', message, hint);
}

const NOT_THERE: Classification = {
  ...refused(
    'no_vmq_admin',
    'there is no vmq-admin on that host',
    'Say where it is with --vmq-admin PATH, or with --ssh-prefix how to get into its container ("docker exec -i NAME").',
  ),
  kind: 'configuration',
};

const NEEDS_SUDO: Classification = {
  ...refused('needs_sudo', 'vmq-admin there wants to be run by root', 'Give --sudo, or log in as root.'),
  kind: 'credentials',
};

const notRun = (why: string): Classification => ({
  ...refused(
    'no_vmq_admin',
    `vmq-admin cannot be run there: ${why || 'the shell does not say why'}`,
    'Check --vmq-admin, --ssh-prefix and --sudo against what that host has.',
  ),
  kind: 'configuration',
});

const prefixFailed = (why: string): Classification => ({
  ...refused(
    'prefix_failed',
    `what --ssh-prefix names could not run vmq-admin: ${why}`,
    'Try the same command in a shell on that host; where docker wants root, give --sudo.',
  ),
  kind: 'configuration',
});

/** The script, or the Erlang that it starts, gave up before it had anything to do with the node. */
function classifyUnstarted(stderr: string, { sudo = false }: VmqAdminOptions): Classification | undefined {
  if (/^vm\.args needs to have a -(name|setcookie) parameter/m.test(stderr)) {
    const why = "vmq-admin there does not find its node's name or cookie";
    const hint = sudo
      ? 'Are they in the vernemq.conf there?'
      : 'The user has to be able to read vernemq.conf: give --sudo, or log in as root.';
    return { ...refused('no_node_name', why, hint), kind: 'configuration' };
  }
  if (!/^escript: exception error/m.test(stderr) || !stderr.includes('failed_to_start_child'))
    return undefined;
  const why = /"([^"\n]+)"/.exec(stderr)?.[1] ?? 'its Erlang has no network';
  const hint =
    'Its user needs a home folder there with an .erlang.cookie of its own, or one that it may write to.';
  return {
    ...refused('vmq_admin_not_started', `vmq-admin cannot start there: ${why}`, hint),
    kind: 'configuration',
  };
}

/** In whatever language it speaks; with `-n` it never asks. */
function classifySudo(stderr: string): Classification | undefined {
  const lines = stderr.split('\n').filter((line) => !/^sudo: unable to resolve host/.test(line));
  const said = lines.find((line) => /^sudo: |^Sorry, |is not (?:in the sudoers|allowed to)/.test(line));
  if (said === undefined) return undefined;
  if (/command not found/.test(said)) return notRun(said);
  const wantsPassword = /password/.test(said);
  const why = wantsPassword ? 'sudo wants a password there' : `sudo refuses there: ${said}`;
  return {
    ...refused(
      wantsPassword ? 'sudo_password' : 'sudo_denied',
      why,
      'Let the user run vmq-admin without a password: "USER ALL=(root) NOPASSWD: /usr/sbin/vmq-admin" in its sudoers.',
    ),
    kind: 'credentials',
  };
}
