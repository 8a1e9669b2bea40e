/** The page's own style sheet: light, quiet, and legible from a phone up. */
export const STYLE = `
:root { --ink: #1d2433; --soft: #5a6478; --line: #e2e6ee; --paper: #fff; --ground: #f5f6fa; --accent: #3b5bdb; --alarm: #b3261e; }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; }
h1, h2 { font-family: Georgia, "Times New Roman", serif; line-height: 1.2; margin: 0; }
a { color: var(--accent); }
.bar { background: var(--paper); border-bottom: 1px solid var(--line); }
.bar > div { display: flex; align-items: center; justify-content: space-between; gap: 1rem; padding: .75rem 1.25rem; max-width: 68rem; margin: 0 auto; }
.brand { display: flex; align-items: center; gap: .6rem; font-weight: 650; text-decoration: none; color: inherit; }
.brand svg { width: 1.6rem; height: 1.6rem; }
.who { display: flex; align-items: center; gap: .75rem; position: relative; }
.who b { font-weight: 600; }
.button { display: inline-block; border: 1px solid var(--accent); border-radius: .5rem; background: var(--accent); color: #fff; padding: .4rem .95rem; font: inherit; cursor: pointer; text-decoration: none; }
.button.quiet { background: transparent; color: var(--accent); }
.button:focus-visible, summary:focus-visible, input:focus-visible, a:focus-visible { outline: 3px solid #a5b4fc; outline-offset: 2px; }
details.sign-in > summary { list-style: none; }
details.sign-in > summary::-webkit-details-marker { display: none; }
.card { background: var(--paper); border: 1px solid var(--line); border-radius: .9rem; padding: 1.35rem 1.5rem; box-shadow: 0 1px 2px rgb(29 36 51 / 4%); }
.sign-in form { position: absolute; right: 0; top: calc(100% + .6rem); width: min(19rem, 88vw); z-index: 1; display: grid; gap: .6rem; box-shadow: 0 12px 32px rgb(29 36 51 / 16%); }
.sign-in label { font-size: .85rem; color: var(--soft); display: grid; gap: .2rem; }
.sign-in input { font: inherit; padding: .45rem .6rem; border: 1px solid #c3cad9; border-radius: .5rem; width: 100%; }
main { max-width: 68rem; margin: 0 auto; padding: 2rem 1.25rem 3rem; display: grid; gap: 1.25rem; }
.book { display: grid; grid-template-columns: 8.5rem 1fr; gap: 1.75rem; align-items: center; }
.book h1 { font-size: clamp(1.6rem, 4vw, 2.3rem); }
.book p { margin: .7rem 0 0; max-width: 44rem; color: #3a4356; }
.cover { aspect-ratio: 2 / 3; border-radius: .3rem .6rem .6rem .3rem; background: linear-gradient(90deg, rgb(0 0 0 / 22%) 0 5%, transparent 8%), linear-gradient(150deg, #2b3f93, #6a4fb3 60%, #b5598d); color: #fff; padding: 1rem .8rem 1rem 1.1rem; display: flex; flex-direction: column; justify-content: space-between; font: 600 1rem/1.25 Georgia, serif; box-shadow: 0 10px 24px rgb(43 63 147 / 28%); }
.cover small { font: 500 .68rem/1.3 system-ui, sans-serif; letter-spacing: .04em; opacity: .85; }
.columns { display: grid; grid-template-columns: minmax(16rem, 1fr) 2fr; gap: 1.25rem; align-items: start; }
h2 { font-size: 1.25rem; margin-bottom: .9rem; }
.facts { margin: 0; display: grid; grid-template-columns: auto 1fr; gap: .5rem 1.25rem; }
.facts dt { color: var(--soft); }
.facts dd { margin: 0; text-align: right; overflow-wrap: anywhere; }
.reviews { list-style: none; margin: 0; padding: 0; display: grid; gap: 1rem; }
.reviews li { border-left: 3px solid var(--line); padding-left: 1rem; }
.reviews blockquote { margin: 0 0 .35rem; }
.reviews cite { color: var(--soft); font-style: normal; font-size: .9rem; }
.stars { display: inline-flex; gap: .1rem; vertical-align: middle; margin-right: .5rem; }
.stars svg { width: 1.15rem; height: 1.15rem; fill: currentColor; }
.stars .empty { opacity: .18; }
.text-black-500 { color: #111; }
.text-red-500 { color: #e0312b; }
.served { margin: 1.2rem 0 0; padding-top: .9rem; border-top: 1px solid var(--line); color: var(--soft); font-size: .9rem; }
.served code { color: var(--ink); font-size: .95em; overflow-wrap: anywhere; }
.trouble { border-left: 3px solid var(--alarm); padding: .1rem 0 .1rem 1rem; }
.trouble h2 { color: var(--alarm); margin-bottom: .3rem; }
.trouble p, .unrated { margin: 0; color: #3a4356; }
.unrated { font-style: italic; font-size: .92rem; color: var(--alarm); }
@media (max-width: 46rem) { .columns { grid-template-columns: 1fr; } .book { grid-template-columns: 5.5rem 1fr; gap: 1.1rem; align-items: start; } .cover { font-size: .72rem; padding: .6rem .5rem .6rem .75rem; } .cover small { font-size: .55rem; } main { padding-top: 1.25rem; } }
`;
