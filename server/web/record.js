// The panel that shows a record: a rule or a source, the quoted words marked in it.

import { fetchRule, fetchSource } from "./api.js";
import { officialMark, standingBadge } from "./badge.js";
import { button, byId, make } from "./dom.js";
import { cutAt, safeUrl } from "./text.js";
import { explain, spoken, word } from "./words.js";

const panel = byId("record");
const body = byId("record-body");
let trail = [];
let opener = null;
let showing = 0;

/** Open what a citation points to, its quote marked. `from` gets the focus back when the panel is closed. */
export function openCitation(citation, answer, from) {
  const { kind, id, language, quote, start, end } = citation;
  begin(from);
  const mark = { quote, start, end };
  go(kind === "rule" ? { rule: id, asOf: answer?.as_of, language, mark } : { source: id, mark });
}

/** Open a rule as it stood on a date. */
export function openRule(id, asOf, from) {
  begin(from);
  go({ rule: id, asOf });
}

/** Close the panel. */
export function closeRecord() {
  if (panel.hidden) return;
  panel.hidden = true;
  document.body.classList.remove("reading");
  trail = [];
  opener?.focus();
  opener = null;
}

/** Show the open record again, in the page's language. */
export const redrawRecord = () => panel.hidden || show();

function begin(from) {
  trail = [];
  opener = from ?? document.activeElement;
}

function go(place) {
  trail.push(place);
  show();
}

async function show() {
  const place = trail.at(-1);
  const turn = ++showing;
  panel.hidden = false;
  document.body.classList.add("reading");
  byId("record-back").hidden = trail.length < 2;
  body.replaceChildren(make("p", { class: "stage", id: "record-title" }, word("loading")));
  panel.focus();
  let parts;
  try {
    parts = place.rule ? ruleParts(await fetchRule(place.rule, place.asOf), place) : sourceParts(await fetchSource(place.source), place);
  } catch (problem) {
    parts = [make("div", { class: "problem", role: "alert", id: "record-title" }, explain(problem))];
  }
  if (turn !== showing) return;
  body.replaceChildren(...parts.filter(Boolean));
  panel.scrollTop = 0;
  body.querySelector("mark")?.scrollIntoView({ block: "nearest" });
}

function ruleParts(rule, { language, mark, asOf }) {
  const tongue = language ?? spoken();
  const link = (key, ids) => ids.length > 0 && [word(key), ids.map((id) => ruleLink(id, asOf, tongue))];
  const facts = [
    [word("authority"), rule.authority],
    [word("instrument"), rule.instrument],
    [word("published"), rule.published],
    // Proposals and events never were in force: they can only be over.
    rule.stage === "made" && [word("inForceFrom"), rule.in_force_from],
    [word(rule.stage === "made" ? "inForceTo" : "overFrom"), rule.in_force_to],
    rule.confidence !== "high" && [word("confidence"), word(`confidence_${rule.confidence}`, {}, rule.confidence)],
    link("supersedes", rule.supersedes),
    link("supersededBy", rule.superseded_by),
  ];
  return [
    make("div", { class: "marks" }, standingBadge(rule.standing), make("span", { class: "mark" }, word("asOfDay", { on: rule.as_of }))),
    make("h2", { id: "record-title", lang: tongue }, rule.title[tongue]),
    make("h3", { class: "small-head" }, word("statement")),
    ...marked(rule.statement[tongue], mark, { class: "statement", lang: tongue }),
    factList(facts),
    ...disputeParts(rule, tongue),
    ...evidenceParts(rule, tongue),
  ];
}

/** A link to another rule: its id, and its title as soon as that is known. */
function ruleLink(id, asOf, tongue) {
  const link = button(id, () => go({ rule: id, asOf }), { class: "link", lang: tongue });
  fetchRule(id, asOf).then((rule) => link.replaceChildren(rule.title[tongue]), () => {});
  return link;
}

function disputeParts(rule, tongue) {
  const disputes = rule.disputes.filter(({ verdict }) => verdict !== "agrees");
  if (disputes.length === 0) return [];
  const items = disputes.map(({ source, claim, note }) => make("li", {},
    make("p", { lang: tongue }, claim[tongue]),
    make("p", { class: "hint", lang: tongue }, note[tongue]),
    button(source, () => go({ source }), { class: "link" })));
  return [make("h3", { class: "small-head" }, word("disputes")), make("ul", { class: "disputes" }, ...items)];
}

function evidenceParts(rule, tongue) {
  // Digests are held in English and Chinese: the reader's language comes first.
  const own = ({ quote }) => /\p{Script=Han}/u.test(quote) === tongue.startsWith("zh");
  const ordered = [...rule.evidence.filter(own), ...rule.evidence.filter((one) => !own(one))];
  const items = ordered.map(({ source, quote, start, end }) => make("li", {},
    make("blockquote", {}, quote),
    button(source, () => go({ source, mark: { quote, start, end } }), { class: "link", "aria-label": `${word("openSource")}: ${source}` })));
  return [make("h3", { class: "small-head" }, word("evidence")), make("ul", { class: "evidence" }, ...items)];
}

function sourceParts(source, { mark }) {
  const url = safeUrl(source.url);
  const title = spoken() === "en" ? source.title_en : source.title_zh;
  return [
    make("div", { class: "marks" }, officialMark(source.official)),
    make("h2", { id: "record-title" }, title || source.title),
    factList([
      [word("publisher"), source.publisher],
      [word("authority"), source.authority],
      [word("published"), source.published],
    ]),
    url && make("p", {}, make("a", { href: url, target: "_blank", rel: "noopener noreferrer nofollow" },
      word("openOriginal"), make("span", { class: "hidden" }, ` (${word("newTab")})`))),
    make("h3", { class: "small-head" }, word("sourceText")),
    ...marked(source.text, mark, { class: "document", lang: source.language }),
  ];
}

/** The text with the quote marked; where the quote is gone, the text and a word about it. */
function marked(text, mark, attributes) {
  if (!mark) return [make("div", attributes, text)];
  const cut = cutAt(text, mark.start, mark.end, mark.quote);
  if (cut === null) return [make("p", { class: "problem" }, word("quoteGone")), make("div", attributes, text)];
  return [make("div", attributes, cut[0], make("mark", {}, cut[1]), cut[2])];
}

function factList(facts) {
  const list = make("dl", { class: "facts" });
  for (const [name, value] of facts.filter((fact) => fact && fact[1])) {
    list.append(make("dt", {}, name), make("dd", {}, ...[value].flat()));
  }
  return list;
}

byId("record-close").addEventListener("click", closeRecord);
byId("record-back").addEventListener("click", () => {
  trail.pop();
  show();
});
