/** Calls back when the page may have been out of touch: the network is there again, or somebody looks at the tab again. */
export function onPageReturn(listener: () => void): Disposable {
  const stop = new AbortController();
  const { signal } = stop;
  addEventListener('online', listener, { signal });
  addEventListener('pageshow', listener, { signal });
  document.addEventListener(
    'visibilitychange',
    () => {
      if (document.visibilityState === 'visible') listener();
    },
    { signal },
  );
  return { [Symbol.dispose]: () => stop.abort() };
}
