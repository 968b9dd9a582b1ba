"use strict";
// What a reader turns: frame, period, sources, and the point whose passages are shown.

/** The explorer: what is chosen, drawn anew whenever it changes. `draw` comes once the charting library is there. */
class Explorer {
  constructor(evidence) {
    this.evidence = evidence;
    this.choice = new Choice(evidence);
    this.drawing = null;
  }

  start() {
    const { evidence, choice } = this;
    fillSelect("entry", evidence.entries.map(({ label }, i) => [i, label]));
    fillSelect("grain", evidence.grains.map((grain) => [grain, grain === WHOLE ? "the whole span" : grain]));
    byId("grain-field").hidden = evidence.grains.length === 1;
    byId("left-out").textContent = evidence.left_out;
    byId("entry").addEventListener("change", () => this.change(() => (choice.entry = Number(byId("entry").value))));
    byId("grain").addEventListener("change", () => this.change(() => this.setGrain(byId("grain").value)));
    byId("point").addEventListener("submit", (event) => {
      event.preventDefault();
      this.open({ source: Number(byId("point-source").value), period: byId("point-period").value }, true);
    });
    byId("earlier").addEventListener("click", () => this.move(-1));
    byId("later").addEventListener("click", () => this.move(1));
    byId("chart").addEventListener("keydown", (event) => this.press(event));
    byId("numbers").addEventListener("toggle", () => this.listNumbers());
    startSearch(evidence, () => this.close());
    this.listSources();
    this.update();
    this.open(this.firstPoint(), false);
  }

  /** What is open at first: of the first source drawn the latest period with an interval, or else the latest. */
  firstPoint() {
    const { choice, evidence } = this;
    const source = [...choice.sources][0];
    const line = choice.line(source).filter((point) => point !== null);
    const i = line.findLast((point) => evidence.points.low[point] !== null) ?? line.at(-1);
    return { source, period: i === undefined ? null : evidence.points.period[i] };
  }

  change(edit) {
    edit();
    this.update();
    if (this.choice.point) this.open(this.choice.point, false);
  }

  setGrain(grain) {
    const { choice } = this;
    const before = choice.pointNumber();
    choice.grain = grain;
    if (before === undefined || before === null) return;
    const start = this.evidence.points.start[before] ?? "";
    const periods = this.evidence.periods(grain).filter(Boolean);
    const next = periods.findLast((period) => period.start <= start) ?? periods[0]; // the one that holds it
    choice.point = next ? { source: choice.point.source, period: next.period } : null;
  }

  /** Everything that follows from the choice: heading, menus, chart, table. */
  update() {
    const { evidence, choice } = this;
    const { label } = evidence.entries[choice.entry];
    const over = choice.grain === WHOLE ? "over the whole span" : `by ${choice.grain}`;
    byId("chart-title").textContent = `${label}, ${over}`;
    const sources = evidence.sources.map(({ name }, i) => [i, name]).filter(([i]) => evidence.drawable.has(i));
    fillSelect("point-source", sources, choice.point?.source);
    this.fillPeriods();
    for (const id of ["earlier", "later", "period-field"]) byId(id).hidden = choice.grain === WHOLE;
    this.redraw();
    this.listNumbers();
  }

  fillPeriods() {
    const { evidence, choice } = this;
    const periods = evidence.periods(choice.grain).filter(Boolean);
    fillSelect("point-period", periods.map(({ period }) => [period, period]), choice.point?.period);
  }

  /** Draw, after a drawing that is under way; Plotly may not be there yet. */
  redraw() {
    if (!window.Plotly) return;
    this.drawing = drawChart(this.choice).then((chart) => {
      if (!chart.listens) {
        chart.listens = true;
        chart.on("plotly_click", (event) => this.click(event, chart));
      }
      chart.dataset.drawn = String(Number(chart.dataset.drawn ?? 0) + 1);
    });
  }

  click(event, chart) {
    const point = nearestClicked(event, chart);
    if (!point) return;
    const { evidence, choice } = this;
    const source = point.data.meta;
    const start = choice.grain === WHOLE ? "" : evidence.periods(choice.grain)[point.pointIndex].start;
    const period = evidence.periods(choice.grain).find((p) => p?.start === start).period;
    this.open({ source, period }, false);
    const box = byId("behind");
    if (box.getBoundingClientRect().top > innerHeight - 80) box.scrollIntoView({ block: "start" }); // stacked, out of sight
  }

  /** Show the passages behind a point, and its ring; `focus` moves the keyboard there. */
  open(point, focus) {
    const { evidence, choice } = this;
    choice.point = point;
    const i = choice.pointNumber();
    if (i === undefined || i === null) this.tellNothing(point);
    else showPoint(evidence, i);
    byId("point-source").value = String(point.source);
    if (point.period !== null) byId("point-period").value = point.period;
    this.redraw();
    if (focus) byId("behind-title").focus();
  }

  tellNothing({ source, period }) {
    const name = this.evidence.sources[source].name;
    setHeading(`${this.evidence.entries[this.choice.entry].label}: ${name}`, `No estimate of ${name} in ${period ?? "any period"}.`);
    listPassages(this.evidence, [], () => ({}));
    byId("said").textContent = byId("behind-about").textContent;
  }

  /** Search results take the place of a point's passages. */
  close() {
    if (this.choice.point === null) return;
    this.choice.point = null;
    this.redraw();
  }

