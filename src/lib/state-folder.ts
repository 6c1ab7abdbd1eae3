/** Where vmqctl keeps what it is doing: `$VMQCTL_STATE_DIR`, else the folder that the operating system has for it. */
export async function stateFolder(environment: NodeJS.ProcessEnv): Promise<string> {
  if (environment.VMQCTL_STATE_DIR) return environment.VMQCTL_STATE_DIR;
  const { default: folders } = await import('env-paths');
  return folders('vmqctl', { suffix: '' }).log; // on Linux: $XDG_STATE_HOME/vmqctl
}
