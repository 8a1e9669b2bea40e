/**
 * Whether an object of namespace `own` may be used in another: `*` everywhere, `.` in its own, `~` nowhere, or by name; an empty list
 * means everywhere.
 */
export function isExported(exportTo: readonly string[], own: string, namespace: string): boolean {
  if (exportTo.length === 0 || exportTo.includes('*')) return true;
  return exportTo.includes(namespace) || (own === namespace && exportTo.includes('.'));
}
