/** The sign of Regatta: two sails over a wave. Decoration; the name stands beside it. */
export function Mark({ size = 26 }: { readonly size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 32 32" aria-hidden="true" focusable="false">
      <path d="M17.5 3.5v18h9.2c-.3-7.3-3.5-13.8-9.2-18Z" fill="var(--text)" />
      <path d="M14.4 8.7v12.8H6.2c1.2-5.2 4.1-9.8 8.2-12.8Z" fill="var(--accent)" />
      <path
        d="M4.5 26c2.4 1.8 4.9 1.8 7.7 0s5.2-1.8 8 0 5.1 1.8 7.4 0"
        fill="none"
        stroke="var(--accent)"
        strokeWidth="2.2"
        strokeLinecap="round"
      />
    </svg>
  );
}
