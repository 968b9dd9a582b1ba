"use strict";
// What the page keeps inside itself, compressed: unpacked here, given an index, and put into words. Whatever comes from
// the corpus reaches the page as text (textContent, or escaped where the charting library takes markup), never as markup.

const byId = (id) => document.getElementById(id);
const WHOLE = "all"; // the grain, and the period, of the whole span

/** An element with text and attributes; no attribute is made of null. */
function make(tag, attributes = {}, ...children) {
  const element = document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== null && value !== undefined) element.setAttribute(name, value);
  }
  element.append(...children.filter((child) => child !== null));
  return element;
}

/** The text of base64 of gzip. */
async function unpack(base64) {
  if (!("DecompressionStream" in window)) throw new Error("This browser cannot unpack what the page holds.");
  const binary = atob(base64.trim());
  const bytes = new Uint8Array(binary.length);
  for (let i = 0; i < bytes.length; i += 1) bytes[i] = binary.charCodeAt(i);
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream("gzip"));
  return new Response(stream).text();
}

/** Text that the charting library shows as it is, though it knows some HTML. */
const asPlain = (text) => String(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");

const shorten = (text, most) => ([...text].length > most ? `${[...text].slice(0, most - 1).join("")}…` : text);

const count = (n, one, many = `${one}s`) => `${n.toLocaleString("en")} ${n === 1 ? one : many}`;

/** A link that can be followed, or null: only http and https. */
function webAddress(url) {
  try {
    return ["http:", "https:"].includes(new URL(url).protocol) ? url : null;
  } catch {
    return null;
  }
}

/** The evidence with an index of its points and with what it says in words. */
class Evidence {
  constructor(data) {
    Object.assign(this, data);
    this.grains = [...data.grains, WHOLE];
    this.at = new Map(); // "entry grain source period" → number of the point
    this.starts = new Map(); // grain → {period: start}
    this.ordered = new Map(); // grain → its periods in their order
    this.drawable = new Set(data.points.source); // sources that have any point
    data.points.entry.forEach((entry, i) => this.addPoint(entry, i));
    this.passageCount = data.passages.article.length;
  }

  addPoint(entry, i) {
    const { source, period, start } = this.points;
    const name = this.grainOf(i);
    this.at.set(`${entry} ${name} ${source[i]} ${period[i]}`, i);
    if (!this.starts.has(name)) this.starts.set(name, new Map());
    this.starts.get(name).set(period[i], start[i] ?? "");
  }

  /** The grain of a point, which the file gives by name or by its number. */
  grainOf(i) {
    const grain = this.points.grain[i];
    return typeof grain === "number" ? this.grains[grain] : grain;
  }

  find(entry, grain, source, period) {
    return this.at.get(`${entry} ${grain} ${source} ${period}`);
  }

  /** The periods of a grain in their order, with null where the calendar has a gap, at which lines break. */
  periods(grain) {
    if (!this.ordered.has(grain)) this.ordered.set(grain, this.orderPeriods(grain));
    return this.ordered.get(grain);
  }

  orderPeriods(grain) {
    const known = [...(this.starts.get(grain) ?? [])].map(([period, start]) => ({ period, start }));
    known.sort((a, b) => (a.start < b.start ? -1 : a.start > b.start ? 1 : 0));
    const longest = { week: 8, month: 32, quarter: 93, year: 367 }[grain] ?? Infinity;
    return known.flatMap((here, i) => {
      const days = i ? (Date.parse(here.start) - Date.parse(known[i - 1].start)) / 86_400_000 : 0;
      return days > longest ? [null, here] : [here];
    });
  }

  number(value) {
    const { factor, digits } = this.unit;
    return value === null ? "–" : (value * factor).toFixed(digits).replace("-", "−");
  }

  withUnit(text) {
    return this.unit.short === "%" ? `${text}%` : `${text} ${this.unit.short}`;
  }

  /** "0.31 sd (95% interval 0.20 to 0.42)" of point i. */
  estimate(i) {
    const { estimate, low, high } = this.points;
    if (estimate[i] === null) return "no estimate";
    const said = this.withUnit(this.number(estimate[i]));
    if (low[i] === null || high[i] === null) return `${said} (too few articles for an interval)`;
    return `${said} (95% interval ${this.number(low[i])} to ${this.number(high[i])})`;
  }

  entryNamed(frame) {
    return this.entries.find((entry) => entry.frame === frame && entry.given === null)?.label ?? frame;
  }

  periodNamed(grain, period) {
    return grain === WHOLE ? "the whole span" : period;
  }
}
