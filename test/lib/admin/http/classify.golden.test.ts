import { describe, expect, it } from 'vitest';
import { toFailure } from '../../../../src/lib/admin/failure.js';
import { classifyHttp } from '../../../../src/lib/admin/http/classify.js';
import { EXIT_CODES } from '../../../../src/lib/cli/exit-codes.js';
import { BROKER_VERSIONS, bodyText, type HttpRow, httpRows } from '../../../support/golden.js';

/**
 * What each recorded answer means, judged by hand: the first line whose path and answer match decides. An answer is
 * matched as `STATUS body` or as the error's code.
 */
const EXPECTED: readonly (readonly [path: RegExp, answer: RegExp, meaning: string])[] = [
  // No answer at all.
  [/./, /^ECONNREFUSED/, 'failed unreachable'],
  [/cluster\/leave/, /^ECONNRESET/, 'unknown leave_in_progress'],
  [/trace\/client/, /^(ECONNRESET|CLIENT_TIMEOUT)/, 'unknown stream_not_over_http'],
  // Statuses.
  [/^\/api\/v[12]/, /^401 $/, 'refused unauthorized'],
  [/^\/api\/v[12]/, /^400 (invalid_command)?$/, 'refused not_understood'],
  [/./, /^404 /, 'refused not_found'],
  [/./, /^405 /, 'refused method_not_allowed'],
  [/./, /^406 /, 'refused not_acceptable'],
  [/./, /^414 /, 'refused request_too_long'],
  [/^\/health/, /^503 /, 'failed not_healthy'],
  [/cluster\/join/, /^500 /, 'refused join_refused'],
  [/--help/, /^500 /, 'refused no_help_over_http'],
  [/\/set\?/, /^500 /, 'unknown set_unverified'],
  [/log\/level|tls\/clear-pem-cache|trace\/stop_all/, /^500 /, 'unknown answer_lost'],
  [/\/show\/bogus/, /^500 /, 'refused unknown_setting'],
  [/./, /^500 /, 'failed broker_error'],
  // Failures that arrive as success.
  [/cluster\/leave/, /Done! Use -k/, 'done listeners_suspended'],
  [/cluster\/leave/, /"Done"/, 'unknown leave_unverified'],
  [/cluster\/leave/, /still online queues/, 'failed still_online_queues'],
  [/cluster\/leave/, /no_target_available/, 'failed no_target_available'],
  [/cluster\/join/, /"Done"/, 'unknown join_unverified'],
  [/./, /You have to provide/, 'refused missing_argument'],
  [/config\/show$/, /Please provide/, 'refused missing_argument'],
  [/retain\/delete$/, /No valid topic/, 'refused missing_argument'],
  [/./, /"alert":\[\{"text":"vmq-admin /, 'refused missing_argument'],
  [/listener\/start/, /already_started/, 'refused already_started'],
  [/plugin/, /plugin_not_found/, 'refused plugin_not_found'],
  [/plugin/, /already_enabled/, 'refused already_enabled'],
  [/api-key/, /\{error,key_already_exists\}/, 'refused key_already_exists'],
  [/api-key/, /\{error,key_not_found\}/, 'refused key_not_found'],
  [/api-key/, /\{error,invalid_expiry_date\}/, 'refused invalid_expiry_date'],
  [/api-key\/create\?expires=/, /^200 /, 'failed expiry_ignored'],
  [/session\/reauthorize/, /"Done"/, 'unknown reauthorize_unverified'],
  [/session\/reauthorize/, /"Unchanged"/, 'unknown unchanged'],
  [/v2\/disconnect/, /^200 unknown/, 'refused no_such_client'],
  // Success.
  [
    /^\/api\/v1\/.*(show|status|sessions|listeners|plugins|describe|history|swc_sync_status)/,
    /^200 /,
    'done done',
  ],
  [/^\/api\/v1\/(api-key|listener|session|retain|tls|script|webhooks)\//, /^200 /, 'done done'],
  [/^\/api\/v2\//, /^200 /, 'done done'],
  [/^\/(health|metrics|status)/, /^200 /, 'done done'],
];

const answerText = (row: HttpRow) =>
  row.response.status === null ? (row.response.error ?? '') : `${row.response.status} ${bodyText(row)}`;

function classifyRow(row: HttpRow) {
  const { status, error } = row.response;
  return classifyHttp(
    row.request,
    status === null ? { error: error ?? '' } : { status, body: bodyText(row) },
  );
}

describe.each(BROKER_VERSIONS)('answers recorded from VerneMQ %s', (version) => {
  const rows = httpRows(version);

  it('each means what it was judged to mean', () => {
    const wrong = rows.flatMap((row) => {
      const rule = EXPECTED.find(
        ([path, answer]) => path.test(row.request.path) && answer.test(answerText(row)),
      );
      const { outcome, code } = classifyRow(row);
      return rule?.[2] === `${outcome} ${code}`
        ? []
        : [`${row.id}: expected ${rule?.[2]}, got ${outcome} ${code}`];
    });
    expect(wrong).toEqual([]);
    expect(rows.length).toBeGreaterThan(1000);
  });

  it('none that is not a plain success would end with exit code 0, and each says why and what to do', () => {
    for (const row of rows) {
      const classification = classifyRow(row);
      if (classification.outcome === 'done') continue;
      const failure = toFailure('http://127.0.0.1:8888', classification);
      expect(EXIT_CODES[failure.kind], row.id).toBeGreaterThan(0);
      expect(failure.message, row.id).toMatch(/^http:\/\/127\.0\.0\.1:8888: .{10,}/);
      expect(failure.message, row.id).not.toContain('\n');
      expect(failure.hint, row.id).toMatch(/.{15,}/);
    }
  });
});

describe('the judgement', () => {
  it('has no line that no recording needs', () => {
    const rows = BROKER_VERSIONS.flatMap(httpRows);
    const unused = EXPECTED.filter((rule) => !rows.some((row) => firstRule(row) === rule));
    expect(unused.map((rule) => rule.join('  '))).toEqual([]);
  });
});

const firstRule = (row: HttpRow) =>
  EXPECTED.find(([path, answer]) => path.test(row.request.path) && answer.test(answerText(row)));
