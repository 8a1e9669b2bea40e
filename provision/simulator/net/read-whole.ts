import type { Readable } from 'node:stream';

/**
 * Everything that comes out of a stream, in one piece; undefined, with the rest unread, when that is more than `limitBytes`.
 * Rejects when the stream breaks off.
 */
export function readWhole(stream: Readable, limitBytes: number): Promise<Buffer | undefined> {
  // Not by iteration, which destroys streams whose other half is still needed.
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let size = 0;
    stream.on('data', (chunk: Buffer) => {
      chunks.push(chunk);
      size += chunk.length;
      if (size <= limitBytes) return;
      stream.pause();
      resolve(undefined);
    });
    stream.once('end', () => resolve(Buffer.concat(chunks)));
    stream.once('error', reject);
    stream.once('close', () => reject(new Error('The stream has broken off')));
  });
}
