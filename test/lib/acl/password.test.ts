import { verify } from '@node-rs/bcrypt';
import { describe, expect, it } from 'vitest';
import { adoptPasshash, costOf, isUsablePasshash, maskPasshash } from '../../../src/lib/acl/passhash.js';
import { hashPassword, verifyPassword } from '../../../src/lib/acl/password.js';

const GOOD = '$2a$04$5xGvLdO5gqQJ6PAzaogvsuLbe/WS6wFJiXy4TSwRpQ46UFCMO8VmC'; // of p1

describe('hashing', () => {
  it('writes $2a$ with the cost that was asked for', async () => {
    const passhash = await hashPassword('pä$$wörd', 4);
    expect(passhash).toMatch(/^\$2a\$04\$/);
    expect(isUsablePasshash(passhash)).toBe(true);
    expect(await verify('pä$$wörd', passhash)).toBe(true);
  });

  it('takes 72 bytes and no more, and counts bytes, not characters', async () => {
    await expect(hashPassword('漢'.repeat(24), 4)).resolves.toMatch(/^\$2a\$/);
    await expect(hashPassword('漢'.repeat(25), 4)).rejects.toMatchObject({
      kind: 'data',
      code: 'long_password',
    });
    await expect(hashPassword('x'.repeat(73), 4)).rejects.toMatchObject({
      message: expect.stringContaining('73 bytes'),
    });
  });

  it.each([
    ['', 'empty_password'],
    ['a\0b', 'nul_in_password'],
  ])('refuses %j', async (password, code) => {
    await expect(hashPassword(password, 4)).rejects.toMatchObject({ kind: 'data', code });
  });

  it.each([3, 32, 4.5, Number.NaN])('refuses a cost of %d', async (cost) => {
    await expect(hashPassword('p', cost)).rejects.toMatchObject({ kind: 'usage', code: 'bad_cost' });
  });

  it('never repeats the password', async () => {
    const secret = `S3CRET${'x'.repeat(80)}`;
    await expect(hashPassword(secret)).rejects.toSatisfy(
      (error) => !JSON.stringify([error, String(error)]).includes('S3CRET'),
    );
  });
});

describe('verifying', () => {
  it('accepts the right password only', async () => {
    expect(await verifyPassword('p1', GOOD)).toBe(true);
    expect(await verifyPassword('p2', GOOD)).toBe(false);
  });

  it.each(['$2b$', '$2y$', '$2x$'])('refuses the label %s, whatever the password', async (label) => {
    expect(
      await verifyPassword(
        'p1',
        GOOD.replace('$2a$', () => label),
      ),
    ).toBe(false);
  });
});

/** As the library of the broker made them. */
describe('a hash of the label $2$', () => {
  const salt = '$2$04$8b8q66nnYpqzqZ5XimnLSe';
  const A = 'QEhG0oUjWHq4TN3Yfq/fiBSsqMW.JdO';

  it.each([
    ['pw', 'B8aZSzRuLma0kaJO/bAHbudxvhDGKQu'],
    ['', 'xbnFsE2yGaq3giIt4g5Vjea0XTqv3GS'],
    ['a', A],
    ['aaa', A],
    ['a\0b', A],
    ['x'.repeat(71), '0D.aA6VmJmthUega5lggMNRbeiTpGd2'],
    ['xy'.repeat(36), 'gmhSb7MFPj1Y/n9FgwVvOcdAp8JS6jK'],
    ['abc'.repeat(30), 'j3.YrtmVbJbeNBJOkPqXibQypOtzp2O'],
    ['ab'.repeat(127), 'MHEOPqruPje1HFIzqVXyb680hieA/Fu'],
    ['ab1'.repeat(85), 'GJPS2C8C5vs/MRo837hjoTIylE2Hi/S'],
    ['ab'.repeat(128), A],
    ['abcde'.repeat(60), '522Fna6.82Sw/UnTdPWUVgST1iIFSi2'],
  ])('of %.9j… is compared as the broker does', async (password, digest) => {
    expect(await verifyPassword(password, salt + digest)).toBe(true);
    expect(await verifyPassword(`z${password}`, salt + digest)).toBe(false);
  });

  it('is none of the label $2a$ with another label', async () => {
    expect(
      await verifyPassword(
        'p1',
        GOOD.replace('$2a$', () => '$2$'),
      ),
    ).toBe(false);
  });

  it('is taken as it is', () => {
    expect(adoptPasshash(salt + A)).toEqual({ passhash: salt + A, relabelled: false });
    expect(costOf(salt + A)).toBe(4);
  });
});

