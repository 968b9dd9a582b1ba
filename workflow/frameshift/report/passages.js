"use strict";
// Passages as a list: those behind a point of the chart, or those that a search finds.

const MOST = 50; // shown at once

/** `text` in pieces, [[piece, frames marked there]], from marks [[start, end, frame]] counted in code points. */
function cutAtMarks(text, marks) {
  const letters = Array.from(text);
  const cuts = new Set([0, letters.length]);
  for (const [start, end] of marks) cuts.add(Math.min(start, letters.length)).add(Math.min(end, letters.length));
  const places = [...cuts].sort((a, b) => a - b);
  return places.slice(1).map((end, i) => {
    const start = places[i];
    const frames = marks.filter(([from, to]) => from <= start && end <= to).map(([, , frame]) => frame);
    return [letters.slice(start, end).join(""), [...new Set(frames)]];
  });
}

/** The text of a passage, words of `strong` highlighted and those of other entries underlined. */
function showText(evidence, passage, strong) {
  const { text, marks } = evidence.passages;
  if (text[passage] === null) return make("p", { class: "soft" }, "The settings leave the text out of this page.");
  const pieces = cutAtMarks(text[passage], marks[passage] ?? []).map(([piece, frames]) => {
    if (!frames.length) return piece;
    const named = frames.map((frame) => evidence.entryNamed(frame)).join(", ");
    return make("mark", { class: frames.includes(strong) ? "strong" : "faint", title: named }, piece);
  });
  return make("p", { class: "text", dir: "auto" }, ...pieces);
}

/** Title, source and date of the passage's article, linked where its address is known. */
function showOrigin(evidence, passage) {
  const { title, source, date, url } = evidence.articles;
  const article = evidence.passages.article[passage];
  const address = webAddress(url[article]);
  const name = make("cite", { dir: "auto" }, title[article] || "Without a title");
  const link = { href: address, rel: "noopener noreferrer", target: "_blank", referrerpolicy: "no-referrer" };
  const headline = address ? make("a", link, name, make("span", { class: "unseen" }, " (opens the article’s page)")) : name;
  const from = [evidence.sources[source[article]].name, date[article] ?? "without a date"].join(", ");
  return make("p", { class: "origin" }, headline, make("br"), make("span", { dir: "auto" }, from));
}

/** Scores of one entry by measure, the compared one first: "Threat: combined 1.20, axis 0.80". */
function sayScores(evidence, passage, frame) {
  const scores = evidence.passages.score[frame] ?? {};
  const measures = Object.keys(scores).sort((a, b) => (b === evidence.measure) - (a === evidence.measure));
  const say = (measure, score) => (measure === "share" ? `probability ${Math.round(100 * score)}%` : `${measure} ${asScore(score)}`);
  const said = measures.filter((m) => typeof scores[m][passage] === "number").map((m) => say(m, scores[m][passage]));
  return `${evidence.entryNamed(frame)}: ${said.join(", ") || "no score"}`;
}

const asScore = (score) => score.toFixed(2).replace("-", "−");

function showScores(evidence, passage, frames) {
  const others = Object.keys(evidence.passages.score).filter((frame) => !frames.includes(frame));
  const first = make("p", { class: "scores" }, frames.map((frame) => sayScores(evidence, passage, frame)).join("; "));
  if (!others.length) return [first];
  const rest = others.map((frame) => make("li", {}, sayScores(evidence, passage, frame)));
  const title = frames.length ? "Scores for other frames and issues" : "Scores";
  const more = make("details", {}, make("summary", {}, title), make("ul", {}, ...rest));
  return frames.length ? [first, more] : [more];
}

/** One passage; `why` says how it was chosen, `frames` are those whose scores come first. */
function showPassage(evidence, passage, { frames, why }) {
  const badge = why ? make("p", { class: "badge" }, why) : null;
  const content = [badge, showText(evidence, passage, frames[0]), showOrigin(evidence, passage)];
  return make("li", { class: "passage" }, ...content, ...showScores(evidence, passage, frames));
}

/** Put `passages` into the list, at most MOST at first, the rest on demand. */
function listPassages(evidence, passages, describe) {
  const list = byId("passages");
  const more = byId("more");
  let shown = 0;
  const show = () => {
    const next = passages.slice(shown, shown + MOST);
    const items = next.map((passage, i) => showPassage(evidence, passage, describe(passage, shown + i)));
    list.append(...items);
    const focused = shown ? items[0] : null;
    shown += next.length;
    more.hidden = shown >= passages.length;
    more.textContent = `${(passages.length - shown).toLocaleString("en")} more: show the next ${Math.min(MOST, passages.length - shown)}`;
    focused?.setAttribute("tabindex", "-1");
    focused?.focus();
  };
  list.replaceChildren();
  more.onclick = show;
  show();
}

