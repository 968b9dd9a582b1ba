"use strict";
// A record holds what a coder said of a passage: {codes: {entry: 0 or 1}, voice, note, coded_at}. An entry without a
// code is open. Confirming gives it coded_at; a passage is done, counted and exported once it has that and no entry is
// open, so an entry that joins the codebook later opens all of them again.

const byId = (id) => document.getElementById(id);
const data = JSON.parse(byId("data").textContent);
const entries = Object.keys(data.entries);
const frames = entries.filter((entry) => data.entries[entry].kind === "frame");
const entryButtons = [...document.querySelectorAll("[data-entry]")];
const voiceButtons = [...document.querySelectorAll("[data-voice]")];
const KEPT = `frameshift coding ${data.digest}`;

let coder = null;
let list = []; // the coder's passages, in their order
let records = {}; // by passage_id
let place = 0;
let past = []; // [place, record before], the latest last
let unsaved = false;

// What is kept in the browser

function keep(key, value) {
  try {
    localStorage.setItem(`${KEPT} ${key}`, value);
    unsaved = false;
  } catch {
    unsaved = true;
    byId("warning").hidden = false;
  }
}

function kept(key) {
  try {
    return localStorage.getItem(`${KEPT} ${key}`);
  } catch {
    return null;
  }
}

// Coding

const recordOf = (passage) => records[passage.passage_id] ?? { codes: {}, voice: "", note: "" };
const isConfirmed = (record) => record.coded_at !== undefined && entries.every((entry) => entry in record.codes);
const isDone = (passage) => isConfirmed(recordOf(passage));
const lacksVoice = (record) => !record.voice && frames.some((frame) => record.codes[frame] === 1);

function store(passage, record) {
  records[passage.passage_id] = record;
  keep(coder, JSON.stringify(records));
}

const now = () => new Date().toISOString();

function change(edit) {
  const before = recordOf(list[place]);
  const after = structuredClone(before);
  if (isConfirmed(after)) after.coded_at = now();
  edit(after);
  past.push([place, before]);
  store(list[place], after);
  show("");
}

function toggle(entry) {
  change((record) => {
    if (record.codes[entry] !== 1) record.codes[entry] = 1;
    else if (isConfirmed(record)) record.codes[entry] = 0;
    else delete record.codes[entry];
  });
}

function say(voice) {
  change((record) => (record.voice = record.voice === voice ? "" : voice));
}

function writeNote(note) {
  const record = { ...recordOf(list[place]), note };
  if (isConfirmed(record)) record.coded_at = now();
  store(list[place], record);
}

function confirmCodes() {
  if (lacksVoice(recordOf(list[place]))) return show("Who says so? Choose own, quoted or denied.");
  if (!isDone(list[place])) {
    change((record) => {
      for (const entry of entries) record.codes[entry] ??= 0;
      record.coded_at = now();
    });
    if (list.every(isDone)) return show("All passages are coded. Export them and send the file.");
  }
  const open = (passage) => !isDone(passage);
  const later = list.findIndex((passage, i) => i > place && open(passage));
  const any = later >= 0 ? later : list.findIndex(open);
  go(any >= 0 ? any : Math.min(place + 1, list.length - 1));
}

function undo() {
  if (!past.length) return show("There is nothing to undo.");
  const [where, before] = past.pop();
  place = where;
  store(list[place], { ...before, note: recordOf(list[place]).note });
  show("Undone.");
  byId("passage").focus();
}

function go(where) {
  place = Math.max(0, Math.min(list.length - 1, where));
  show("");
  byId("passage").focus(); // so that it is read aloud, and keys work
  scrollTo(0, 0);
}

// What is seen

function show(message) {
  const passage = list[place];
  const record = recordOf(passage);
  const done = list.filter(isDone).length;
  byId("progress").max = list.length;
  byId("progress").value = done;
  byId("progress-text").textContent = `${coder}: ${done} of ${list.length} coded`;
  byId("place").textContent = `Passage ${place + 1} of ${list.length}${isDone(passage) ? ", coded" : ""}`;
  byId("passage").textContent = passage.text;
  byId("passage").lang = passage.language;
  for (const button of entryButtons) {
    const code = record.codes[button.dataset.entry];
    button.setAttribute("aria-pressed", code === 1);
    button.querySelector(".state").textContent = code === undefined ? "open" : code ? "yes" : "no";
    if (code === undefined) delete button.dataset.code;
    else button.dataset.code = code;
  }
  for (const button of voiceButtons) button.setAttribute("aria-pressed", button.dataset.voice === record.voice);
  byId("voice-title").classList.toggle("needed", lacksVoice(record));
  if (document.activeElement !== byId("note")) byId("note").value = record.note;
  const some = Object.values(record.codes).includes(1);
  byId("confirm").textContent = isDone(passage) ? "Go on" : some ? "Nothing else" : "None of these";
  byId("previous").disabled = place === 0;
  byId("next").disabled = place === list.length - 1;
  byId("undo").disabled = !past.length;
  byId("said").textContent = message;
}

// Files

function toCsv() {
  const rows = list.filter(isDone).map((passage) => {
    const record = recordOf(passage);
    const cells = { ...record.codes, ...passage, ...record, coder, note: guard(record.note), text: guard(passage.text) };
    return data.columns.map((column) => String(cells[column]));
  });
  return writeCsv([data.columns, ...rows]);
}

