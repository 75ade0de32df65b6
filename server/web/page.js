// The page: where the parts meet. It holds the session that is open and the question that is being answered.

import { TurnView, withSources } from "./answer.js";
import { ask, deleteOnServer, Problem, sendFeedback } from "./api.js";
import { button, byId, make } from "./dom.js";
import { closeRecord, openCitation, redrawRecord } from "./record.js";
import { forgetSession, holdKey, keepTurn, listSessions, recall, remember } from "./store.js";
import { openTimelineOf, redrawTimeline } from "./timeline.js";
import { EXAMPLES, explain, firstLanguage, speak, spoken, word } from "./words.js";

const field = byId("question");
const turns = byId("turns");
const narrow = matchMedia("(max-width: 899px)");
let sessionId = null;
let running = null;

async function answer(question, asOf) {
  if (running) return;
  const stopping = new AbortController();
  running = stopping;
  const view = addTurn(question, asOf);
  setBusy(true);
  announce("searching");
  view.showStage("searching");
  try {
    const body = { question, language: byId("answer-language").value };
    if (sessionId) body.session_id = sessionId;
    if (asOf) body.as_of = asOf;
    for await (const { event, data } of askInSession(body, stopping.signal)) {
      if (running !== stopping) return;
      receive(view, event, data, asOf);
    }
    announce("done");
  } catch (problem) {
    if (stopping.signal.aborted) view.stop();
    else fail(view, problem);
  } finally {
    if (running === stopping) {
      running = null;
      setBusy(false);
    }
  }
}

/** The events of an answer. Where the server has forgotten the session meanwhile, a new one goes on here. */
async function* askInSession(body, signal) {
  try {
    yield* ask(body, signal);
  } catch (problem) {
    if (problem.status !== 404 || !body.session_id) throw problem;
    const alone = { ...body };
    delete alone.session_id;
    yield* ask(alone, signal);
  }
}

function receive(view, event, data, asOf) {
  if (event === "started") view.started(data);
  if (event === "searched") view.searched(data);
  if (event === "delta") view.grow(data.text);
  if (event === "cited") view.cited(data);
  if (event === "finished") {
    view.finish(data);
    keepTurn(sessionId, data.session_id, { question: view.question, asOf, answer: data });
    sessionId = data.session_id;
    listAll();
  }
}

function fail(view, problem) {
  const told = problem instanceof Problem ? problem : new Problem(500, "page", String(problem));
  view.fail(told);
  if (told.status === 401) byId("key").showModal();
}

function addTurn(question, asOf) {
  const view = new TurnView(question, asOf, {
    openCitation,
    showTimeline: openTimelineOf,
    copy: (whole) => copyText(withSources(whole, question)),
    rate: (whole, rating, comment) => sendFeedback(whole.id, rating, comment),
    retry: () => {
      view.element.remove();
      answer(question, asOf);
    },
  });
  byId("welcome").hidden = true;
  turns.append(view.element);
  view.element.scrollIntoView({ block: "start" });
  return view;
}

function submit() {
  const question = field.value.trim();
  if (!question || running) return;
  field.value = "";
  // On a phone the keyboard would cover the answer.
  if (narrow.matches) field.blur();
  answer(question, byId("as-of").value);
}

function stop() {
  running?.abort();
}

function setBusy(busy) {
  byId("send").hidden = busy;
  byId("stop").hidden = !busy;
}

function openSession(session) {
  leave();
  sessionId = session.id;
  for (const turn of session.turns) addTurn(turn.question, turn.asOf).finish(turn.answer);
  listAll();
}

function newSession() {
  leave();
  listAll();
  field.focus();
}

/** Stop what is under way and clear the conversation. */
function leave() {
  stop();
  running = null;
  setBusy(false);
  closeRecord();
  sessionId = null;
  turns.replaceChildren();
  byId("welcome").hidden = false;
  showSessions(false);
}

function listAll() {
  const sessions = listSessions();
  byId("no-sessions").hidden = sessions.length > 0;
  byId("session-list").replaceChildren(...sessions.map((session) => {
    const open = button(session.title, () => openSession(session), {
      class: "session", "aria-current": session.id === sessionId ? "true" : null,
    });
    const label = word("deleteSession", { title: session.title });
    const forget = button("×", () => deleteSession(session.id), { class: "quiet forget", "aria-label": label, title: label });
    return make("li", {}, open, forget);
  }));
}

/** Delete a session on the server and here; where the server cannot, it stays, with the reason. */
async function deleteSession(id) {
  const told = byId("session-problem");
  told.textContent = "";
  try {
    await deleteOnServer(id);
  } catch (problem) {
    told.textContent = explain(problem);
    return;
  }
  forgetSession(id);
  if (id === sessionId) leave();
  listAll();
  announce("deleted");
  byId("new-session").focus();
}

function showSessions(shown) {
  document.body.classList.toggle("listing", shown);
  byId("open-sessions").setAttribute("aria-expanded", String(shown));
}

/** Examples in every language, those in the page's own first. */
function showExamples() {
  const own = (example) => Number(example.language === spoken());
  const ordered = EXAMPLES.toSorted((one, other) => own(other) - own(one));
  byId("examples").replaceChildren(...ordered.map(({ text, language, asOf }) => make("li", {}, button(text, () => {
    if (asOf) byId("as-of").value = asOf;
    showDay();
    answer(text, byId("as-of").value);
  }, { class: "example", lang: language }))));
}

function showDay() {
  byId("today").hidden = byId("as-of").value === "";
}

async function copyText(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    return false;
  }
}

function announce(key) {
  byId("announcer").textContent = word(key);
}

function setLanguage(language) {
  speak(language);
  showExamples();
  byId("interface-language").value = spoken();
  listAll();
  redrawRecord();
  redrawTimeline();
}

function listen() {
  byId("composer").addEventListener("submit", (event) => {
    event.preventDefault();
    submit();
  });
  field.addEventListener("keydown", (event) => {
    // While a Chinese input method is composing, Enter chooses a word.
    if (event.key !== "Enter" || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
  byId("stop").addEventListener("click", stop);
  byId("as-of").addEventListener("input", showDay);
  byId("today").addEventListener("click", () => {
    byId("as-of").value = "";
    showDay();
    byId("as-of").focus();
  });
  byId("new-session").addEventListener("click", newSession);
  byId("open-sessions").addEventListener("click", () => showSessions(!document.body.classList.contains("listing")));
  byId("interface-language").addEventListener("change", (event) => {
    remember("language", event.target.value);
    setLanguage(event.target.value);
  });
  byId("theme").value = document.documentElement.dataset.theme;
  byId("theme").addEventListener("change", (event) => {
    remember("theme", event.target.value);
    document.documentElement.dataset.theme = event.target.value;
    redrawTimeline();
  });
  byId("key-form").addEventListener("submit", () => holdKey(byId("key-value").value.trim()));
  document.addEventListener("keydown", (event) => {
    if (event.key !== "Escape" || document.querySelector("dialog[open]")) return;
    if (!byId("record").hidden) closeRecord();
    else if (document.body.classList.contains("listing")) showSessions(false);
    else stop();
  });
  narrow.addEventListener("change", () => showSessions(false));
}

listen();
setLanguage(firstLanguage(recall("language", ""), navigator.languages ?? [navigator.language]));
if (!narrow.matches) field.focus();
