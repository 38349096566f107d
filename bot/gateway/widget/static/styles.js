// The looks, as a constructed style sheet, which no page's content security policy forbids.
// A page sets the --hr-… properties; those that begin with --_ are the widget's own.

const LIGHT = `color-scheme: light;
  --_ink: #1b2327; --_quiet: #566169; --_paper: #fff; --_raised: #eff3f1; --_line: #d9dfdd;
  --_edge: #7d888f; --_accent: var(--hr-accent, #17614e); --_on-accent: var(--hr-on-accent, #fff);
  --_head: var(--_accent); --_on-head: var(--_on-accent);
  --_link: #135e9c; --_hr: #f3eefb; --_on-hr: #5b3a97; --_danger: #b0231a; --_notice: #fff5d8;`;
const DARK = `color-scheme: dark;
  --_ink: #e8ecee; --_quiet: #a9b4ba; --_paper: #171c1e; --_raised: #262d30; --_line: #394246;
  --_edge: #859097; --_accent: var(--hr-accent-dark, #6fd0b3); --_on-accent: var(--hr-on-accent-dark, #0a211a);
  --_head: var(--_raised); --_on-head: var(--_ink);
  --_link: #8cc2f7; --_hr: #2e2640; --_on-hr: #cdb8f5; --_danger: #ff9a90; --_notice: #3a3115;`;

