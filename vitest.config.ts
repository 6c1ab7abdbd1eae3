import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/**/*.test.ts'],
    testTimeout: 20_000,
    hookTimeout: 60_000,
    // Many tests wait for other processes: three files at a time, also where there are no more than two processors.
    maxWorkers: 3,
  },
});
