// Makes this file a module, so that it adds to React and does not replace it.
export {};

declare module 'react' {
  // Custom properties carry sizes from the code to the style sheets.
  interface CSSProperties {
    readonly [property: `--${string}`]: string | number | undefined;
  }
}
