import { useEffect, useState, useSyncExternalStore } from 'react';

import styles from './messages.module.css';

const SHOWN_MS = 7_000;

interface Message {
  readonly number: number;
  readonly text: string;
}

const listeners = new Set<() => void>();
let latest: Message | undefined;
let spoken = '';

/** Shows a short sentence at the foot of the page for a while, and has screen readers say it. */
export function showMessage(text: string): void {
  latest = { number: (latest?.number ?? 0) + 1, text };
  tell();
}

/** Has screen readers say a sentence whose news the eye sees elsewhere. */
export function announce(text: string): void {
  spoken = text;
  tell();
}

export function Messages() {
  const message = useSyncExternalStore(subscribe, () => latest);
  const words = useSyncExternalStore(subscribe, () => spoken);
  const [dismissed, setDismissed] = useState(0);
  const number = message?.number ?? 0;

  useEffect(() => {
    const timer = setTimeout(() => setDismissed(number), SHOWN_MS);
    return () => clearTimeout(timer);
  }, [number]);

  return (
    <>
      <div role="status" className="visually-hidden" data-testid="announcements">
        {words}
      </div>
      <div role="status" className={styles['place']}>
        {message && number > dismissed && (
          <p key={number} className={styles['message']}>
            {message.text}
          </p>
        )}
      </div>
    </>
  );
}

function subscribe(listener: () => void): () => void {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

function tell(): void {
  for (const listener of listeners) listener();
}
