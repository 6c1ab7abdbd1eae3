import { describe, expect, it } from 'vitest';
import { classifyCommandOutput } from '../../../../src/lib/admin/cli/classify.js';
import { toFailure } from '../../../../src/lib/admin/failure.js';
import { EXIT_CODES } from '../../../../src/lib/cli/exit-codes.js';
import { BROKER_VERSIONS } from '../../../support/golden.js';
import { type CliRow, cliRows, recordedCommand } from './recorded.js';

/**
 * What each recorded run means, judged by hand: the first line whose command line and output match decides. The output
 * is matched as `EXITCODE STDOUT` and, where there is one, ` ! STDERR`.
 */
const EXPECTED: readonly (readonly [argv: RegExp, output: RegExp, meaning: string])[] = [
  // The call has not come to the broker, or not back from it.
  [/./, /^1 .*! Node .* not responding to pings/s, 'failed unreachable'],
  [/^cluster leave/, /! RPC to \S+ failed: timeout/, 'unknown leave_in_progress'],
  [/^-rpctimeout 1 session show/, /! RPC to \S+ failed: timeout/, 'failed no_answer'],
  // Crashes.
  [/^(tls clear-pem-cache|log level|trace stop_all)/, /\{clique_status,parse,\s*\[ok,/, 'done done_unsaid'],
  [/^set .*--format=(json|csv)/, /iolist_to_binary/, 'done done_unsaid'],
  [/^listener (delete|restart)/, /ranch_server,/, 'refused no_such_listener'],
  [/^api-key create scope=bogus/, /invalid_scope/, 'refused invalid_scope'],
  [/^api-key create .*expires=tomorrow/, /badmatch,\["tomorrow"\]/, 'refused invalid_expiry_date'],
  [/^cluster leave .*-i abc/, /badarith/, 'refused bad_value'],
  // Mistakes in the command.
  [/--help$/, /^[01] Usage: /, 'done done'],
  [
    /^$|^foo|^cluster( status)?$|^--format=json|^webhooks show|^bridge show/,
    /^1 Usage: /,
    'refused unknown_command',
  ],
  [/^cluster show --bogus/, /^1 Invalid Flags: /, 'refused unknown_flag'],
  [/--bogus|-t -1/, /^1 Invalid key: /, 'refused unknown_key'],
  [/^cluster show bogus=1|^listener start .*port=abc/, /^1 Invalid arguments: /, 'refused unknown_key'],
  [/-t ?(abc|10x)/, /^1 Invalid value: /, 'refused bad_value'],
  [/^set .*=abc/, /^1 Error transforming datatype/, 'refused bad_value'],
  [/discovery-node=$|client-id=a b/, /^1 Empty value in argument: /, 'refused empty_value'],
  [/^show bogus/, /^1 Invalid config keys: bogus/, 'refused unknown_setting'],
  [/^set (bogus|nodename)=/, /Unknown variable: /, 'refused unknown_setting'],
  // Failures that end with exit code 0.
  [/^cluster (join|leave)/, /^0 .*You have to provide/, 'refused missing_argument'],
  [/^config show$/, /^0 Please provide an app/, 'refused missing_argument'],
  [/./, /^0 vmq-admin /, 'refused missing_argument'],
  [/^cluster leave/, /Done! Use -k/, 'done listeners_suspended'],
  [/^cluster leave/, /^0 error, still online queues/, 'failed still_online_queues'],
  [/^cluster leave/, /no_target_available/, 'failed no_target_available'],
  [/^cluster leave/, /Done\n?$/, 'unknown leave_unverified'],
  [/^cluster join/, /self_join/, 'refused self_join'],
  [/^cluster join/, /non_empty_node/, 'refused non_empty_node'],
  [/^cluster join/, /not_reachable/, 'refused not_reachable'],
  [/^cluster join/, /^0 (Done|.*"Done")/, 'unknown join_unverified'],
  [/^listener start/, /already_started/, 'refused already_started'],
  [/^plugin enable/, /plugin_not_found/, 'refused plugin_not_found'],
  [/^api-key add/, /\{error,key_already_exists\}/, 'refused key_already_exists'],
  [/^api-key add/, /\{error,invalid_expiry_date\}/, 'refused invalid_expiry_date'],
  [/^api-key delete/, /\{error,key_not_found\}/, 'refused key_not_found'],
  [/^api-key create expires=/, /^0 /, 'failed expiry_ignored'],
  [/^session reauthorize/, /^0 Unchanged/, 'unknown unchanged'],
  // Success.
  [
    /^(cluster|session|listener|plugin|script|api-key|retain|tls|metrics|config|webhooks) show\b/,
    /^0 /,
    'done done',
  ],
  [/^(show|describe|node (status|swc_sync_status|history)|log show config)\b/, /^0 /, 'done done'],
  [/^(listener|session|retain|metrics|tls|api-key|trace) [a-z_-]+\b/, /^0 /, 'done done'],
  [/^set /, /^0 (max_client_id_size set to|Setting config across)/, 'done done'],
];

const commandText = (row: CliRow) => row.argv.slice(1).join(' ');
const outputText = (row: CliRow) => `${row.exitCode} ${row.stdout}${row.stderr ? ` ! ${row.stderr}` : ''}`;
const firstRule = (row: CliRow) =>
  EXPECTED.find(([argv, output]) => argv.test(commandText(row)) && output.test(outputText(row)));

describe.each(BROKER_VERSIONS)('runs of vmq-admin recorded from VerneMQ %s', (version) => {
  const rows = cliRows(version);

  it('each means what it was judged to mean', () => {
    const wrong = rows.flatMap((row) => {
      const { outcome, code } = classifyCommandOutput(recordedCommand(row.argv), row);
      const expected = firstRule(row)?.[2];
      return expected === `${outcome} ${code}`
        ? []
        : [`${row.id}: expected ${expected}, got ${outcome} ${code}`];
    });
    expect(wrong).toEqual([]);
    expect(rows.length).toBeGreaterThan(470);
  });

  it('none that is not a plain success would end with exit code 0, and each says why and what to do', () => {
    for (const row of rows) {
      const reply = classifyCommandOutput(recordedCommand(row.argv), row);
      if (reply.outcome === 'done') continue;
      const failure = toFailure('ssh://172.16.16.13', reply);
      expect(EXIT_CODES[failure.kind], row.id).toBeGreaterThan(0);
      expect(failure.message, row.id).toMatch(/^ssh:\/\/172\.16\.16\.13: .{10,}/);
      expect(failure.message, row.id).not.toContain('\n');
      expect(failure.hint, row.id).toMatch(/.{15,}/);
    }
  });

  it('none hands on what colours a terminal', () => {
    for (const row of rows) {
      expect(JSON.stringify(classifyCommandOutput(recordedCommand(row.argv), row)), row.id).not.toContain(
        '\\u001b',
      );
    }
  });
});

describe('the judgement', () => {
  it('has no line that no recording needs', () => {
    const rows = BROKER_VERSIONS.flatMap(cliRows);
    const unused = EXPECTED.filter((rule) => !rows.some((row) => firstRule(row) === rule));
    expect(unused.map((rule) => rule.join('  '))).toEqual([]);
  });
});
