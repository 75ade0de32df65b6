"""The page around a report: style, and a filter for the cases. Nothing is loaded from elsewhere."""

from __future__ import annotations

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>$title</title>
<style>
:root { color-scheme: light; --ink: #1f2933; --soft: #616e7c; --line: #e4e7eb; --good: #2b6cb0; --bad: #b7472a; }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 1180px; padding: 2rem 1.2rem 5rem; color: var(--ink); background: #fff;
  font: 15px/1.55 system-ui, "Segoe UI", Roboto, "PingFang HK", "PingFang SC", "Microsoft JhengHei",
  "Noto Sans CJK TC", "Noto Sans CJK SC", sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .3rem; } h2 { font-size: 1.15rem; margin: 2.4rem 0 .8rem; }
h4 { margin: .2rem 0 .4rem; } small, .tags { color: var(--soft); font-size: .82rem; } p { margin: .3rem 0; }
.cards { display: flex; flex-wrap: wrap; gap: .7rem; margin: 1.2rem 0; }
.card { border: 1px solid var(--line); border-radius: 8px; padding: .7rem 1rem; min-width: 8.2rem; }
.card b { display: block; font-size: 1.55rem; font-variant-numeric: tabular-nums; }
.card span { color: var(--soft); font-size: .85rem; }
.gate { border-left: 4px solid; padding: .5rem 1rem; margin: 1rem 0; background: #f7f8fa; }
.gate.open { border-color: var(--good); } .gate.closed { border-color: var(--bad); }
.charts { columns: 2 480px; column-gap: 1.6rem; }
figure { margin: 0 0 1.4rem; break-inside: avoid; } figcaption { font-weight: 600; margin-bottom: .4rem; }
figure svg { width: 100%; height: auto; }
.wide { overflow-x: auto; } table { border-collapse: collapse; font-size: .85rem; margin: .4rem 0 1.2rem; }
th, td { text-align: left; padding: .32rem .6rem; border-bottom: 1px solid var(--line); vertical-align: top; }
th { color: var(--soft); font-weight: 600; white-space: nowrap; }
td.n { text-align: right; font-variant-numeric: tabular-nums; white-space: nowrap; }
.filter { display: flex; gap: 1rem; align-items: center; flex-wrap: wrap; margin: .6rem 0; }
.filter input[type=search] { font: inherit; padding: .35rem .6rem; border: 1px solid #9aa5b1; border-radius: 6px;
  min-width: min(100%, 22rem); }
.case { border-top: 1px solid var(--line); padding: .45rem 0; } .case summary { cursor: pointer; }
.case summary small { margin-left: .6rem; }
.mark { display: inline-block; min-width: 3.6rem; font-weight: 600; font-size: .82rem; }
.right .mark { color: var(--good); } .wrong .mark, .bad { color: var(--bad); }
.two { display: grid; grid-template-columns: repeat(auto-fit, minmax(min(100%, 340px), 1fr)); gap: 1.4rem; }
.turn { border-left: 3px solid var(--line); padding-left: .7rem; color: var(--soft); }
blockquote { margin: .2rem 0 .5rem; padding-left: .7rem; border-left: 3px solid var(--line); font-size: .88rem; }
.cited, .expected { padding-left: 1.1rem; font-size: .9rem; } .expected { list-style: none; padding: 0; }
.expected li::before { display: inline-block; width: 1.4rem; }
.met::before { content: "✓"; color: var(--good); } .unmet::before { content: "✗"; color: var(--bad); }
code { font-size: .85em; color: var(--soft); }
@media print { .filter { display: none; } }
</style></head><body>
<h1>$title</h1><p class="tags">$about</p>
<div class="cards">$cards</div>$gate$said
<h2>Charts</h2><div class="charts">$charts</div>
$change
<h2>Slices</h2><p class="tags">Shares in per cent; a dash where a measure does not apply.</p>$slices
<details><summary>What was measured on how many cases, and why not on the others</summary>$skipped</details>
<h2>Cases</h2>
<div class="filter"><input type="search" id="find" aria-label="Find cases" placeholder="find: word, id, language">
<label><input type="checkbox" id="wrong"> only those that are not right</label>
<span><span id="shown">$count</span> shown</span></div>
<div id="cases">$cases</div>
<script>
const find = document.getElementById("find"), wrong = document.getElementById("wrong");
function sift() {
  let shown = 0;
  for (const one of document.querySelectorAll(".case")) {
    const fits = one.dataset.text.includes(find.value.trim().toLowerCase());
    one.hidden = !fits || (wrong.checked && one.classList.contains("right"));
    shown += one.hidden ? 0 : 1;
  }
  document.getElementById("shown").textContent = shown;
}
find.addEventListener("input", sift); wrong.addEventListener("change", sift);
</script></body></html>
"""
