/** Waits for something to become true; the error shows what was seen last. */
export async function until(
  isTrue: () => Promise<boolean>,
  limitMs: number,
  seen: () => Promise<unknown> = async () => '',
): Promise<void> {
  const endMs = Date.now() + limitMs;
  while (!(await isTrue())) {
    if (Date.now() > endMs) {
      throw new Error(`Waited ${limitMs} ms in vain; seen last: ${JSON.stringify(await seen())}`);
    }
    await new Promise((resolve) => {
      setTimeout(resolve, 50);
    });
  }
}
