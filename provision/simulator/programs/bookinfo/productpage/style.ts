/** The look of the shop's pages; inline, so that a page is one request. */
export const STYLE = `
:root{color-scheme:light;--ink:#1f2430;--soft:#5d6575;--line:#e6e1d8;--paper:#fffdf9;--accent:#7a3b2e}
*{box-sizing:border-box}
body{margin:0;background:#f6f2ea;color:var(--ink);font:16px/1.6 system-ui,-apple-system,"Segoe UI",sans-serif}
a{color:var(--accent)}
h1,h2,.brand{font-family:Georgia,"Times New Roman",serif;line-height:1.2;font-weight:600}
.bar{background:var(--paper);border-bottom:1px solid var(--line)}
.bar>div,main{max-width:64rem;margin:0 auto;padding:0 1.25rem}
.bar>div{display:flex;flex-wrap:wrap;align-items:center;justify-content:space-between;gap:.5rem 1rem;min-height:4rem}
.brand{display:flex;align-items:center;gap:.6rem;font-size:1.2rem;color:inherit;text-decoration:none}
.brand svg{width:1.6rem;height:1.6rem}
.account{position:relative;display:flex;align-items:center;gap:.9rem}
.avatar{display:grid;place-items:center;width:2rem;height:2rem;border-radius:50%;background:var(--accent);color:#fff;font-weight:600}
.user{display:flex;align-items:center;gap:.5rem;overflow-wrap:anywhere}
.button,summary{display:inline-block;padding:.4rem 1rem;border:1px solid var(--accent);border-radius:.5rem;background:var(--accent);color:#fff;font:inherit;font-weight:500;text-decoration:none;cursor:pointer;list-style:none}
summary::-webkit-details-marker{display:none}
.button:hover,summary:hover{background:#642e23}
.button.quiet{background:none;color:var(--accent)}
.button.quiet:hover{background:#f7ece8}
:focus-visible{outline:3px solid #d79a4b;outline-offset:2px}
.sign-in form{position:absolute;right:0;top:calc(100% + .5rem);z-index:1;width:17rem;max-width:88vw;padding:1.1rem;background:var(--paper);border:1px solid var(--line);border-radius:.75rem;box-shadow:0 12px 32px #1f243026}
.sign-in label{display:block;font-weight:500}
.sign-in input{display:block;width:100%;margin:.3rem 0 .6rem;padding:.5rem .65rem;border:1px solid #b9b2a5;border-radius:.5rem;background:#fff;font:inherit}
.sign-in p{margin:0 0 .8rem;color:var(--soft);font-size:.875rem}
main{padding-top:2rem;padding-bottom:3rem}
.book{display:grid;grid-template-columns:10rem 1fr;gap:2rem;align-items:center;margin-bottom:2rem}
.cover{display:block;width:100%;border-radius:.4rem;box-shadow:0 10px 24px #1f243033}
.book h1{margin:0 0 .25rem;font-size:clamp(1.8rem,5vw,2.75rem)}
.byline{margin:0 0 .9rem;color:var(--soft)}
.summary{margin:0;max-width:38rem}
.columns{display:grid;grid-template-columns:minmax(0,2fr) minmax(0,3fr);gap:1.5rem;align-items:start}
.card{padding:1.4rem;background:var(--paper);border:1px solid var(--line);border-radius:1rem}
.card h2{margin:0 0 1rem;font-size:1.3rem}
dl{margin:0}
dl div{display:flex;justify-content:space-between;gap:1rem;padding:.45rem 0;border-top:1px solid var(--line)}
dl div:first-child{border-top:0}
dt{color:var(--soft)}
dd{margin:0;text-align:right;overflow-wrap:anywhere}
blockquote{margin:0;padding:1rem 0;border-top:1px solid var(--line)}
blockquote:first-of-type{padding-top:0;border-top:0}
blockquote p{margin:0 0 .4rem}
cite{font-style:normal;font-weight:500}
.stars{display:flex;gap:.15rem;margin-bottom:.3rem}
.stars svg{width:1.25rem;height:1.25rem;fill:currentColor}
.stars .empty{fill:none;stroke:currentColor;stroke-width:1.2;opacity:.4}
.text-black-500{color:#1f2430}
.text-red-500{color:#d92d2d}
.no-stars{color:#9a3412;font-style:italic}
.served{margin:1rem 0 0;padding-top:1rem;border-top:1px solid var(--line);color:var(--soft);font-size:.875rem}
code{padding:.15rem .4rem;border-radius:.3rem;background:#f0e9dc;color:var(--ink);font:.85rem ui-monospace,Menlo,Consolas,monospace;overflow-wrap:anywhere}
.error{padding:1rem 1.1rem;border-left:4px solid #d92d2d;border-radius:.5rem;background:#fdf0ee}
.error h3{margin:0 0 .2rem;color:#a61b1b;font-size:1.05rem}
.error p{margin:0}
@media(max-width:44rem){.columns{grid-template-columns:1fr}.book{grid-template-columns:6rem 1fr;gap:1.1rem;align-items:start}}
@media(max-width:26rem){.book{grid-template-columns:1fr}.cover{width:7rem}}
`.replaceAll('\n', '');