  /** The period before or after, passing over those without an estimate. */
  move(step) {
    const { evidence, choice } = this;
    const point = choice.point ?? { source: Number(byId("point-source").value), period: byId("point-period").value };
    const periods = evidence.periods(choice.grain).filter(Boolean);
    let at = periods.findIndex(({ period }) => period === point.period) + step;
    while (periods[at] && evidence.find(choice.entry, choice.grain, point.source, periods[at].period) === undefined) at += step;
    if (periods[at]) this.open({ source: point.source, period: periods[at].period }, false);
    else byId("said").textContent = step < 0 ? "There is no earlier period." : "There is no later period.";
  }

  /** The source drawn above or below in the list. */
  turn(step) {
    const { choice } = this;
    const rows = [...choice.sources].sort((a, b) => a - b);
    const point = choice.point ?? { source: rows[0], period: byId("point-period").value };
    const next = rows[rows.indexOf(point.source) + step];
    if (next !== undefined) this.open({ source: next, period: point.period }, false);
  }

  press(event) {
    const moves = { ArrowLeft: () => this.move(-1), ArrowRight: () => this.move(1), ArrowUp: () => this.turn(-1), ArrowDown: () => this.turn(1) };
    if (!(event.key in moves) || event.ctrlKey || event.metaKey || event.altKey) {
      if (event.key === "Enter") byId("behind-title").focus();
      return;
    }
    event.preventDefault();
    moves[event.key]();
  }

  /** A checkbox for each source, with the line it has in the chart. */
  listSources() {
    const { evidence } = this;
    const styles = styleSources(evidence.sources, readTheme());
    const drawable = evidence.sources.map((_, i) => i).filter((i) => evidence.drawable.has(i));
    const boxes = drawable.map((i) => this.makeBox(evidence.sources[i], i, styles[i]));
    byId("sources").replaceChildren(...boxes.slice(0, LISTED));
    const rest = byId("more-sources");
    rest.hidden = boxes.length <= LISTED;
    rest.querySelector("div").replaceChildren(...boxes.slice(LISTED));
    rest.querySelector("summary").textContent = count(Math.max(0, boxes.length - LISTED), "more source");
  }

  makeBox({ name, n, group }, i, { colour, dash }) {
    const box = make("input", { type: "checkbox", value: i });
    box.checked = this.choice.sources.has(i);
    box.addEventListener("change", () => {
      if (box.checked) this.choice.sources.add(i);
      else this.choice.sources.delete(i);
      this.update();
    });
    const about = make("span", { class: "soft" }, ` ${n.toLocaleString("en")}${group ? ", group" : ""}`);
    return make("label", { class: "choice" }, box, drawKey(colour, dash), make("span", { dir: "auto" }, name), about);
  }

  /** The chart as a table, whose cells open the passages; filled only while it is open. */
  listNumbers() {
    const { evidence, choice } = this;
    const holder = byId("numbers").querySelector("div");
    if (!byId("numbers").open) return holder.replaceChildren();
    const rows = [...choice.sources].sort((a, b) => a - b);
    const heads = ["Period", ...rows.map((source) => evidence.sources[source].name)];
    const head = make("tr", {}, ...heads.map((text) => make("th", { scope: "col" }, text)));
    const body = evidence.periods(choice.grain).filter(Boolean).map(({ period }) => {
      const cells = rows.map((source) => make("td", {}, this.makeCell(source, period)));
      return make("tr", {}, make("th", { scope: "row" }, evidence.periodNamed(choice.grain, period)), ...cells);
    });
    const caption = make("caption", {}, `${evidence.unit.axis}; 95% intervals in brackets; n articles`);
    return holder.replaceChildren(make("table", {}, caption, make("thead", {}, head), make("tbody", {}, ...body)));
  }

  makeCell(source, period) {
    const { evidence, choice } = this;
    const i = evidence.find(choice.entry, choice.grain, source, period);
    if (i === undefined || evidence.points.estimate[i] === null) return "–";
    const { estimate, low, high, n } = evidence.points;
    const interval = low[i] === null ? "" : ` (${evidence.number(low[i])} to ${evidence.number(high[i])})`;
    const said = `${evidence.number(estimate[i])}${interval}, n ${n[i].toLocaleString("en")}`;
    const button = make("button", { type: "button", class: "plain" }, said);
    button.addEventListener("click", () => this.open({ source, period }, true));
    return button;
  }
}

/** A short line as the chart draws it. */
function drawKey(colour, dash) {
  const svg = (tag, attributes) => {
    const element = document.createElementNS("http://www.w3.org/2000/svg", tag);
    for (const [name, value] of Object.entries(attributes)) element.setAttribute(name, value);
    return element;
  };
  const line = { x1: 0, y1: 4, x2: 30, y2: 4, stroke: colour, "stroke-width": 3 };
  if (dash !== "solid") line["stroke-dasharray"] = dash.replaceAll("px", "");
  const key = svg("svg", { class: "key", viewBox: "0 0 30 8", "aria-hidden": "true" });
  key.append(svg("line", line));
  return key;
}

function fillSelect(id, options, value) {
  const select = byId(id);
  const kept = value ?? select.value;
  select.replaceChildren(...options.map(([key, text]) => make("option", { value: key }, text)));
  if (options.some(([key]) => String(key) === String(kept))) select.value = String(kept);
}
