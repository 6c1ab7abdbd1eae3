import { describe, expect, it } from 'vitest';
import { connectionFailure } from '../../src/lib/acl/redis-errors.js';
import { certificateHint } from '../../src/lib/certificate-hint.js';

describe('a Redis whose certificate is not trusted', () => {
  const hintFor = (code: string) => connectionFailure({ code }, 'rediss://127.0.0.1:6379/0').hint;

  it.each(['DEPTH_ZERO_SELF_SIGNED_CERT', 'UNABLE_TO_VERIFY_LEAF_SIGNATURE'])(
    '%s: needs its authority',
    (code) => {
      expect(hintFor(code)).toContain('--ca-file');
    },
  );

  it.each(['CERT_HAS_EXPIRED', 'CERT_NOT_YET_VALID', 'ERR_TLS_CERT_ALTNAME_INVALID'])(
    '%s: no authority helps',
    (code) => {
      expect(hintFor(code)).toBe(certificateHint(code));
      expect(hintFor(code)).not.toContain('--ca-file');
    },
  );
});
