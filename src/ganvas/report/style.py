"""The look of report.html: the colours of the other pages, light and dark, wide and narrow."""

__all__ = ["CSS"]

CSS = """
:root { color-scheme: light dark;
  --ground: #f6f7f9; --surface: #ffffff; --edge: #d3d9e1; --text: #16202c; --faint: #566373;
  --sunken: #eceff3; --link: #0b5cad; --good: #00704f; --warning: #8a5300; --error: #b3261e; }
@media (prefers-color-scheme: dark) { :root {
  --ground: #0f141a; --surface: #182029; --edge: #324050; --text: #e8edf3; --faint: #a3b1c0;
  --sunken: #0b1015; --link: #7cbcf7; --good: #3ecfa4; --warning: #f1bf5b; --error: #ff9a8f; } }
* { box-sizing: border-box; }
body { margin: 0; background: var(--ground); color: var(--text);
  font: 16px/1.55 system-ui, "Segoe UI", Roboto, "DejaVu Sans", sans-serif; }
main { max-width: 1080px; margin: 0 auto; padding: 24px 20px 64px; }
h1 { font-size: 1.7rem; line-height: 1.2; margin: 0 0 8px; overflow-wrap: anywhere; }
h2 { font-size: 1.25rem; margin: 0 0 10px; }
h3 { font-size: 1.02rem; margin: 26px 0 4px; }
p { margin: 0 0 12px; max-width: 72ch; }
small, caption, .faint { color: var(--faint); font-size: .85rem; }
section { background: var(--surface); border: 1px solid var(--edge); border-radius: 10px;
  padding: 20px; margin: 18px 0; }
.state { display: inline-block; border: 1px solid currentColor; border-radius: 999px;
  padding: 1px 12px; font-size: .9rem; font-weight: 600; margin: 0 0 14px; }
.finished { color: var(--faint); } .running { color: var(--good); }
.stopped, .interrupted, .unknown, .warning { color: var(--warning); }
.diverged, .failed, .error { color: var(--error); }
.lead { font-size: 1.08rem; max-width: none; }
.verdict { border-left: 5px solid currentColor; padding: 4px 0 4px 14px; margin: 4px 0 18px; }
.verdict > p { color: var(--text); margin: 2px 0 0; }
.verdict strong { font-size: 1.25rem; line-height: 1.3; }
.good { color: var(--good); } .fair { color: var(--link); } .poor { color: var(--error); }
.verdict.unknown { color: var(--faint); }
li { max-width: 72ch; margin-bottom: 4px; } ul, ol { margin: 4px 0 8px; padding-left: 22px; }
.figures { display: grid; gap: 18px; margin: 10px 0 4px;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 400px), 1fr)); }
.strip { display: grid; gap: 10px; grid-template-columns: repeat(auto-fit, minmax(150px, 1fr)); }
figure { margin: 0; min-width: 0; }
section > figure { margin-top: 18px; }
figcaption { font-weight: 600; font-size: .95rem; margin-bottom: 6px; }
figcaption small { display: block; font-weight: 400; }
img { display: block; max-width: 100%; height: auto; border-radius: 6px; }
figure > img { image-rendering: auto; background: #fff; }
.chart img { border: 1px solid var(--edge); width: 100%; max-width: 560px; }
dl { display: grid; gap: 8px 20px; margin: 0;
  grid-template-columns: repeat(auto-fit, minmax(min(100%, 210px), 1fr)); }
dl div { min-width: 0; } dt { color: var(--faint); font-size: .85rem; }
dd { margin: 0; overflow-wrap: anywhere; font-variant-numeric: tabular-nums; }
.wide { overflow-x: auto; }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums; }
caption { text-align: left; padding-bottom: 6px; }
th, td { text-align: left; padding: 6px 12px 6px 0; border-bottom: 1px solid var(--edge);
  vertical-align: top; }
th { font-weight: 600; } thead th { color: var(--faint); font-size: .85rem; font-weight: 400; }
pre { background: var(--sunken); border: 1px solid var(--edge); border-radius: 6px;
  margin: 2px 0 12px; padding: 10px 12px; white-space: pre-wrap; overflow-wrap: anywhere;
  font: .88rem/1.45 ui-monospace, "DejaVu Sans Mono", monospace; }
details { margin-top: 10px; } summary { cursor: pointer; color: var(--link); }
summary:focus-visible { outline: 2px solid var(--link); outline-offset: 3px; }
article { border-left: 4px solid currentColor; padding: 2px 0 2px 14px; margin: 14px 0; }
article > * { color: var(--text); } article > .severity { color: inherit; font-weight: 600; }
.note { color: var(--link); } .over { color: var(--faint); }
@media (max-width: 520px) { main { padding: 14px 10px 40px; } section { padding: 14px 12px; }
  h1 { font-size: 1.35rem; } table { min-width: 480px; } }
@media print { body { background: #fff; } section { break-inside: avoid; border: 0; padding: 0; } }
"""
