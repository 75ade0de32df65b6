// What the page says, in three scripts. Each row: English, Simplified, Traditional.

const ROWS = {
  title: ["Hong Kong virtual-asset policy", "香港虚拟资产政策", "香港虛擬資產政策"],
  skip: ["Skip to the question", "跳到提问栏", "跳到提問欄"],
  tools: ["Tools", "工具", "工具"],
  interfaceLanguage: ["Language of this page", "界面语言", "介面語言"],
  theme: ["Colours", "配色", "配色"],
  themeAuto: ["System", "跟随系统", "跟隨系統"],
  themeLight: ["Light", "浅色", "淺色"],
  themeDark: ["Dark", "深色", "深色"],
  timeline: ["Timeline", "时间线", "時間線"],
  topic: ["Topic", "主题", "主題"],
  timelineAlt: ["Timeline picture; the same records are listed below.", "时间线图；下方列出相同纪录。", "時間線圖；下方列出相同紀錄。"],
  timelineEmpty: ["No dated record on this topic.", "此主题没有纪录。", "此主題沒有紀錄。"],
  allRecords: ["All records of this topic", "此主题的全部纪录", "此主題的全部紀錄"],
  undated: ["undated", "无日期", "無日期"],
  sessions: ["Conversations", "对话", "對話"],
  newSession: ["New conversation", "新对话", "新對話"],
  noSessions: ["None yet.", "暂时没有。", "暫時沒有。"],
  sessionsHint: ["Listed in this browser only. Deleting one deletes it on the server too.", "只在这个浏览器列出；删除时服务器上的也一并删除。", "只在這個瀏覽器列出；刪除時伺服器上的也一併刪除。"],
  deleteSession: ["Delete “{title}”", "删除「{title}」", "刪除「{title}」"],
  deleted: ["Deleted.", "已删除。", "已刪除。"],
  conversation: ["Conversation", "对话", "對話"],
  welcome: ["What does the rule say, and since when?", "规则怎么说？何时起生效？", "規則怎麼說？何時起生效？"],
  welcomeText: [
    "Answers quote dated records of Hong Kong’s virtual-asset rules: what is in force, what was replaced, what is only proposed. Every statement can be opened and checked.",
    "答案引用香港虚拟资产规则的有日期纪录：哪些生效中、哪些已被取代、哪些仍是建议。每句话都可以打开出处核对。",
    "答案引用香港虛擬資產規則的有日期紀錄：哪些生效中、哪些已被取代、哪些仍是建議。每句話都可以打開出處核對。",
  ],
  examples: ["For example", "例如", "例如"],
  ask: ["Your question", "你的问题", "你的問題"],
  askPlaceholder: ["Ask about licensing, stablecoins, custody, tokenised products…", "就发牌、稳定币、托管、代币化产品等提问……", "就發牌、穩定幣、託管、代幣化產品等提問……"],
  asOf: ["As of", "截至", "截至"],
  today: ["Today", "今天", "今天"],
  answerIn: ["Answer in", "回答语言", "回答語言"],
  answerAuto: ["Auto", "按问题的语言", "按問題的語言"],
  send: ["Ask", "提问", "提問"],
  stop: ["Stop", "停止", "停止"],
  keys: ["Enter sends, Shift+Enter starts a new line.", "Enter发送，Shift+Enter换行。", "Enter傳送，Shift+Enter換行。"],
  notAdvice: ["This is not legal advice.", "内容不构成法律意见。", "內容不構成法律意見。"],
  you: ["You asked", "你问", "你問"],
  answer: ["Answer", "答案", "答案"],
  searching: ["Searching the records…", "正在检索纪录……", "正在檢索紀錄……"],
  writing: ["{n} records found; writing…", "找到{n}项纪录，正在作答……", "找到{n}項紀錄，正在作答……"],
  done: ["The answer is complete.", "回答完毕。", "回答完畢。"],
  stopped: ["Stopped. What stands above is incomplete.", "已停止。以上内容不完整。", "已停止。以上內容不完整。"],
  asOfDay: ["As of {on}", "截至{on}", "截至{on}"],
  madeWith: ["{model}, library {library}", "{model}，资料库 {library}", "{model}，資料庫 {library}"],
  outcome_insufficient: ["The records do not answer this", "纪录不足以回答", "紀錄不足以回答"],
  outcome_off_topic: ["Outside what the records cover", "不在纪录范围之内", "不在紀錄範圍之內"],
  outcome_unclear: ["The question is not clear yet", "问题尚未明确", "問題尚未明確"],
  sources: ["Sources", "出处", "出處"],
  notes: ["Please note", "请注意", "請注意"],
  note_superseded: ["Superseded", "已被取代", "已被取代"],
  note_proposed: ["Proposal", "建议", "建議"],
  note_not_yet: ["Not yet in force", "尚未生效", "尚未生效"],
  note_lapsed: ["Lapsed", "已失效", "已失效"],
  note_disputed: ["Sources differ", "说法不一", "說法不一"],
  note_low_confidence: ["Uncertain", "把握不大", "把握不大"],
  note_as_of: ["Date", "日期", "日期"],
  note_changed_since: ["Changed since", "其后有变", "其後有變"],
  note_not_found: ["Not found", "未找到", "未找到"],
  note_model_failed: ["Without the model", "未用模型", "未用模型"],
  note_other: ["Note", "备注", "備註"],
  openCitation: ["Source {n}: {title}", "出处{n}：{title}", "出處{n}：{title}"],
  official: ["official", "官方", "官方"],
  notOfficial: ["not official", "非官方", "非官方"],
  standing_in_force: ["In force", "生效中", "生效中"],
  standing_not_yet: ["Not yet in force", "尚未生效", "尚未生效"],
  standing_superseded: ["Superseded", "已被取代", "已被取代"],
  standing_proposed: ["Proposed", "建议", "建議"],
  standing_lapsed: ["Lapsed", "已失效", "已失效"],
  standing_event: ["Event", "事件", "事件"],
  standing_document: ["Document", "文件", "文件"],
  copy: ["Copy with sources", "连同出处复制", "連同出處複製"],
  copied: ["Copied.", "已复制。", "已複製。"],
  copyFailed: ["The browser did not allow copying.", "浏览器不允许复制。", "瀏覽器不允許複製。"],
  topicTimeline: ["Timeline of this topic", "此主题的时间线", "此主題的時間線"],
  helpful: ["Helpful", "有用", "有用"],
  unhelpful: ["Not helpful", "没用", "沒用"],
  thanks: ["Thank you, noted.", "多谢，已记录。", "多謝，已記錄。"],
  comment: ["What should be better? (optional)", "有什么要改善？（可不填）", "有什麼要改善？（可不填）"],
  sendComment: ["Send comment", "送出意见", "送出意見"],
  record: ["Record", "纪录", "紀錄"],
  close: ["Close", "关闭", "關閉"],
  back: ["Back", "返回", "返回"],
  loading: ["Opening the record…", "正在打开纪录……", "正在打開紀錄……"],
  statement: ["What the record says", "纪录内容", "紀錄內容"],
  sourceText: ["Text we hold of this document", "我们持有的文件内容", "我們持有的文件內容"],
  quoteGone: ["The quoted words are not in this record any more; it has changed since the answer.", "纪录在回答之后已有更改，引文不再存在。", "紀錄在回答之後已有更改，引文不再存在。"],
  authority: ["Authority", "机构", "機構"],
  instrument: ["Instrument", "文件", "文件"],
  publisher: ["Publisher", "发布者", "發佈者"],
  published: ["Published", "发布日期", "發佈日期"],
  inForceFrom: ["In force from", "生效日期", "生效日期"],
  inForceTo: ["No longer from", "失效日期", "失效日期"],
  overFrom: ["Overtaken from", "被取代日期", "被取代日期"],
  confidence: ["Confidence", "可信度", "可信度"],
  confidence_high: ["high", "高", "高"],
  confidence_medium: ["medium", "中", "中"],
  confidence_low: ["low", "低", "低"],
  supersedes: ["Replaces", "取代", "取代"],
  supersededBy: ["Replaced by", "被取代", "被取代"],
  evidence: ["Rests on", "依据", "依據"],
  disputes: ["Another source says otherwise", "另有说法", "另有說法"],
  openOriginal: ["Open the original document", "打开原文", "打開原文"],
  newTab: ["opens in a new tab", "在新分页打开", "在新分頁打開"],
  openSource: ["Read the source", "查看来源", "查看來源"],
  error_unreachable: ["The server cannot be reached. Check the connection, then try again.", "无法连接服务器。请检查网络后再试。", "無法連接伺服器。請檢查網絡後再試。"],
  error_cut_off: ["The answer was cut off before its end. Ask again.", "回答中途断开。请再问一次。", "回答中途斷開。請再問一次。"],
  error_401: ["The server needs an access key.", "服务器需要存取密钥。", "伺服器需要存取密鑰。"],
  error_403: ["This access key does not allow that.", "此密钥没有这项权限。", "此密鑰沒有這項權限。"],
  error_404: ["This record is not held.", "没有这项纪录。", "沒有這項紀錄。"],
  error_422: ["The question could not be taken as it is: {detail}", "问题未能接受：{detail}", "問題未能接受：{detail}"],
  error_429: ["Too many questions at once. Try again in {seconds} seconds.", "提问太频密。请在{seconds}秒后再试。", "提問太頻密。請在{seconds}秒後再試。"],
  error_503: ["The server is not ready: {detail}", "服务器未就绪：{detail}", "伺服器未就緒：{detail}"],
  error_other: ["Something went wrong: {detail}", "出了问题：{detail}", "出了問題：{detail}"],
  retry: ["Try again", "再试", "再試"],
  keyTitle: ["Access key", "存取密钥", "存取密鑰"],
  keyText: ["This server asks for a key. It is held for this tab only.", "此服务器需要密钥；只在这个分页保留。", "此伺服器需要密鑰；只在這個分頁保留。"],
  keyLabel: ["Key", "密钥", "密鑰"],
  keySave: ["Use this key", "使用", "使用"],
};

