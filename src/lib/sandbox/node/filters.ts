interface Level {
  readonly children: Map<string, Level>;
  /** Client → QoS of the filter that ends here. */
  readonly subscribers: Map<string, number>;
}

const level = (): Level => ({ children: new Map(), subscribers: new Map() });

/** Which clients a topic reaches: a tree of filter levels. */
export class FilterTree {
  private readonly root = level();

  add(filter: string, clientId: string, qos: number): void {
    let at = this.root;
    for (const name of filter.split('/')) {
      const next = at.children.get(name) ?? level();
      at.children.set(name, next);
      at = next;
    }
    at.subscribers.set(clientId, qos);
  }

  remove(filter: string, clientId: string): void {
    removeFrom(this.root, filter.split('/'), clientId);
  }

  /** @returns client → the highest QoS among its matching filters */
  match(topic: string): Map<string, number> {
    const found = new Map<string, number>();
    const levels = topic.split('/');
    collect(this.root, levels, 0, found, topic.startsWith('$'));
    return found;
  }
}

function removeFrom(at: Level, levels: readonly string[], clientId: string): void {
  const [name, ...rest] = levels;
  if (name === undefined) {
    at.subscribers.delete(clientId);
    return;
  }
  const next = at.children.get(name);
  if (!next) return;
  removeFrom(next, rest, clientId);
  if (next.children.size === 0 && next.subscribers.size === 0) at.children.delete(name);
}

/** A wildcard on the first level does not match topics that begin with `$`. */
function collect(
  at: Level,
  levels: readonly string[],
  depth: number,
  found: Map<string, number>,
  special: boolean,
): void {
  const wildcards = !(special && depth === 0);
  if (wildcards) merge(found, at.children.get('#'));
  if (depth === levels.length) {
    merge(found, at);
    return;
  }
  const exact = at.children.get(levels[depth] ?? '');
  if (exact) collect(exact, levels, depth + 1, found, special);
  const any = wildcards ? at.children.get('+') : undefined;
  if (any) collect(any, levels, depth + 1, found, special);
}

function merge(found: Map<string, number>, from: Level | undefined): void {
  if (!from) return;
  for (const [clientId, qos] of from.subscribers)
    found.set(clientId, Math.max(qos, found.get(clientId) ?? 0));
}
