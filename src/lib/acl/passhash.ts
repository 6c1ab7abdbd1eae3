import { Failure } from '../failure.js';

/**
 * What the broker accepts: `$2a$` or the old `$2$`, a cost of two digits from 04 to 31, 16 bytes of salt and 23 of hash in bcrypt's
 * base64. It compares texts, so the spare bits of the last salt and hash characters must be zero.
 */
const ACCEPTED = /^\$2a?\$(0[4-9]|[12]\d|3[01])\$[./A-Za-z0-9]{21}[.Oeu][./A-Za-z0-9]{30}[.CGKOSWaeimquy26]$/;

/** Labels of the same algorithm that the broker's library does not know. `$2x$` is not one: it marks broken hashes. */
const SAME_ALGORITHM = /^\$2[by]\$/;

/** Whether the broker can compare a password with this. */
export const isUsablePasshash = (passhash: string): boolean => ACCEPTED.test(passhash);

/** The cost of a hash that the broker accepts, or undefined. */
export function costOf(passhash: string): number | undefined {
  const digits = ACCEPTED.exec(passhash)?.[1];
  return digits === undefined ? undefined : Number(digits);
}

/** What may be shown of a passhash: its label and cost, never salt or hash. */
export function maskPasshash(passhash: unknown): string {
  if (typeof passhash !== 'string') return '***';
  return /^\$2[abxy]?\$\d\d\$/.exec(passhash)?.[0].concat('***') ?? '***';
}

export interface AdoptedPasshash {
  readonly passhash: string;
  /** It came as `$2b$` or `$2y$`. For passwords of up to 254 bytes the three labels name the same computation. */
  readonly relabelled: boolean;
}

/**
 * Takes over a hash that was made elsewhere, relabelled to `$2a$` where only the label keeps the broker from using it.
 *
 * @throws Failure (data) when the broker could not use it
 */
export function adoptPasshash(given: string): AdoptedPasshash {
  const relabelled = SAME_ALGORITHM.test(given);
  const passhash = given.replace(SAME_ALGORITHM, () => '$2a$');
  if (!isUsablePasshash(passhash)) {
    throw new Failure(
      'data',
      'bad_passhash',
      `the passhash is not one that the broker accepts (${shapeOf(given)})`,
      {
        hint: 'It takes bcrypt hashes of 60 characters that begin with $2a$. Or let vmqctl hash a password: --password-from.',
      },
    );
  }
  return { passhash, relabelled };
}

/** Says how a text differs from a passhash, without showing it. */
function shapeOf(text: string): string {
  const label = /^\$[0-9a-z]{1,8}\$/i.exec(text)?.[0];
  return `${label ? `label ${label}` : 'no bcrypt label'}, ${text.length} characters`;
}
