import { useEffect } from 'react';

/** Names the browser's tab; `undefined` while the name is not known. */
export function useTitle(title: string | undefined): void {
  useEffect(() => {
    document.title = title === undefined ? 'Regatta' : `${title} · Regatta`;
  }, [title]);
}
