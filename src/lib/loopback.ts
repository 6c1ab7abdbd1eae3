/** Whether a listener at this address takes connections at all addresses of its machine: nobody can dial it. */
export const isAnyAddress = (address: string): boolean => /^(0\.0\.0\.0|::|\[::\])$/.test(address);

/** Whether a host, as a URL or a listener has it, is this machine whatever the network. */
export const isLoopback = (host: string): boolean =>
  host === 'localhost' || host.endsWith('.localhost') || /^(\[?::1\]?|127(\.\d+){3})$/.test(host);
