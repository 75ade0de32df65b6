// Text with marks: citation markers in an answer, a quote in a record. Pure.

const MARKER = /\[(\d{1,3})\]/g;

/** An answer's text as pieces: strings, and numbers where a marker `[n]` stands. */
export function piecesOf(text) {
  const pieces = [];
  let from = 0;
  for (const found of text.matchAll(MARKER)) {
    if (found.index > from) pieces.push(text.slice(from, found.index));
    pieces.push(Number(found[1]));
    from = found.index + found[0].length;
  }
  if (from < text.length) pieces.push(text.slice(from));
  return pieces;
}

/**
 * The text before a quote, the quote, and the text after; null where the quote does not stand in it.
 * Offsets count code points, as the server does; JavaScript's strings count UTF-16 units.
 */
export function cutAt(text, start, end, quote) {
  const points = Array.from(text);
  const held = points.slice(start, end).join("");
  if (held !== "" && (!quote || held === quote)) {
    return [points.slice(0, start).join(""), held, points.slice(end).join("")];
  }
  const found = quote ? text.indexOf(quote) : -1;
  return found < 0 ? null : [text.slice(0, found), quote, text.slice(found + quote.length)];
}

/** An address that a link may lead to: http or https, else null. */
export function safeUrl(url) {
  if (typeof url !== "string" || !/^https?:\/\//i.test(url)) return null;
  try {
    return new URL(url).href;
  } catch {
    return null;
  }
}
