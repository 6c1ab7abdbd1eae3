import { describe, expect, it } from 'vitest';
import { applyView } from '../../../../src/lib/cli/views/acl-apply.js';
import { planNotes } from '../../../../src/lib/cli/views/acl-plan.js';

const PATH = "/tmp/Ann's plans/users.plan";
const QUOTED = `vmqctl acl apply '/tmp/Ann'\\''s plans/users.plan'`;

describe('a command that is told', () => {
  it('has a path with blanks in it as a shell takes it', () => {
    const redis = 'redis://127.0.0.1:6379/0';
    const planned = planNotes({ redis, changes: [], unchanged: 0, pruned: null, file: PATH });
    expect(planned.join()).toContain(QUOTED);
    const written = { added: 1, changed: 0, removed: 0 };
    const none = { already: 0, moved: [], dryRun: false, unchanged: null, sessions: null, proof: null };
    const { below = [] } = applyView({ redis, written, undo: PATH, ...none });
    expect(below.map(({ text }) => text).join()).toContain(QUOTED);
  });
});
