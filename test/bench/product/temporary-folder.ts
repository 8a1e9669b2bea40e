import { rmSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** A new folder that is gone when it is disposed of, or when this process is told to end before. */
export async function temporaryFolder(): Promise<{ readonly folder: string } & AsyncDisposable> {
  const folder = await mkdtemp(path.join(tmpdir(), 'regatta-bench-'));
  // A server that is ending may still write there.
  const options = { recursive: true, force: true, maxRetries: 5 };
  const remove = () => rmSync(folder, options);
  process.on('exit', remove);
  return {
    folder,
    async [Symbol.asyncDispose]() {
      await rm(folder, options);
      process.off('exit', remove);
    },
  };
}
