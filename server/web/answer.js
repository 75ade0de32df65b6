// One turn of the conversation: a question, its answer as it grows, and what can be done with it.

import { citationBadge, officialMark, worth } from "./badge.js";
import { button, make } from "./dom.js";
import { piecesOf } from "./text.js";
import { explain, word } from "./words.js";

const CLOSING = /^[.,;:!?。，；：！？、）)」』”]*/;

/** A phrase that follows the page's language. */
const said = (tag, key, attributes = {}, values = {}) => {
  const data = Object.fromEntries(Object.entries(values).map(([name, value]) => [`data-${name}`, value]));
  return make(tag, { "data-word": key, ...data, ...attributes }, word(key, values));
};

/**
 * The view of one turn. `acts` holds what its buttons do: openCitation(citation, from), showTimeline(answer),
 * copy(answer, question), rate(answer, rating, comment), retry().
 */
export class TurnView {
  constructor(question, asOf, acts) {
    this.question = question;
    this.acts = acts;
    this.citations = new Map();
    this.text = "";
    this.stage = make("p", { class: "stage" });
    this.body = make("div", { class: "text", "aria-live": "polite", "aria-busy": "true" });
    this.answer = make("article", { class: "answer" }, said("h3", "answer", { class: "hidden" }), this.stage, this.body);
    const asked = make("div", { class: "question" }, said("h3", "you", { class: "hidden" }), make("p", {}, question));
    if (asOf) asked.append(said("p", "asOfDay", { class: "chip" }, { on: asOf }));
    this.element = make("li", { class: "turn" }, asked, this.answer);
  }

  /** Show what is going on before there is text. */
  showStage(key, values = {}) {
    this.stage.replaceChildren(said("span", key, { class: "working" }, values));
  }

  started({ language }) {
    this.body.lang = language;
    this.showStage("searching");
  }

  searched({ hits }) {
    this.showStage("writing", { n: hits });
  }

  grow(piece) {
    this.text += piece;
    this.#write(piece);
  }

  cited(citation) {
    this.citations.set(citation.number, citation);
    for (const marker of this.body.querySelectorAll("button.marker")) this.#name(marker);
  }

  /** Show the whole answer: it is what counts, whatever was streamed. */
  finish(answer) {
    this.whole = answer;
    this.citations = new Map(answer.citations.map((citation) => [citation.number, citation]));
    this.stage.replaceChildren();
    this.body.lang = answer.language;
    if (answer.answer !== this.text) {
      this.body.replaceChildren();
      this.#write(answer.answer);
    }
    for (const marker of this.body.querySelectorAll("button.marker")) this.#name(marker);
    if (answer.outcome !== "answered") this.stage.append(said("span", `outcome_${answer.outcome}`, { class: "outcome" }));
    this.body.setAttribute("aria-busy", "false");
    this.answer.append(...[this.#notes(answer), this.#sources(answer), this.#meta(answer), this.#acts(answer)].filter(Boolean));
  }

  /** The reader stopped it: what came so far stays, marked as incomplete. */
  stop() {
    this.body.setAttribute("aria-busy", "false");
    this.stage.replaceChildren(said("span", "stopped", { class: "outcome" }));
  }

  fail(problem) {
    this.body.setAttribute("aria-busy", "false");
    this.stage.replaceChildren();
    const again = said("button", "retry", { type: "button" });
    again.addEventListener("click", () => this.acts.retry());
    this.answer.append(make("div", { class: "problem", role: "alert" }, make("p", {}, explain(problem)), again));
  }

  #write(text) {
    this.#append(this.body, text);
  }

  /** Text with a button for each marker. What closes a sentence stays on the line of its marker, also where it comes later. */
  #append(parent, text) {
    for (const piece of piecesOf(text)) {
      if (typeof piece === "number") {
        parent.append(make("span", { class: "held" }, this.#marker(piece)));
        continue;
      }
      const last = parent.lastChild;
      const closing = last?.className === "held" && last.childNodes.length === 1 ? CLOSING.exec(piece)[0] : "";
      if (closing) last.append(closing);
      parent.append(piece.slice(closing.length));
    }
    return parent;
  }

  #marker(number) {
    const marker = button(String(number), () => {
      const citation = this.citations.get(number);
      if (citation) this.acts.openCitation(citation, this.whole, marker);
    }, { class: "marker", "data-number": number });
    this.#name(marker);
    return marker;
  }

  #name(marker) {
    const citation = this.citations.get(Number(marker.dataset.number));
    marker.disabled = !citation;
    if (!citation) return;
    Object.assign(marker.dataset, { label: "openCitation", n: citation.number, title: citation.title });
    marker.setAttribute("aria-label", word("openCitation", { n: citation.number, title: citation.title }));
  }

