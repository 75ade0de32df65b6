// Reads server-sent events from a stream of bytes, however it is cut.

/** Feeds on text, gives back whole events `{event, data}`; what is incomplete waits for the next piece. */
export class EventScanner {
  #rest = "";
  #event = "message";
  #data = [];
  #sawReturn = false;

  /** Events that are complete with this piece of text. */
  feed(text) {
    // A carriage return may be the first half of a line ending whose second half comes with the next piece.
    if (this.#sawReturn && text.startsWith("\n")) text = text.slice(1);
    if (text) this.#sawReturn = text.endsWith("\r");
    const lines = (this.#rest + text).split(/\r\n|\n|\r/);
    this.#rest = lines.pop();
    return lines.flatMap((line) => this.#take(line));
  }

  #take(line) {
    if (line === "") {
      const whole = { event: this.#event, data: this.#data.join("\n") };
      const held = this.#data.length > 0;
      this.#event = "message";
      this.#data = [];
      return held ? [whole] : [];
    }
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") this.#event = value;
    if (field === "data") this.#data.push(value);
    return [];
  }
}

/** The events of a response body, in order. */
export async function* readEvents(body) {
  const scanner = new EventScanner();
  const reader = body.pipeThrough(new TextDecoderStream()).getReader();
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield* scanner.feed(value);
    }
  } finally {
    reader.cancel().catch(() => {});
  }
}
