/** What `latest_release` is. */
export const LATEST_VERSION = '1.75.2';

/** The version that an image's tag names: `fortio/fortio:1.60.3`. */
export function versionOf(image: string): string {
  return /:v?(\d+\.\d+\.\d+)$/.exec(image)?.[1] ?? LATEST_VERSION;
}