const COLUMNS = { en: 0, "zh-Hans": 1, "zh-Hant": 2 };
export const LANGUAGES = Object.keys(COLUMNS);

/** Questions shown on an empty page, with the language that each is in and the date that it asks about. */
export const EXAMPLES = [
  { text: "Is there a licence for OTC dealers?", language: "en" },
  { text: "Since when has the Stablecoins Ordinance been in force?", language: "en" },
  { text: "稳定币发行人要多少资本？", language: "zh-Hans" },
  { text: "稳定币持有人多久可以赎回？", language: "zh-Hans" },
  { text: "持牌平台最少要幾多繳足股本？", language: "zh-Hant" },
  { text: "2023年底時，穩定幣發行人需要領牌嗎？", language: "zh-Hant", asOf: "2023-12-31" },
];

let language = "en";

/** The language that the page speaks. */
export const spoken = () => language;

/** A phrase in the page's language, its `{names}` filled in; a key without a row gives `fallback`. */
export function word(key, values = {}, fallback = key) {
  const row = ROWS[key];
  const text = row ? row[COLUMNS[language]] : fallback;
  return text.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Speak another language: every element that names its phrase is filled anew. */
export function speak(chosen) {
  language = LANGUAGES.includes(chosen) ? chosen : "en";
  document.documentElement.lang = language;
  document.title = word("title");
  refill(document);
}

/** Fill the elements below `root` that name their phrases. */
export function refill(root) {
  for (const element of root.querySelectorAll("[data-word]")) {
    element.textContent = word(element.dataset.word, { ...element.dataset });
  }
  for (const element of root.querySelectorAll("[data-label]")) {
    element.setAttribute("aria-label", word(element.dataset.label, { ...element.dataset }));
  }
  for (const element of root.querySelectorAll("[data-placeholder]")) {
    element.setAttribute("placeholder", word(element.dataset.placeholder));
  }
}

/** The language to begin with: the one chosen before, else the nearest to the browser's. */
export function firstLanguage(remembered, preferred) {
  if (LANGUAGES.includes(remembered)) return remembered;
  for (const tag of preferred) {
    if (/^zh\b.*\b(hant|hk|tw|mo)\b/i.test(tag) || /^yue\b/i.test(tag)) return "zh-Hant";
    if (/^zh\b/i.test(tag)) return "zh-Hans";
    if (/^en\b/i.test(tag)) return "en";
  }
  return "en";
}

/** What went wrong, in plain words. */
export function explain(problem) {
  const values = { detail: problem.message, seconds: problem.retryAfter ?? 10 };
  const key = problem.status === 0 ? `error_${problem.code}` : `error_${problem.status}`;
  return word(ROWS[key] ? key : "error_other", values);
}
