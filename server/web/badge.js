// Marks that many places show: standing badges and whether a source is official.

import { make } from "./dom.js";
import { word } from "./words.js";

/** A standing as a badge: its name, a shape and a colour. */
export const standingBadge = (standing) =>
  make("span", { class: `badge ${standing}`, "data-word": `standing_${standing}` }, word(`standing_${standing}`));

/** The badge of what is cited: a document's text has no standing of its own. */
export const citationBadge = (citation) => standingBadge(worth(citation));

/** The standing of a cited rule, or `document`. */
export const worth = (citation) => (citation.kind === "passage" ? "document" : citation.standing);

/** Whether a source is official. */
export const officialMark = (official) => {
  const key = official ? "official" : "notOfficial";
  return make("span", { class: official ? "mark official" : "mark", "data-word": key }, word(key));
};
