import type { Terminal } from '@xterm/xterm';

/**
 * Draws a terminal with the graphics card while it is in front: browsers give a page some sixteen contexts, and take them
 * back when they please. Without one, xterm.js draws with elements, as it does where a card would be imitated in software.
 */
export class Graphics implements Disposable {
  readonly #terminal: Terminal;
  #addon: Disposable | undefined;
  #isWanted = false;
  /** A context was taken back: another would be as well. */
  #isLost = false;

  constructor(terminal: Terminal) {
    this.#terminal = terminal;
  }

  /** The terminal has come to the front, or gone behind. */
  setVisible(isVisible: boolean): void {
    this.#isWanted = isVisible;
    if (isVisible) void this.#start();
    else this.#stop();
  }

  [Symbol.dispose](): void {
    this.#isWanted = false;
    this.#stop();
  }

  async #start(): Promise<void> {
    if (this.#addon || this.#isLost || !hasCard()) return;
    const { WebglAddon } = await import('@xterm/addon-webgl');
    if (this.#addon || !this.#isWanted) return;
    const addon = new WebglAddon();
    addon.onContextLoss(() => {
      this.#isLost = true;
      this.#stop();
      this.#terminal.refresh(0, this.#terminal.rows - 1);
    });
    this.#addon = { [Symbol.dispose]: () => addon.dispose() };
    try {
      this.#terminal.loadAddon(addon);
    } catch {
      this.#isLost = true;
      this.#stop();
    }
  }

  #stop(): void {
    this.#addon?.[Symbol.dispose]();
    this.#addon = undefined;
  }
}

let isCardThere: boolean | undefined;

/** Whether this browser draws with a real card; asked once. */
function hasCard(): boolean {
  isCardThere ??= askForCard();
  return isCardThere;
}

/** Names of programs that imitate a card; browsers do not always count them as a caveat. */
const IMITATIONS = /swiftshader|llvmpipe|softpipe|software|basic render/i;

function askForCard(): boolean {
  const context = document
    .createElement('canvas')
    .getContext('webgl2', { failIfMajorPerformanceCaveat: true });
  if (!context) return false;
  const names = context.getExtension('WEBGL_debug_renderer_info');
  const name: unknown = context.getParameter(
    names ? names.UNMASKED_RENDERER_WEBGL : context.RENDERER,
  );
  context.getExtension('WEBGL_lose_context')?.loseContext();
  return !IMITATIONS.test(String(name));
}
