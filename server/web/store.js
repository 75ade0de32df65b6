// What this browser remembers: preferences, and its own sessions. Nothing breaks where storage is refused.

const SESSIONS = "hkva.sessions";
const KEPT = 50;

/** A remembered preference, or `fallback`. */
export function recall(name, fallback) {
  try {
    return localStorage.getItem(`hkva.${name}`) ?? fallback;
  } catch {
    return fallback;
  }
}

/** Remember a preference. */
export function remember(name, value) {
  try {
    localStorage.setItem(`hkva.${name}`, value);
  } catch {
    // Storage is full or refused: the preference holds for this page only.
  }
}

/** The sessions `{id, title, turns: [{question, asOf, answer}]}`, newest first. */
export function listSessions() {
  try {
    const held = JSON.parse(localStorage.getItem(SESSIONS) ?? "[]");
    return Array.isArray(held) ? held.filter((one) => typeof one?.id === "string" && Array.isArray(one.turns)) : [];
  } catch {
    return [];
  }
}

/** Add a finished turn to the session that was `formerId` (null: a new one) and is now `sessionId`; it becomes the newest. */
export function keepTurn(formerId, sessionId, turn) {
  const sessions = listSessions();
  const session = sessions.find((one) => one.id === formerId) ?? { title: turn.question, turns: [] };
  const others = sessions.filter((one) => one !== session && one.id !== sessionId);
  save([{ ...session, id: sessionId, turns: [...session.turns, turn] }, ...others].slice(0, KEPT));
}

/** Forget a session in this browser. */
export function forgetSession(sessionId) {
  save(listSessions().filter((one) => one.id !== sessionId));
}

function save(sessions) {
  // Where the space is used up the oldest sessions make room.
  for (let kept = sessions; ; kept = kept.slice(0, -1)) {
    try {
      localStorage.setItem(SESSIONS, JSON.stringify(kept));
      return;
    } catch {
      if (kept.length === 0) return;
    }
  }
}

/** The access key of this tab, where the server wants one. */
export const heldKey = () => {
  try {
    return sessionStorage.getItem("hkva.key") ?? "";
  } catch {
    return "";
  }
};

/** Hold an access key until the tab is closed. */
export const holdKey = (key) => {
  try {
    sessionStorage.setItem("hkva.key", key);
  } catch {
    // Without storage the key is asked for again.
  }
};
