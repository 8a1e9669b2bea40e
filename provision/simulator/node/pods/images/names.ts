import { fullImageName } from './images.ts';

/** A repository's path and what may follow it (distribution, "reference"). */
const REFERENCE =
  /^(?:[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?(?::[0-9]+)?\/)?[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*(?:\/[a-z0-9]+(?:(?:\.|_{1,2}|-+)[a-z0-9]+)*)*(?::[\w][\w.-]{0,127})?(?:@[A-Za-z][A-Za-z0-9]*:[0-9a-fA-F]{32,})?$/;

/** Why text is no name of an image; undefined when it is one. */
export function imageNameProblem(image: string): string | undefined {
  if (REFERENCE.test(image)) return undefined;
  const isOnlyCase = REFERENCE.test(image.toLowerCase());
  if (!isOnlyCase) return 'invalid reference format';
  const name = image.replace(/[:@].*$/, '');
  return `invalid reference format: repository name (${name.includes('/') ? name : `library/${name}`}) must be lowercase`;
}

/** Tags that say of themselves that nobody has published them, as lessons about mistakes use them. */
const MADE_UP =
  /(?:(?:does|do)-?not-?exist|non-?exist|no-?such|not-?found|not-?real|invalid|broken|^bad$|wrong|typo|fake|missing|^error$|^v?9{2,}(?:\.|$))/i;
/** No image has had so many releases of one version: `nginx:1.161` is the documentation's own example of a slip. */
const MINOR_LIMIT = 100;

/** Images whose few tags the documentation counts on: `kubernetes-bootcamp:v10` is a step of its own. */
const TAGS: readonly (readonly [RegExp, RegExp])[] = [
  [/\/kubernetes-bootcamp$/, /^v[12]$|^latest$/],
  [/\/hello-app$/, /^[12]\.0$/],
];

/**
 * Whether a registry has the tag of an image that there is a program for. There is no registry: all tags are had but
 * those that are plainly a mistake.
 */
export function isPublished(image: string): boolean {
  const name = fullImageName(image);
  const tag = name.slice(name.lastIndexOf(':') + 1);
  if (TAGS.some(([repository, tags]) => repository.test(repositoryOf(name)) && !tags.test(tag))) {
    return false;
  }
  if (name.includes('@') || !/\/(?:nginx|busybox|alpine|ubuntu|debian)$/.test(repositoryOf(name))) {
    return !MADE_UP.test(tag);
  }
  const [, minor = '0'] = /^[0-9]+\.([0-9]+)/.exec(tag) ?? [];
  return !MADE_UP.test(tag) && Number(minor) < MINOR_LIMIT;
}

function repositoryOf(name: string): string {
  return name.slice(0, name.lastIndexOf(':'));
}

/** What containerd says of a tag that the registry does not have. */
export function unpublishedMessage(image: string): string {
  const name = fullImageName(image);
  return `rpc error: code = NotFound desc = failed to pull and unpack image "${name}": failed to resolve reference "${name}": ${name}: not found`;
}
