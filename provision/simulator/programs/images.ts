/** The repository of an image without its registry and tag: `docker.io/library/nginx:1.27` gives `nginx`. */
export function repositoryOf(image: string): string {
  const withoutDigest = image.replace(/@.*$/, '');
  const colon = withoutDigest.lastIndexOf(':');
  const name =
    colon > withoutDigest.lastIndexOf('/') ? withoutDigest.slice(0, colon) : withoutDigest;
  const [first = '', ...rest] = name.split('/');
  const hasRegistry = rest.length > 0 && /[.:]|^localhost$/.test(first);
  return (hasRegistry ? rest.join('/') : name).replace(/^library\//, '');
}