  #notes({ notes, language, outcome }) {
    // That nothing was found is what the text of a refusal says already.
    const shown = notes.filter(({ code }) => code !== "not_found" || outcome === "answered");
    if (shown.length === 0) return null;
    const items = shown.map(({ code, message }) =>
      make("li", { class: `note ${code}` }, said("strong", `note_${code}`), " ", this.#append(make("span", { lang: language }), message)));
    return make("section", { class: "notes" }, said("h4", "notes", { class: "hidden" }), make("ul", {}, ...items));
  }

  #sources(answer) {
    if (answer.citations.length === 0) return null;
    const items = answer.citations.map((citation) => {
      const open = button("", () => this.acts.openCitation(citation, answer, open), { class: "source" });
      const about = [citation.authority || citation.publisher, citation.instrument].filter(Boolean).join(" · ");
      const published = citation.published ? make("span", {}, ` · ${citation.published}`) : null;
      open.append(
        make("span", { class: "number" }, String(citation.number)),
        make("span", { class: "what" },
          make("span", { class: "name", lang: citation.language }, citation.title),
          make("span", { class: "about" }, about, published)),
        make("span", { class: "marks" }, citationBadge(citation), officialMark(citation.official)),
      );
      return make("li", {}, open);
    });
    return make("section", { class: "sources" }, said("h4", "sources", { class: "small-head" }), make("ol", {}, ...items));
  }

  #meta(answer) {
    const { model, library } = answer.receipt;
    return make("p", { class: "meta" },
      said("span", "asOfDay", {}, { on: answer.as_of }), said("span", "madeWith", {}, { model, library: library.slice(0, 8) }));
  }

  #acts(answer) {
    const row = make("div", { class: "acts" });
    const told = make("span", { class: "told", role: "status" });
    const tell = (key) => told.replaceChildren(said("span", key));
    const act = (key, onclick, attributes = {}) => {
      const made = said("button", key, { type: "button", class: "quiet", ...attributes });
      made.addEventListener("click", onclick);
      row.append(made);
      return made;
    };
    act("copy", async () => tell((await this.acts.copy(answer, this.question)) ? "copied" : "copyFailed"));
    if (answer.citations.some((citation) => citation.kind === "rule")) {
      act("topicTimeline", () => this.acts.showTimeline(answer));
    }
    const thumbs = ["up", "down"].map((rating) =>
      act(rating === "up" ? "helpful" : "unhelpful", () => rate(rating), { "data-rating": rating, "aria-pressed": "false" }));
    const comment = make("form", { class: "comment", hidden: true });
    const rate = async (rating, text = "") => {
      try {
        await this.acts.rate(answer, rating, text);
      } catch (problem) {
        told.replaceChildren(explain(problem));
        return;
      }
      for (const thumb of thumbs) thumb.setAttribute("aria-pressed", String(thumb.dataset.rating === rating));
      comment.dataset.rating = rating;
      comment.hidden = text !== "";
      comment.scrollIntoView({ block: "nearest" });
      tell("thanks");
    };
    const field = make("textarea", { rows: "2", maxlength: "2000" });
    comment.append(
      make("label", {}, said("span", "comment"), field),
      said("button", "sendComment", { type: "submit" }),
    );
    comment.addEventListener("submit", (event) => {
      event.preventDefault();
      if (field.value.trim()) rate(comment.dataset.rating, field.value.trim());
    });
    row.append(told);
    return make("footer", {}, row, comment);
  }
}

/** An answer as plain text with its sources, for another document. */
export function withSources(answer, question) {
  const lines = [question, "", answer.answer, ""];
  for (const citation of answer.citations) {
    const { number, title, authority, publisher, instrument, published, url, quote } = citation;
    const about = [authority || publisher, instrument, published, word(`standing_${worth(citation)}`)].filter(Boolean).join(", ");
    lines.push(`[${number}] ${title} (${about})${url ? ` ${url}` : ""}`, `    “${quote}”`);
  }
  for (const note of answer.notes) lines.push(`${word(`note_${note.code}`, {}, word("note_other"))}: ${note.message}`);
  lines.push("", `${word("asOfDay", { on: answer.as_of })} · ${word("notAdvice")}`);
  return lines.join("\n");
}
