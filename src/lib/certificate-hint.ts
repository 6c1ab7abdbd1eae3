const HINTS: ReadonlyMap<string, string> = new Map([
  ['CERT_HAS_EXPIRED', 'Renew the certificate there, or that of the authority that signed it.'],
  ['CERT_NOT_YET_VALID', 'Check the clock of both machines; the certificate begins to be valid later.'],
  ['CERT_REVOKED', 'Replace the certificate there; its authority has withdrawn it.'],
  [
    'ERR_TLS_CERT_ALTNAME_INVALID',
    'Use a name or address that is in the certificate, or have it issued anew.',
  ],
  ['HOSTNAME_MISMATCH', 'Use a name or address that is in the certificate, or have it issued anew.'],
]);

/**
 * What helps against a certificate that is not trusted. Another authority helps only where that is what is missing.
 *
 * @param error the code that Node gives
 */
export const certificateHint = (error: string): string =>
  HINTS.get(error) ?? 'Give the authority that signed it with --ca-file.';