function setHeading(title, about) {
  byId("behind-title").textContent = title;
  byId("behind-about").textContent = about;
  byId("behind").scrollTop = 0;
}

/** What the page holds of point i: heading, estimate, passages. */
function showPoint(evidence, i) {
  const { entry, source, period, n, passages, highest } = evidence.points;
  const { frame, given, label } = evidence.entries[entry[i]];
  const where = `${evidence.sources[source[i]].name}, ${evidence.periodNamed(evidence.grainOf(i), period[i])}`;
  const kept = passages[i];
  const [high, random] = [highest[i], kept.length - highest[i]];
  const held = kept.length ? `Kept here: ${high} of the highest scored and ${random} drawn at random.` : "No passage is kept.";
  setHeading(`${label}: ${where}`, `${evidence.estimate(i)}, from ${count(n[i], "article")}. ${held}`);
  const frames = given in evidence.passages.score ? [frame, given] : [frame];
  listPassages(evidence, kept, (_, rank) => ({ frames, why: rank < high ? "Among the highest scored" : "Drawn at random" }));
  byId("said").textContent = `${label}, ${where}: ${evidence.estimate(i)}. ${count(kept.length, "passage")} shown.`;
}

// Search

const fold = (text) => text.normalize("NFKC").toLowerCase();

/** Text and title of each passage in small letters, made when first needed. */
function searchable(evidence) {
  const { text, article } = evidence.passages;
  evidence.folded ??= article.map((a, i) => fold(`${text[i] ?? ""}\n${evidence.articles.title[a] ?? ""}`));
  return evidence.folded;
}

/** The passages that are among the highest scored at some point of an entry. */
function highestOf(evidence, entry) {
  evidence.highestSets ??= new Map();
  if (!evidence.highestSets.has(entry)) {
    const { entry: entries, passages, highest } = evidence.points;
    const found = new Set();
    entries.forEach((e, i) => e === entry && passages[i].slice(0, highest[i]).forEach((passage) => found.add(passage)));
    evidence.highestSets.set(entry, found);
  }
  return evidence.highestSets.get(entry);
}

/** Numbers of the passages that have all `words` (in text or title), of a source and an entry where these are given. */
function search(evidence, { words, entry, source }) {
  const wanted = fold(words).split(/\s+/).filter(Boolean);
  const folded = searchable(evidence);
  const among = entry === null ? null : highestOf(evidence, entry);
  const found = [];
  for (let i = 0; i < evidence.passageCount; i += 1) {
    if (among && !among.has(i)) continue;
    if (source !== null && evidence.articles.source[evidence.passages.article[i]] !== source) continue;
    if (wanted.every((word) => folded[i].includes(word))) found.push(i);
  }
  const scores = entry === null ? null : evidence.passages.score[evidence.entries[entry].frame]?.[evidence.measure];
  if (scores) found.sort((a, b) => (scores[b] ?? -Infinity) - (scores[a] ?? -Infinity));
  return found;
}

const chosen = (id) => (byId(id).value === "" ? null : Number(byId(id).value));

function showFound(evidence) {
  const [words, entry, source] = [byId("search-words").value, chosen("search-entry"), chosen("search-source")];
  const found = search(evidence, { words, entry, source });
  const limits = [
    words.trim() && `with “${words.trim()}”`,
    entry === null ? "" : `among the highest of ${evidence.entries[entry].label}`,
    source === null ? "" : `from ${evidence.sources[source].name}`,
  ].filter(Boolean);
  const total = count(evidence.passageCount, "passage");
  setHeading("Passages found", `${count(found.length, "passage")} ${limits.join(", ")}, of the ${total} kept in this page.`);
  const frames = entry === null ? [] : [evidence.entries[entry].frame];
  listPassages(evidence, found, () => ({ frames, why: null }));
  byId("said").textContent = `${count(found.length, "passage")} found.`;
}

/** Make the search form work; `onSearch` is called when results replace what the list showed. */
function startSearch(evidence, onSearch) {
  evidence.entries.forEach((entry, i) => byId("search-entry").append(make("option", { value: i }, entry.label)));
  evidence.sources.forEach((source, i) => {
    if (i && !source.group) byId("search-source").append(make("option", { value: i }, source.name));
  });
  const run = () => {
    onSearch();
    showFound(evidence);
  };
  let waiting = null;
  byId("search-words").addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(run, 250);
  });
  byId("search-entry").addEventListener("change", run);
  byId("search-source").addEventListener("change", run);
  byId("search").addEventListener("submit", (event) => {
    event.preventDefault();
    clearTimeout(waiting);
    run();
  });
}
