// The timeline of a topic: the picture, and the same records as a list that can be opened.

import { fetchPicture, fetchRule, fetchTimeline, fetchTopics } from "./api.js";
import { standingBadge } from "./badge.js";
import { button, byId, make } from "./dom.js";
import { openRule } from "./record.js";
import { explain, spoken, word } from "./words.js";

const dialog = byId("timeline");
const body = byId("timeline-body");
const topicField = byId("timeline-topic");
const dayField = byId("timeline-as-of");
let topics = [];
let drawing = 0;
let opener = null;

/** Open the timeline of a topic; without one, of the topic with most records. */
export async function openTimeline(topic = "", asOf = "") {
  opener = document.activeElement;
  dayField.value = asOf;
  if (!dialog.open) dialog.showModal();
  try {
    topics = topics.length ? topics : await fetchTopics();
    nameTopics(topic || topicField.value);
  } catch (problem) {
    body.replaceChildren(make("p", { class: "problem", role: "alert" }, explain(problem)));
    return;
  }
  draw();
}

/** Open the timeline of the topic that an answer's first cited rule belongs to. */
export async function openTimelineOf(answer) {
  const cited = answer.citations.find((citation) => citation.kind === "rule");
  const rule = await fetchRule(cited.id, answer.as_of).catch(() => null);
  openTimeline(rule?.topic, answer.as_of);
}

/** Draw the open timeline again, in the page's language. */
export function redrawTimeline() {
  if (!dialog.open) return;
  nameTopics(topicField.value);
  draw();
}

function nameTopics(chosen) {
  const options = topics.map(({ topic, name }) => make("option", { value: topic }, name[spoken()]));
  topicField.replaceChildren(...options);
  if (topics.some(({ topic }) => topic === chosen)) topicField.value = chosen;
}

async function draw() {
  const turn = ++drawing;
  const language = spoken();
  const width = Math.max(320, Math.min(1600, Math.floor(body.clientWidth)));
  const dark = getComputedStyle(document.documentElement).colorScheme === "dark"
    || (document.documentElement.dataset.theme === "auto" && matchMedia("(prefers-color-scheme: dark)").matches);
  body.setAttribute("aria-busy", "true");
  try {
    const [timeline, picture] = await Promise.all([
      fetchTimeline(topicField.value, dayField.value),
      fetchPicture(topicField.value, dayField.value, language, width, dark ? "dark" : "light"),
    ]);
    if (turn === drawing) body.replaceChildren(...parts(timeline, picture, language));
  } catch (problem) {
    if (turn === drawing) body.replaceChildren(make("p", { class: "problem", role: "alert" }, explain(problem)));
  }
  body.setAttribute("aria-busy", "false");
}

function parts({ entries, name, as_of }, picture, language) {
  if (entries.length === 0) return [make("p", {}, word("timelineEmpty"))];
  // As an image the picture can run nothing, whatever it holds.
  const src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(picture)}`;
  const items = entries.map((entry) => {
    const days = entry.stage === "event" ? entry.when : [entry.when, entry.ends].filter(Boolean).join(" – ");
    const open = button(entry.title[language], () => {
      dialog.close();
      openRule(entry.rule, as_of, opener);
    }, { class: "link" });
    return make("li", {}, make("span", { class: "when" }, days || word("undated")), open, standingBadge(entry.standing));
  });
  return [
    make("img", { class: "picture", src, alt: `${name[language]}. ${word("timelineAlt")}` }),
    make("h3", { class: "small-head" }, word("allRecords")),
    make("ol", { class: "entries" }, ...items),
  ];
}

topicField.addEventListener("change", draw);
dayField.addEventListener("change", draw);
byId("timeline-close").addEventListener("click", () => dialog.close());
byId("open-timeline").addEventListener("click", () => openTimeline());
