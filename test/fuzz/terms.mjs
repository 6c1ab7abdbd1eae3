// Feeds millions of damaged terms to the decoder, by hand: node test/fuzz/terms.mjs [millions] [seed]
//
// Whatever comes in, it may throw nothing but ErlangError with code bad_term, and be slow with nothing.
// What it accepts must be encoded to something that it accepts again as the same term.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { deflateSync } from 'node:zlib';
import { build } from 'esbuild';
import fc from 'fast-check';

const root = fileURLToPath(new URL('../..', import.meta.url));
const inputs = Number(process.argv[2] ?? 5) * 1_000_000;
const seed = Number(process.argv[3] ?? Date.now() % 2 ** 31);
/** No input has more than some thousand bytes, so this is far more than any may take. */
const SLOW_MS = 50;

const {
  decodeTerm,
  decodeTermAt,
  encodeTerm,
  equals,
  formatTerm,
  chardataToString,
  ErlangError,
  terms,
  messagesOf,
} = await library();
const random = generator(seed);
const counts = { accepted: 0, refused: 0, chardata: 0 };
const refusals = new Map();
let slowest = 0;

const seeds = [...goldenTerms(), ...generatedTerms()];
process.stdout.write(`${inputs} inputs out of ${seeds.length} terms, seed ${seed}\n`);
const start = performance.now();
for (let input = 0; input < inputs; input += 1) {
  const origin = seeds[below(seeds.length)];
  check(variant(origin), origin.atoms);
}
report((performance.now() - start) / 1000);

