import { readFile } from 'node:fs/promises';
import { Failure } from '../../../failure.js';
import { unreadableFile } from '../../../unreadable-file.js';
import { type Expectation, readExpectation } from './expectation.js';

/** Problems that a message names; more of them are counted. */
const NAMED = 5;

/**
 * Reads a file of expectations: NDJSON, or YAML or JSON with a list, by itself or as the member `cases`, or a single one.
 *
 * @throws Failure: configuration when the file cannot be read, data when it holds something else
 */
export async function readExpectations(path: string): Promise<readonly Expectation[]> {
  const rows = await parseRows(await readText(path), path);
  if (rows.length === 0) throw new Failure('data', 'no_expectations', `${path} has no expectations`);
  const problems: string[] = [];
  const expectations = rows.flatMap((row, index) => {
    const read = readExpectation(row, index + 1);
    if ('client' in read) return [read];
    problems.push(...read.map((problem) => `${nameOf(row, index)}: ${problem}`));
    return [];
  });
  if (problems.length > 0) throw badRows(path, problems);
  return expectations;
}

async function readText(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    throw unreadableFile(path, error);
  }
}

async function parseRows(text: string, path: string): Promise<readonly unknown[]> {
  const lines = text.split('\n').filter((line) => line.trim() !== '');
  if (lines.length === 0) return [];
  const isOneEach = lines.every((line) => line.trimStart().startsWith('{') && line.trimEnd().endsWith('}'));
  if (lines.length > 1 && isOneEach) return lines.map((line, index) => parseLine(line, index, path));
  const document = await parseDocument(text, path);
  if (Array.isArray(document)) return document;
  if (isObject(document)) return Array.isArray(document.cases) ? document.cases : [document];
  throw new Failure('data', 'no_expectations', `${path} holds no list of expectations`, {
    hint: 'It is NDJSON, one expectation a line, or a YAML list of them.',
  });
}

function parseLine(line: string, index: number, path: string): unknown {
  try {
    return JSON.parse(line);
  } catch {
    throw new Failure('data', 'bad_expectations', `${path} is no NDJSON: line ${index + 1} is not JSON`);
  }
}

/** JSON is read as such: it is much faster, and recordings are long. */
async function parseDocument(text: string, path: string): Promise<unknown> {
  if (/^\s*[[{]/.test(text)) {
    try {
      return JSON.parse(text);
    } catch {
      // YAML has the same beginnings.
    }
  }
  const { load } = await import('js-yaml');
  try {
    return load(text);
  } catch (error) {
    const { reason, mark } = error as { reason?: string; mark?: { line: number } };
    const where = mark === undefined ? '' : ` in line ${mark.line + 1}`;
    throw new Failure('data', 'bad_expectations', `${path} is no YAML: ${reason ?? 'unreadable'}${where}`);
  }
}

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

const nameOf = (row: unknown, index: number): string =>
  isObject(row) && typeof row.id === 'string' ? row.id : `#${index + 1}`;

function badRows(path: string, problems: readonly string[]): Failure {
  const more = problems.length > NAMED ? `; and ${problems.length - NAMED} more` : '';
  return new Failure('data', 'bad_expectations', `${path}: ${problems.slice(0, NAMED).join('; ')}${more}`, {
    hint: 'An expectation has connect {clientId, username}, action connect or {type, topic, …}, and expect allow or deny.',
    details: { problems },
  });
}
