/** Joins the class names that are there; CSS modules give `undefined` for a name they do not define. */
export function cx(...names: readonly (string | false | undefined)[]): string {
  return names.filter(Boolean).join(' ');
}
