import { useMemo, useSyncExternalStore } from 'react';
import type { ComponentProps, MouseEvent } from 'react';

import { readAddress } from './address.ts';
import type { Route } from './address.ts';

const listeners = new Set<() => void>();

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  globalThis.addEventListener('popstate', listener);
  return () => {
    listeners.delete(listener);
    globalThis.removeEventListener('popstate', listener);
  };
}

function currentAddress(): string {
  return location.pathname + location.search;
}

/** Goes to an address of ours; with `isReplacing` the one before leaves the history. */
export function navigate(address: string, { isReplacing = false } = {}): void {
  if (address === currentAddress()) return;
  if (isReplacing) history.replaceState(null, '', address);
  else history.pushState(null, '', address);
  for (const listener of listeners) listener();
}

/** The page to show; renders again when the address changes. */
export function useRoute(): Route {
  const address = useSyncExternalStore(subscribe, currentAddress);
  return useMemo(() => readAddress(new URL(address, location.origin)), [address]);
}

/** A link inside Regatta: a plain one to the browser, without loading the page again on a plain click. */
export function PageLink({ href, ...props }: ComponentProps<'a'> & { readonly href: string }) {
  const follow = (event: MouseEvent) => {
    const isPlain = !(event.ctrlKey || event.metaKey || event.shiftKey || event.altKey);
    if (!isPlain || event.button !== 0) return;
    event.preventDefault();
    navigate(href);
    scrollTo(0, 0);
  };
  return <a {...props} href={href} onClick={follow} />;
}