describe('a passhash from elsewhere', () => {
  it.each(['$2b$', '$2y$'])('with the label %s is relabelled', async (label) => {
    const { passhash, relabelled } = adoptPasshash(GOOD.replace('$2a$', () => label));
    expect({ passhash, relabelled }).toEqual({ passhash: GOOD, relabelled: true });
    expect(await verifyPassword('p1', passhash)).toBe(true);
  });

  it('that is right stays as it is', () => {
    expect(adoptPasshash(GOOD)).toEqual({ passhash: GOOD, relabelled: false });
  });

  it.each([
    ['$2x$', GOOD.replace('$2a$', () => '$2x$')],
    ['a cost of 03', GOOD.replace('$04$', () => '$03$')],
    ['a character more', `${GOOD}x`],
    ['a character less', GOOD.slice(0, -1)],
    ['spare bits in its salt', GOOD.replace('gvsu', 'gvsv')],
    ['spare bits at its end', `${GOOD.slice(0, -1)}D`],
    ['another algorithm', '$6$abc$def'],
    ['a password instead', 'S3CRET'],
  ])('with %s is refused, and not shown', (_, given) => {
    expect(() => adoptPasshash(given)).toThrow(
      expect.objectContaining({ kind: 'data', code: 'bad_passhash' }),
    );
    expect(() => adoptPasshash(given)).toThrow(
      expect.not.objectContaining({ message: expect.stringContaining(given.slice(-20)) }),
    );
  });
});

describe('what is shown of a passhash', () => {
  it.each([
    [GOOD, '$2a$04$***'],
    [GOOD.replace('$2a$', () => '$2b$'), '$2b$04$***'],
    ['plain', '***'],
    [5, '***'],
    [{ a: 1 }, '***'],
  ])('of %j is %s', (passhash, shown) => {
    expect(maskPasshash(passhash)).toBe(shown);
  });

  it('may be its cost', () => {
    expect(costOf(GOOD)).toBe(4);
    expect(costOf('$2b$04$x')).toBeUndefined();
  });
});

describe('a password of 255 bytes and more', () => {
  const varied = Array.from({ length: 700 }, (_, index) => String.fromCharCode(33 + ((index * 7) % 90))).join(
    '',
  );
  const salt = '$2a$04$5xGvLdO5gqQJ6PAzaogvsu';

  it.each([
    [254, 'uQf2T/sYGm3wr1Sj4af0Zdhk5keWm2q'],
    [255, 'eV0pVXYSvVQb9hBsXfg1Prq9rHlbu0G'],
    [256, 'eV0pVXYSvVQb9hBsXfg1Prq9rHlbu0G'],
    [300, 'rR1ubjVyrcaoCRE0x73ic9Ol.tQ5DZK'],
    [327, 'uQf2T/sYGm3wr1Sj4af0Zdhk5keWm2q'],
    [511, 'eV0pVXYSvVQb9hBsXfg1Prq9rHlbu0G'],
  ])("of %i is compared as the broker's library hashes it", async (length, hash) => {
    expect(await verifyPassword(varied.slice(0, length), salt + hash)).toBe(true);
    expect(await verifyPassword(`x${varied.slice(1, length)}`, salt + hash)).toBe(false);
  });

  it('is compared as the bytes that it is', async () => {
    const bytes = Buffer.from([0xe4, 0xe4, 0]);
    const passhash = await hashPassword('\u00e4\u00e4', 4);
    expect(await verifyPassword(bytes, passhash)).toBe(false);
    expect(await verifyPassword(Buffer.from('\u00e4\u00e4\0x'), passhash)).toBe(true);
  });
});
