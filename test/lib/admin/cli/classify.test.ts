import { describe, expect, it } from 'vitest';
import { classifyCommandOutput } from '../../../../src/lib/admin/cli/classify.js';

const judge = (words: string, stdout: string, more: { stderr?: string; exitCode?: number } = {}) =>
  classifyCommandOutput({ words: words.split(' ') }, { stdout, stderr: '', exitCode: 0, ...more });

const json = (text: string) => `{"text":${JSON.stringify(text)},"type":"text"}`;
const alert = (text: string) => `{"alert":[{"text":${JSON.stringify(text)},"type":"text"}],"type":"alert"}`;

/** For people, in JSON: the same answer. */
const both = (text: string) => [
  ['human', `${text}\n`],
  ['JSON', json(text)],
  ['an alert', alert(text)],
];

describe.each([
  [
    'cluster leave',
    'error, still online queues, check the logs, and retry!',
    'failed',
    'still_online_queues',
  ],
  [
    'cluster leave',
    "Can't migrate queues because cluster is inconsistent, retry!",
    'failed',
    'cluster_inconsistent',
  ],
  ['script load', "Can't load script!", 'failed', 'script_failed'],
  ['session reauthorize', 'Unchanged', 'unknown', 'unchanged'],
  ['session unsubscribe', 'Not successfull', 'failed', 'unsubscribe_failed'],
  ['node upgrade', 'run upgrade: {error,bad_instruction}', 'failed', 'upgrade_failed'],
])('%s that is answered %s', (words, text, outcome, code) => {
  it.each(both(text).slice(0, 2))('is %s', (_form, stdout) => {
    expect(judge(words, stdout ?? '')).toMatchObject({ outcome, code });
  });
});

describe.each([
  ['config show', 'App not configured via vmq_config', 'refused', 'unknown_setting'],
  ['config show', 'not found', 'refused', 'unknown_setting'],
  ['session disconnect', 'Invalid mountpoint value', 'refused', 'bad_value'],
  ['plugin enable', 'Incomplete plugin specification', 'refused', 'missing_argument'],
  ['plugin enable', "Can't enable plugin: nope due to plugin_not_found", 'refused', 'plugin_not_found'],
  ['listener stop', "can't stop listener due to 'not_found'", 'refused', 'not_found'],
  ['trace client', 'Cannot start trace as another trace is already running.', 'refused', 'trace_running'],
  ['webui install', 'Error downloading file', 'failed', 'download_failed'],
  ['trace client', 'Done.', 'done', 'done'],
  ['bridge start', 'VerneMQ Bridges restarted.', 'done', 'done'],
  ['webui install', 'Frontend installed. Please clear browser cache and try it out...', 'done', 'done'],
])('%s that is answered by the alert %s', (words, text, outcome, code) => {
  it.each([both(text)[0] ?? [], both(text)[2] ?? []])('is judged alike: %s', (_form, stdout) => {
    expect(judge(words, stdout ?? '')).toMatchObject({ outcome, code });
  });
});

describe('a call that came to nothing', () => {
  const crash = (reason: string) => ({ stderr: `RPC failed: {'EXIT',${reason}}`, exitCode: 1 });

  it.each([
    ['tls clear-pem-cache', '{function_clause,[{clique_status,parse,[ok,#Fun<x>]}]}', 'done', 'done_unsaid'],
    ['set', '{badarg,[{erlang,iolist_to_binary,[[["max_client_id_size"]]],[]}]}', 'done', 'done_unsaid'],
    [
      'listener restart',
      '{badarg,[{ets,lookup_element,[ranch_server,{listener_sup,x},2],[]}]}',
      'refused',
      'no_such_listener',
    ],
    ['session show', '{badarg,[{erlang,list_to_integer,["x"],[]}]}', 'failed', 'broker_error'],
    // What a crash of one command proves says nothing about another.
    ['session show', '{badarg,[{erlang,iolist_to_binary,[],[]}]}', 'failed', 'broker_error'],
  ])('because %s crashed: %s', (words, reason, outcome, code) => {
    expect(judge(words, '', crash(reason))).toMatchObject({ outcome, code });
  });

  it('tells a question from what may have changed something', () => {
    const cut = { stderr: "RPC to 'a@b' failed: timeout\n", exitCode: 1 };
    expect(judge('session show', '', cut)).toMatchObject({ outcome: 'failed', code: 'no_answer' });
    expect(judge('session disconnect', '', cut)).toMatchObject({
      outcome: 'unknown',
      code: 'outcome_unknown',
    });
    expect(judge('cluster leave', 'Migrated 1/2 queues and 0/0 messages\n', cut)).toMatchObject({
      outcome: 'unknown',
      code: 'leave_in_progress',
    });
  });

  it('is not read out of what a command shows', () => {
    expect(judge('retain show', "RPC to 'a@b' failed: timeout\n")).toMatchObject({ outcome: 'done' });
  });
});

describe('an exit code that is not 0', () => {
  it.each(['', 'Done\n', json('Done'), 'sudo: a password is required\n'])('is never done: %j', (stdout) => {
    expect(judge('metrics reset', stdout, { exitCode: 1 })).toMatchObject({
      outcome: 'failed',
      code: 'broker_error',
    });
  });

  it('shows what was written to stderr', () => {
    const { message } = judge('metrics reset', '', { stderr: 'sudo: a password is required\n', exitCode: 1 });
    expect(message).toContain('a password is required');
  });

  it('reads the alert that CSV puts on stderr', () => {
    const stderr = "RPC to node 'a@b' failed for reason: non_empty_node\n\n";
    expect(judge('cluster join', '', { stderr, exitCode: 1 })).toMatchObject({ code: 'non_empty_node' });
  });
});

describe('a node that does not know the command', () => {
  const USAGE = 'Usage: vmq-admin <sub-command>\n\n  Administrate the cluster.\n';

  it.each([
    ['webhooks show', 'vmq_webhooks'],
    ['session unsubscribe', '2.1.0'],
    ['foo bar', '--help'],
  ])('may lack a plugin or be too old: %s', (words, said) => {
    const reply = judge(words, USAGE, { exitCode: 1 });
    expect(reply).toMatchObject({ outcome: 'refused', code: 'unknown_command' });
    expect(reply.hint).toContain(said);
  });

  it('may have only just started', () => {
    const stdout = 'Error: Usage information not found for the given command\n\n';
    expect(judge('cluster show', stdout, { exitCode: 1 })).toMatchObject({
      outcome: 'refused',
      code: 'not_ready',
    });
  });
});

describe('a result', () => {
  it('without a word is an empty table where the command shows one', () => {
    expect(judge('session show', '')).toMatchObject({
      outcome: 'done',
      elements: [{ type: 'table', rows: [] }],
    });
  });

  it('names the nodes that a set for all has not reached', () => {
    const stdout =
      '{"table":[{"Node":"a@b","Node Down/Unreachable":false,"Result":"x"},{"Node":"c@d","Node Down/Unreachable":true,"Result":"N/A"}],"type":"table"}';
    const reply = judge('set', stdout);
    expect(reply).toMatchObject({ outcome: 'failed', code: 'nodes_left_out' });
    expect(reply.message).toContain('c@d');
    expect(reply.message).not.toContain('a@b');
  });

  it('names the certificates that are about to end', () => {
    const reply = judge('tls check', '{"table":[{"File":"/etc/cert.pem","SecExp":5}],"type":"table"}');
    expect(reply).toMatchObject({ outcome: 'failed', code: 'tls_check_failed' });
    expect(reply.message).toContain('/etc/cert.pem');
  });
});