function exportCodes() {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(new Blob(["\ufeff", toCsv()], { type: "text/csv;charset=utf-8" }));
  link.download = `codes-${coder.replace(/[^\p{L}\p{N}]+/gu, "-")}-${data.digest.slice(0, 6)}.csv`;
  link.click();
  setTimeout(() => URL.revokeObjectURL(link.href), 60000);
  unsaved = false;
  const left = list.length - list.filter(isDone).length;
  show(`Exported as ${link.download}${left ? `; ${left} passages are not coded yet` : ""}.`);
}

function importCodes(text) {
  const rows = readCsv(text);
  const own = new Map(list.map((passage) => [passage.passage_id, passage]));
  let restored = 0;
  for (const row of rows) {
    const passage = own.get(row.passage_id);
    const whole = entries.every((entry) => row[entry] === "0" || row[entry] === "1");
    if (!passage || row.coder !== coder || !whole) continue;
    if (isDone(passage) && recordOf(passage).coded_at >= row.coded_at) continue;
    const codes = Object.fromEntries(entries.map((entry) => [entry, Number(row[entry])]));
    const voice = data.voices.includes(row.voice) ? row.voice : "";
    store(passage, { codes, voice, note: unguard(row.note), coded_at: row.coded_at });
    restored += 1;
  }
  past = [];
  const passed = rows.length - restored;
  show(`${restored} passages restored${passed ? `; ${passed} rows are not ${coder}'s, not complete, or no newer than what is here` : ""}.`);
}

// Coders, keys and buttons

function enter(name) {
  coder = name;
  list = data.orders[name].map((number) => data.passages[number]);
  records = JSON.parse(kept(name) ?? "{}");
  past = [];
  keep("last coder", name);
  byId("welcome").hidden = true;
  byId("desk").hidden = false;
  go(Math.max(0, list.findIndex((passage) => !isDone(passage))));
}

function leave() {
  keep("last coder", "");
  byId("desk").hidden = true;
  byId("welcome").hidden = false;
  byId("names").firstElementChild.focus();
}

function openHelp() {
  byId("help").showModal();
  byId("help-title").focus(); // and not the button at the end, which a phone would scroll to
}

const KEYS = {
  Enter: confirmCodes, " ": confirmCodes, u: undo, e: exportCodes, n: () => byId("note").focus(), "?": openHelp,
  ArrowLeft: () => go(place - 1), ArrowRight: () => go(place + 1),
  ...Object.fromEntries(data.voices.map((voice) => [voice[0], () => say(voice)])),
};

document.addEventListener("keydown", (event) => {
  if (byId("desk").hidden || byId("help").open || event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target === byId("note")) {
    if (event.key === "Enter" || event.key === "Escape") byId("passage").focus();
    return;
  }
  if ((event.key === "Enter" || event.key === " ") && event.target.closest("button, summary")) return; // it is pressed
  // The key's place counts as well: on a French keyboard 1 is typed with shift.
  const digit = /^[1-9]$/.exec(event.key) ?? (event.shiftKey ? null : /(?<=^Digit)[1-9]$/.exec(event.code));
  const entry = digit && entries[digit[0] - 1];
  const act = entry ? () => toggle(entry) : KEYS[event.key] ?? KEYS[event.key.toLowerCase()];
  if (!act) return;
  event.preventDefault();
  if (!event.repeat) act(); // a key that is held down must not code one passage after the other
});

function onPress(button, act) {
  button.addEventListener("click", (event) => {
    act();
    if (!event.detail || byId("desk").hidden || byId("help").open) return;
    byId("passage").focus({ preventScroll: true }); // after a click, so that Enter confirms and does not click again
  });
}

for (const name of Object.keys(data.orders)) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = name;
  button.addEventListener("click", () => enter(name));
  byId("names").append(button);
}
for (const button of entryButtons) onPress(button, () => toggle(button.dataset.entry));
for (const button of voiceButtons) onPress(button, () => say(button.dataset.voice));
onPress(byId("confirm"), confirmCodes);
onPress(byId("undo"), undo);
onPress(byId("previous"), () => go(place - 1));
onPress(byId("next"), () => go(place + 1));
onPress(byId("export"), exportCodes);
onPress(byId("import"), () => byId("file").click());
onPress(byId("help-open"), openHelp);
onPress(byId("leave"), leave);
byId("note").addEventListener("input", () => writeNote(byId("note").value));
byId("file").addEventListener("change", async () => {
  importCodes(await byId("file").files[0].text());
  byId("file").value = ""; // so that the same file can be chosen again
});
addEventListener("beforeunload", (event) => unsaved && event.preventDefault());
addEventListener("storage", (event) => {
  if (coder === null || event.key !== `${KEPT} ${coder}`) return; // another tab of the same coder
  records = JSON.parse(event.newValue ?? "{}");
  show("Codes from another tab of this page were taken over.");
});
for (const details of document.querySelectorAll("details")) details.open = matchMedia("(min-width: 56rem)").matches;
if (data.orders[kept("last coder")]) enter(kept("last coder"));
