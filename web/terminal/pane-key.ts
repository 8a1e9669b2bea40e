/**
 * Keys that leave a terminal, which otherwise keeps every key, Tab included (WCAG 2.1.2): F6 as in browsers and
 * editors, and Ctrl+Alt+. where F6 belongs to the system.
 */
export function isPaneKey(event: KeyboardEvent): boolean {
  const isF6 = event.key === 'F6' && !event.ctrlKey && !event.altKey && !event.metaKey;
  return isF6 || (event.ctrlKey && event.altKey && event.code === 'Period');
}
