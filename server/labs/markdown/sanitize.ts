import { randomUUID } from 'node:crypto';

import createDOMPurify from 'dompurify';
import { JSDOM } from 'jsdom';

/** Classes that lessons may use; the page's own parts have others that must not be imitated. */
const ALLOWED_CLASSES = new Set(
  (
    'command inline run copy open note tip warning ' +
    'tok-comment tok-string tok-number tok-keyword tok-property tok-function tok-operator'
  ).split(' '),
);

const ALLOWED_TAGS = (
  'h1 h2 h3 h4 h5 h6 p br hr blockquote ul ol li dl dt dd a strong em b i del sub sup kbd code pre span div ' +
  'figure figcaption table thead tbody tr th td img details summary button'
).split(' ');

/**
 * Makes rendered Markdown safe to show. Buttons come only from macros: those carry `sealed()` values, all others are
 * taken out; so are scripts, styles, frames, handlers and addresses that are neither http(s) nor inside the page.
 */
export class Sanitizer {
  // Unknown to lesson authors, so that their HTML cannot make a button that runs something.
  readonly #seal = randomUUID();
  readonly #window = new JSDOM('').window;
  readonly #purify = createDOMPurify(this.#window);

  constructor() {
    this.#purify.addHook('uponSanitizeElement', (node, { tagName }) => {
      if (tagName !== 'button' || !(node instanceof this.#window.Element)) return;
      const action = node.getAttribute('data-action') ?? '';
      if (!action.startsWith(this.#seal)) node.remove();
    });
    this.#purify.addHook('afterSanitizeAttributes', (node) => {
      const classes = [...node.classList].filter((name) => ALLOWED_CLASSES.has(name));
      if (classes.length > 0) node.setAttribute('class', classes.join(' '));
      else node.removeAttribute('class');
      const action = node.getAttribute('data-action');
      if (action !== null) node.setAttribute('data-action', action.slice(this.#seal.length));
      if (node.tagName === 'A') {
        node.setAttribute('target', '_blank');
        node.setAttribute('rel', 'noopener noreferrer');
      }
    });
  }

  /** The value of `data-action` for an action of the renderer's own. */
  sealed(action: number): string {
    return `${this.#seal}${action}`;
  }

  clean(html: string): string {
    return this.#purify.sanitize(html, {
      ALLOWED_TAGS,
      ALLOWED_ATTR: [
        'href',
        'src',
        'alt',
        'title',
        'class',
        'open',
        'type',
        'data-action',
        'lang',
        'align',
        'start',
      ],
      ALLOW_DATA_ATTR: false,
      ALLOW_ARIA_ATTR: false,
      ALLOWED_URI_REGEXP: /^(?:https?:|mailto:|#|\/|\.{0,2}\/|[^:]*$)/i,
      SANITIZE_NAMED_PROPS: true,
    });
  }
}
