/** The name of one of istiod's objects in a revision: `istio`, or `istio-canary`; `default` is the revision without a name. */
export function revisioned(name: string, revision: string): string {
  return revision === 'default' ? name : `${name}-${revision}`;
}
