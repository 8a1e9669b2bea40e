import type { ITheme } from '@xterm/xterm';

/** Colours for a dark page; the sixteen are spread evenly so that kubectl, vim and ls stay readable. */
export const DARK: ITheme = {
  background: '#0a111b',
  foreground: '#d9e4f0',
  cursor: '#4fd0c8',
  cursorAccent: '#0a111b',
  selectionBackground: '#1d5a60',
  selectionInactiveBackground: '#1c3a48',
  scrollbarSliderBackground: '#33465d99',
  scrollbarSliderHoverBackground: '#46607ecc',
  scrollbarSliderActiveBackground: '#4fd0c8cc',
  black: '#1c2a3b',
  red: '#ff7a85',
  green: '#5cd39b',
  yellow: '#efc168',
  blue: '#7ab0ff',
  magenta: '#d69af0',
  cyan: '#4fd0c8',
  white: '#c4d1e0',
  brightBlack: '#7f93aa',
  brightRed: '#ffa1a9',
  brightGreen: '#8be6bb',
  brightYellow: '#f8d891',
  brightBlue: '#a8ccff',
  brightMagenta: '#e6bdf8',
  brightCyan: '#8ae6e0',
  brightWhite: '#f3f7fb',
};

/** Colours for a light page. */
export const LIGHT: ITheme = {
  background: '#fbfcfd',
  foreground: '#16283e',
  cursor: '#0a6a74',
  cursorAccent: '#fbfcfd',
  selectionBackground: '#bfe6e4',
  selectionInactiveBackground: '#d9e6ea',
  scrollbarSliderBackground: '#9fb0c199',
  scrollbarSliderHoverBackground: '#7f8fa0cc',
  scrollbarSliderActiveBackground: '#0a6a74cc',
  black: '#16283e',
  red: '#b02436',
  green: '#14734a',
  yellow: '#84540a',
  blue: '#1f58b0',
  magenta: '#8c2f9c',
  cyan: '#0a6a74',
  white: '#586b80',
  brightBlack: '#586b80',
  brightRed: '#c22f42',
  brightGreen: '#0e7d4e',
  brightYellow: '#8f5e10',
  brightBlue: '#2b66c4',
  brightMagenta: '#9d3bae',
  brightCyan: '#0b7681',
  brightWhite: '#41546a',
};

export const TERMINAL_FONT =
  "'JetBrains Mono Variable', ui-monospace, 'Noto Sans Mono CJK SC', 'PingFang SC', 'Microsoft YaHei', monospace";

/** Cells are measured once, when the terminal opens: the font must be there before (and is not waited for for ever). */
export async function loadTerminalFont(sizePx: number): Promise<void> {
  const loads = ['400', '700'].map((weight) =>
    document.fonts.load(`${weight} ${sizePx}px 'JetBrains Mono Variable'`, 'W│é'),
  );
  const limit = new Promise((resolve) => setTimeout(resolve, 1_500));
  await Promise.race([Promise.allSettled(loads), limit]);
}
