/** The image that an installation means: a bare name stands for Istio's own of its registry and version. */
export function imageOf(
  { hub, tag }: { readonly hub: string; readonly tag: string },
  image: string,
): string {
  return image.includes('/') ? image : `${hub}/${image}:${tag}`;
}

/** Whether an image is the one of that name in any registry and version: `registry.istio.io/release/pilot:1.30.3`. */
export function isImage(image: string, name: string): boolean {
  const path = image.replace(/@.*$/, '').replace(/:[^/]*$/, '');
  return path === name || path.endsWith(`/${name}`);
}