export const styleSheet = new CSSStyleSheet();
styleSheet.replaceSync(`
:host { all: initial; display: block; ${LIGHT} color: var(--_ink); direction: inherit;
  font: medium/1.5 var(--hr-font, system-ui, -apple-system, "Segoe UI", Roboto, sans-serif); }
:host([theme="dark"]) { ${DARK} }
@media (prefers-color-scheme: dark) { :host(:not([theme="light"])) { ${DARK} } }
:host([hidden]), [hidden] { display: none !important; }
* { box-sizing: border-box; margin: 0; font: inherit; color: inherit; }
.unseen { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%); white-space: nowrap; }
:focus-visible { outline: 3px solid var(--_link); outline-offset: 2px; }
a { color: var(--_link); }
b, h2, h3, label, button { font-weight: 600; }
h2 { font-size: 1.0625em; }
.hint, .by, .state, h3, .head p, .feedback, .error, .notice { font-size: 0.8125em; }
.hint, .by, .state, h3, .feedback { color: var(--_quiet); }
svg { flex: none; width: 24px; fill: none; stroke: currentColor; stroke-width: 2; stroke-linecap: round; stroke-linejoin: round; }

button { min-height: 44px; padding: 8px 16px; border: 1px solid var(--_edge); border-radius: 22px;
  background: var(--_paper); line-height: 1.3; text-align: start; cursor: pointer; }
button:hover { background: var(--_raised); }
.choice { border-color: var(--_accent); color: var(--_accent); }
.launcher, .primary, .round { border-color: transparent; background: var(--_accent); color: var(--_on-accent); }
:is(.launcher, .primary, .round):hover { background: var(--_accent); filter: brightness(1.12); }
.danger { background: var(--_danger); color: var(--_paper); }
.link { min-height: 24px; padding: 2px 6px; border: 0; background: none; color: var(--_link); text-decoration: underline; }
.round { flex: none; display: grid; width: 44px; height: 44px; padding: 0; place-items: center; }

.launcher { position: fixed; z-index: 2147483000; bottom: calc(20px + env(safe-area-inset-bottom)); inset-inline-end: 20px;
  display: flex; align-items: center; gap: 10px; height: 56px; padding: 0 20px; border-radius: 28px; box-shadow: 0 4px 16px #0004; }
.launcher:focus-visible { outline-color: var(--_ink); box-shadow: 0 0 0 2px var(--_paper); }
.badge { position: absolute; top: -8px; inset-inline-end: -2px; min-width: 26px; border: 2px solid var(--_paper);
  border-radius: 13px; background: var(--_danger); color: var(--_paper); font-size: 14px; text-align: center; }
.panel { position: fixed; z-index: 2147483000; inset: auto; bottom: 90px; inset-inline-end: 20px; padding: 0;
  width: min(400px, 100vw - 40px); height: min(680px, 100dvh - 110px); max-width: none; max-height: none; overflow: hidden;
  border: 1px solid var(--_line); border-radius: var(--hr-radius, 16px); background: var(--_paper); box-shadow: 0 12px 48px #0005; }
:host([side="left"]) :is(.launcher, .panel) { inset-inline: 20px auto; }
.panel[open] { display: flex; flex-direction: column; animation: rise 0.2s; }
@keyframes rise { from { opacity: 0; transform: translateY(12px); } }
.head { display: flex; align-items: center; gap: 8px; padding: 12px 10px 12px 20px; background: var(--_head); color: var(--_on-head); }
.head .round { background: none; color: inherit; }
.head div { flex: 1; }
.head :focus-visible { outline-color: currentColor; outline-offset: -3px; }
.notice { padding: 8px 20px; background: var(--_notice); }
.notice:empty, .error:empty, .typing:empty { display: none; }
.scroller { flex: 1; min-height: 0; padding: 18px; overflow-y: auto; overscroll-behavior: contain; }
.scroller:focus-visible { outline-offset: -3px; }
.scroller > .hint { margin: 8px 0 16px; }
.jump { position: absolute; bottom: 120px; inset-inline: 0; width: max-content; margin: auto; box-shadow: 0 2px 10px #0004; }
.composer { display: flex; align-items: flex-end; gap: 8px; padding: 10px 12px; border-top: 1px solid var(--_line); background: var(--_paper); }
.panel > .link { align-self: center; margin-bottom: calc(6px + env(safe-area-inset-bottom)); font-size: 0.8125em; font-weight: 400; }
textarea, .field input { width: 100%; min-height: 44px; padding: 9px 14px; border: 1px solid var(--_edge); border-radius: 22px; background: var(--_paper); }
textarea:focus-visible, input:focus-visible { outline-width: 2px; outline-offset: -1px; }
textarea { max-height: 144px; resize: none; field-sizing: content; }
::placeholder { color: var(--_quiet); opacity: 1; }

h3 { margin: 10px 0 4px; text-align: center; }
.entry { display: flow-root; }
.by { margin: 8px 4px 4px; }
.hr b { color: var(--_on-hr); }
.bubble, .typing { width: fit-content; max-width: 92%; margin: 4px 0; padding: 9px 14px; border: 1px solid transparent;
  border-radius: 4px 16px 16px; background: var(--_raised); overflow-wrap: anywhere; }
.hr .bubble { border-color: var(--_on-hr); background: var(--_hr); }
.me { text-align: end; }
.me .bubble { margin-inline-start: auto; border-radius: 16px 4px 16px 16px; background: var(--_accent); color: var(--_on-accent); text-align: start; }
.me a { color: inherit; }
.failed .bubble { border: 1px dashed var(--_danger); background: none; color: var(--_ink); }
.failed .state, .error { color: var(--_danger); }
.bubble * + * { margin-top: 6px; }
.bubble br, .bubble li { margin-top: 2px; }
ul, ol { padding-inline-start: 20px; }
blockquote { padding-inline-start: 12px; border-inline-start: 3px solid var(--_edge); }
.extras, .feedback { display: flex; flex-wrap: wrap; align-items: center; gap: 8px; margin: 8px 0; }
.feedback { margin: 0; }
.feedback button { min-height: 36px; padding: 4px 16px; }
.typing { display: flex; gap: 5px; padding: 14px; }
i { width: 8px; height: 8px; border-radius: 50%; background: var(--_quiet); animation: breathe 1.2s infinite; }
i + i { animation-delay: 0.15s; }
i + i + i { animation-delay: 0.3s; }
@keyframes breathe { 60% { opacity: 0.3; } 30% { transform: translateY(-3px); } }

.contact { display: grid; gap: 12px; margin-top: 12px; padding: 16px; border: 1px solid var(--_line); border-radius: 14px; }
.contact[inert] { opacity: 0.6; }
.contact h3, .contact .extras { margin: 0; font-size: 1em; text-align: start; color: inherit; }
.about { overflow: hidden; text-overflow: ellipsis; white-space: nowrap; }
.contact label { font-size: 0.875em; }
.field input { border-radius: 10px; }
.check { display: grid; grid-template-columns: 24px 1fr; gap: 4px 10px; }
.check label { font-weight: 400; }
.check input { width: 24px; height: 24px; accent-color: var(--_accent); }
.check .error { grid-column: 1 / 3; }
[aria-invalid] { outline: 2px solid var(--_danger); }
.confirm { max-width: min(400px, 100vw - 32px); margin: auto; padding: 22px; border: 1px solid var(--_line); border-radius: 16px; background: var(--_paper); }
.confirm::backdrop { background: #0007; }
.confirm p { margin: 8px 0 16px; }
.confirm .extras { justify-content: flex-end; }

@media (max-width: 480px), (max-height: 480px) {
  .launcher { bottom: calc(12px + env(safe-area-inset-bottom)); }
  .panel { inset: var(--_top, 0) 0 auto; width: 100%; height: var(--_height, 100dvh); border: 0; border-radius: 0; }
  :host([side="left"]) .panel { inset-inline: 0; }
  .head { padding-top: calc(8px + env(safe-area-inset-top)); }
}
@media (max-height: 420px) {
  .panel[open] { display: block; overflow-y: auto; scroll-padding-bottom: 72px; }
  .scroller { overflow: visible; }
  .head p { display: none; }
  .composer { position: sticky; bottom: 0; }
}
@media (prefers-reduced-motion) { * { animation: none !important; } }
@media (forced-colors: active) {
  .bubble, .typing, .head, .notice { border: 1px solid; }
  i { background: CanvasText; }
}
@media print { :host { display: none; } }
`);