/** Bundles what is under test, and the generators of the tests, into something that Node can import. */
async function library() {
  const folder = mkdtempSync(join(tmpdir(), 'vmqctl-fuzz-'));
  const outfile = join(folder, 'terms.mjs');
  const [source, test] = ['src/lib/admin/erlang', 'test/lib/admin/erlang/term'];
  const contents = [
    ...['error', 'term/decode', 'term/encode', 'term/equals', 'term/format', 'term/chardata'].map(
      (name) => `export * from './${source}/${name}.ts';`,
    ),
    ...['arbitrary', 'golden-terms'].map((name) => `export * from './${test}/${name}.ts';`),
  ].join('\n');
  try {
    await build({
      stdin: { contents, resolveDir: root, loader: 'ts' },
      bundle: true,
      platform: 'node',
      format: 'esm',
      outfile,
      logLevel: 'error',
    });
    return await import(pathToFileURL(outfile).href);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Terms that nodes sent each other, once as they were, with an atom table, and once without. */
function goldenTerms() {
  return ['2.1.2', '2.2.0'].flatMap((version) => {
    const file = join(root, `test/golden/dist-${version}.json`);
    const messages = messagesOf(JSON.parse(readFileSync(file, 'utf8')));
    return messages.flatMap(({ bytes, atoms, terms: decoded }) => [
      { bytes, atoms },
      ...decoded.map((term) => ({ bytes: encodeTerm(term), atoms: undefined })),
    ]);
  });
}

function generatedTerms() {
  const generated = fc.sample(terms({ mapPairs: 6, funs: true }), { numRuns: 3000, seed });
  return generated.map((term) => ({ bytes: encodeTerm(term), atoms: undefined }));
}

/** Damaged; some of them also within something compressed, or by damage to that. */
function variant({ bytes, atoms }) {
  if (atoms !== undefined) return mutated(bytes);
  const kind = below(32);
  if (kind === 0) return compressed(mutated(bytes));
  return mutated(kind === 1 ? compressed(bytes) : bytes);
}

function compressed(bytes) {
  const header = Buffer.from([131, 80, 0, 0, 0, 0]);
  header.writeUInt32BE(Math.max(0, bytes.length - 1), 2);
  return Buffer.concat([header, deflateSync(bytes.subarray(1))]);
}

/** One to four changes, of a kind that a parser may stumble over. */
function mutated(original) {
  let bytes = Buffer.from(original);
  for (let changes = 1 + below(4); changes > 0 && bytes.length > 1; changes -= 1) bytes = change(bytes);
  return bytes;
}

function change(bytes) {
  const at = below(bytes.length);
  switch (below(8)) {
    case 0:
      bytes[at] = below(256);
      return bytes;
    case 1:
      bytes[at] ^= 1 << below(8);
      return bytes;
    case 2:
      bytes[at] = [0, 1, 127, 128, 255][below(5)];
      return bytes;
    case 3:
      // Most likely a tag.
      bytes[at] = [70, 77, 80, 82, 88, 89, 90, 131][below(8)];
      return bytes;
    case 4:
      bytes[at] = 97 + below(25);
      return bytes;
    case 5:
      return bytes.subarray(0, at);
    case 6:
      return Buffer.concat([bytes.subarray(0, at), bytes.subarray(at + 1 + below(8))]);
    default: {
      // A part of it comes once more, somewhere.
      const from = below(bytes.length);
      const part = bytes.subarray(from, from + below(40));
      return Buffer.concat([bytes.subarray(0, at), part, bytes.subarray(at)]);
    }
  }
}

function check(bytes, atoms) {
  let took = timeOf(() => count(outcome(bytes, atoms)));
  // It may have been the machine that was slow: the input is, if it is so again.
  if (took > SLOW_MS)
    took = Math.min(
      took,
      timeOf(() => outcome(bytes, atoms)),
    );
  if (took > SLOW_MS) fail(bytes, new Error(`took ${took} ms, twice`));
  slowest = Math.max(slowest, took);
}

function timeOf(action) {
  const start = performance.now();
  action();
  return performance.now() - start;
}

/** @returns undefined where the bytes are accepted, and otherwise what is wrong with them */
function outcome(bytes, atoms) {
  try {
    checkUsable(atoms === undefined ? decodeTerm(bytes) : decodeTermAt(bytes, 0, { atoms }).term);
    return undefined;
  } catch (error) {
    if (!(error instanceof ErlangError) || error.code !== 'bad_term') fail(bytes, error);
    return error.message.replaceAll(/-?\d+/g, 'N').slice(0, 50);
  }
}

function count(refusal) {
  if (refusal === undefined) counts.accepted += 1;
  else {
    counts.refused += 1;
    refusals.set(refusal, (refusals.get(refusal) ?? 0) + 1);
  }
}

function checkUsable(term) {
  if (!equals(decodeTerm(encodeTerm(term)), term))
    throw new Error('another term when it is encoded and decoded');
  if (formatTerm(term, { maxLength: 80 }).length > 83) throw new Error('too long a text');
  try {
    chardataToString(term);
    counts.chardata += 1;
  } catch (error) {
    if (!(error instanceof ErlangError)) throw error;
  }
}

function fail(bytes, error) {
  process.stderr.write(`FAILED with seed ${seed}: ${bytes.toString('hex')}\n`);
  throw error;
}

function report(seconds) {
  const rate = Math.round(inputs / seconds);
  process.stdout.write(
    `${inputs} inputs in ${seconds.toFixed(1)} s, ${rate} a second; ${JSON.stringify(counts)}\n`,
  );
  process.stdout.write(`slowest ${slowest.toFixed(1)} ms; refused because of:\n`);
  for (const [kind, count] of [...refusals].sort(([, some], [, others]) => others - some).slice(0, 40))
    process.stdout.write(`${String(count).padStart(9)}  ${kind}\n`);
}

function below(limit) {
  return Math.floor(random() * limit);
}

/** mulberry32: the same numbers for the same seed. */
function generator(start) {
  let state = start >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let value = Math.imul(state ^ (state >>> 15), state | 1);
    value ^= value + Math.imul(value ^ (value >>> 7), value | 61);
    return ((value ^ (value >>> 14)) >>> 0) / 2 ** 32;
  };
}
