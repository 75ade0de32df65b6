// The HTTP contract of version 1, as far as this page uses it.

import { readEvents } from "./sse.js";
import { heldKey } from "./store.js";

/** An error that the server explained (RFC 9457), or the reason why it could not be reached (status 0). */
export class Problem extends Error {
  constructor(status, code, detail, retryAfter = null) {
    super(detail);
    this.status = status;
    this.code = code;
    this.retryAfter = retryAfter;
  }
}

async function send(path, options = {}) {
  const key = heldKey();
  const headers = { ...(options.body ? { "Content-Type": "application/json" } : {}), ...options.headers };
  if (key) headers.Authorization = `Bearer ${key}`;
  let response;
  try {
    response = await fetch(path, { ...options, headers });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new Problem(0, "unreachable", "");
  }
  if (response.ok) return response;
  const told = await response.json().catch(() => ({}));
  const retry = Number(response.headers.get("Retry-After")) || null;
  throw new Problem(response.status, told.code ?? "", told.detail ?? response.statusText, retry);
}

const withQuery = (path, values) => {
  const query = new URLSearchParams(Object.entries(values).filter(([, value]) => value));
  return query.size ? `${path}?${query}` : path;
};

// An id holds slashes that are part of the path (`sfc/vatp-guidelines/2023-06`).
const idPath = (id) => id.split("/").map(encodeURIComponent).join("/");

/** The events `{event, data}` of one answer. Ends after `finished`; throws Problem for `failed` and for a cut stream. */
export async function* ask(body, signal) {
  const response = await send("v1/chat", {
    method: "POST",
    body: JSON.stringify({ ...body, stream: true }),
    headers: { Accept: "text/event-stream" },
    signal,
  });
  for await (const { event, data } of unbroken(readEvents(response.body))) {
    const value = JSON.parse(data);
    if (event === "failed") throw new Problem(value.status, value.code, value.detail);
    yield { event, data: value };
    if (event === "finished") return;
  }
  throw new Problem(0, "cut_off", "");
}

/** The same events; where the connection breaks among them, that is told as a problem. */
async function* unbroken(events) {
  try {
    yield* events;
  } catch (error) {
    throw error.name === "AbortError" ? error : new Problem(0, "cut_off", "");
  }
}

/** A rule as it stood on a date. */
export const fetchRule = async (id, asOf) => (await send(withQuery(`v1/rules/${idPath(id)}`, { as_of: asOf }))).json();

/** A source with its text. */
export const fetchSource = async (id) => (await send(`v1/sources/${idPath(id)}`)).json();

/** The entries of a topic's timeline. */
export const fetchTimeline = async (topic, asOf) =>
  (await send(withQuery("v1/timeline", { topic, as_of: asOf }))).json();

/** The topics that have a timeline, with their names. */
export const fetchTopics = async () => (await send("v1/timeline/topics")).json();

/** The timeline as the text of an SVG picture. */
export const fetchPicture = async (topic, asOf, language, width, theme) =>
  (await send(withQuery("v1/timeline.svg", { topic, as_of: asOf, language, width, theme }))).text();

/** Store what a reader thinks of an answer: `rating` is up or down. A later verdict replaces an earlier one. */
export async function sendFeedback(answerId, rating, comment) {
  const body = JSON.stringify({ answer_id: answerId, rating, ...(comment ? { comment } : {}) });
  // Read to its end: a body left unread keeps the connection busy.
  await (await send("v1/feedback", { method: "POST", body })).json();
}

/** Delete a session with its answers on the server; one that it does not hold any more is deleted already. */
export async function deleteOnServer(sessionId) {
  try {
    await send(`v1/sessions/${encodeURIComponent(sessionId)}`, { method: "DELETE" });
  } catch (problem) {
    if (problem.status !== 404) throw problem;
  }
}
