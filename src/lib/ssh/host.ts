import type { Duplex } from 'node:stream';

export interface RunOptions {
  /** Milliseconds; 0 or undefined waits for as long as the connection stands. */
  readonly deadline?: number | undefined;
  /** Aborted: the remote process is told to end, and the run is rejected as interrupted. */
  readonly signal?: AbortSignal | undefined;
  /** Called with what comes, as it comes, instead of it being collected. */
  readonly onOutput?: ((chunk: Buffer, stream: 'out' | 'err') => void) | undefined;
  /** What its standard input holds. */
  readonly input?: string | undefined;
}

export interface Finished {
  /** Empty where `onOutput` took it. */
  readonly stdout: string;
  readonly stderr: string;
  /** 128 and the signal's number where a signal ended it. */
  readonly exitCode: number;
}

export interface StreamOptions {
  /** Milliseconds until the far side has connected. */
  readonly deadline?: number | undefined;
  readonly signal?: AbortSignal | undefined;
}

/** One host over SSH: one connection, made when it is first needed and again after it was lost; many channels. */
export interface SshHost {
  /** `ssh://user@host:port`, for people. */
  readonly address: string;
  /**
   * Runs a command line there by `sh`, which the user's login shell starts: with its environment, by POSIX rules.
   *
   * @throws Failure: unreachable (no connection, it was lost, the deadline passed; code `ssh_lost` or `ssh_deadline` when the
   *   command may have arrived, anything else when it has not), credentials (`ssh_denied`, `ssh_host_key_unknown`,
   *   `ssh_host_key_changed`, …), configuration, interrupted, failed (`ssh_exec_refused`: it runs no commands;
   *   `ssh_output_too_long`: more than 64 MB to keep). What `onOutput` throws ends the command and is thrown.
   */
  run(commandLine: string, options?: RunOptions): Promise<Finished>;
  /**
   * Connects to a port as seen from that host (direct-tcpip, RFC 4254 section 7.2). A stream whose connection is lost
   * breaks with a Failure (`ssh_lost`); it is never taken for ended.
   *
   * @throws Failure as `run` does; `ssh_forwarding_refused` where the server forbids it, `ssh_forward_failed` where it
   *   cannot connect
   */
  openStream(host: string, port: number, options?: StreamOptions): Promise<Duplex>;
  close(): void;
}
