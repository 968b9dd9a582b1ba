"use strict";
// The interactive chart: a line and a band a source over time, or a dot a source where there is no time.

const LARGEST = 3; // sources drawn at first, beside all together
const LISTED = 12; // sources shown before "more"

// Colours: those of the figures, as far as they can be seen on the page's paper

const brightness = (parts) => {
  const [r, g, b] = parts.map((c) => (c / 255 <= 0.04045 ? c / 255 / 12.92 : ((c / 255 + 0.055) / 1.055) ** 2.4));
  return 0.2126 * r + 0.7152 * g + 0.0722 * b;
};
const partsOf = (colour) => [1, 3, 5].map((i) => parseInt(colour.slice(i, i + 2), 16));
const contrast = (a, b) => {
  const [dark, light] = [brightness(a), brightness(b)].sort((x, y) => x - y);
  return (light + 0.05) / (dark + 0.05);
};

/** What the page's style says of its colours now, light or dark. */
function readTheme() {
  const style = getComputedStyle(document.documentElement);
  const long = (colour) => (colour.length === 4 ? colour.replaceAll(/[0-9a-f]/gi, "$&$&") : colour);
  const read = (name) => long(style.getPropertyValue(name).trim());
  return { ink: read("--ink"), soft: read("--soft"), paper: read("--paper"), line: read("--line"), card: read("--card") };
}

/** `colour`, moved towards the ink until it stands out from the paper, as a line or, with `least` 4.5, as text. */
function seen(colour, theme, least = null) {
  const [from, ink, paper] = [colour, theme.ink, theme.paper].map(partsOf);
  if (contrast(from, partsOf("#1a1a1a")) < 1.1) return theme.ink; // all sources together
  if (Math.max(...from) - Math.min(...from) < 8) return theme.soft; // sources without a colour of their own
  least ??= brightness(paper) > 0.5 ? 2 : 3.5; // on white the colours of the figures are kept
  for (let share = 0; share < 1; share += 0.05) {
    const mixed = from.map((part, i) => Math.round(part + share * (ink[i] - part)));
    if (contrast(mixed, paper) >= least) return `#${mixed.map((part) => part.toString(16).padStart(2, "0")).join("")}`;
  }
  return theme.ink;
}

const clear = (colour, opacity) => `rgba(${partsOf(colour).join(",")},${opacity})`;

const SHARED_DASHES = ["solid", "2px,2px", "7px,3px", "8px,3px,2px,3px", "14px,4px"]; // for sources that share a colour

/** How each source is drawn: {colour, dash}; of sources that share a colour, each has another dash. */
function styleSources(sources, theme) {
  const met = new Map();
  return sources.map(({ colour, dash }) => {
    const before = met.get(colour) ?? 0;
    met.set(colour, before + 1);
    const shared = sources.filter((source) => source.colour === colour).length > 1;
    return { colour: seen(colour, theme), dash: shared ? SHARED_DASHES[before % SHARED_DASHES.length] : dash || "solid" };
  });
}

// What is chosen

class Choice {
  constructor(evidence) {
    this.evidence = evidence;
    this.entry = 0;
    this.grain = evidence.grains[0];
    const ranked = evidence.sources.map((_, i) => i).filter((i) => !evidence.sources[i].group && evidence.drawable.has(i));
    this.sources = new Set(ranked.slice(0, LARGEST + 1));
    this.point = null; // {source, period}
  }

  /** Numbers of the points of a source in the order of periods; null where there is none. */
  line(source) {
    const { evidence, entry, grain } = this;
    return evidence.periods(grain).map((period) => (period ? (evidence.find(entry, grain, source, period.period) ?? null) : null));
  }

  /** The number of the point that is open, if the entry has it. */
  pointNumber() {
    return this.point && this.evidence.find(this.entry, this.grain, this.point.source, this.point.period);
  }
}

// The chart

const say = (evidence, i, name) => `${asPlain(shorten(name, 40))}: ${evidence.number(evidence.points.estimate[i])}${
  evidence.points.low[i] === null ? "" : ` (${evidence.number(evidence.points.low[i])} to ${evidence.number(evidence.points.high[i])})`
}, n = ${evidence.points.n[i].toLocaleString("en")}`;

/** The band of a line as closed outlines, one a stretch of periods that all have an interval. */
function traceBand(evidence, xs, line) {
  const { low, high, estimate, factor = evidence.unit.factor } = evidence.points;
  const outline = { x: [], y: [] };
  let run = [];
  const close = () => {
    const back = [...run].reverse();
    if (run.length > 1) {
      outline.x.push(...run.map((k) => xs[k]), ...back.map((k) => xs[k]), xs[run[0]], null);
      const edge = (ks, ends) => ks.map((k) => ends[line[k]] * factor);
      outline.y.push(...edge(run, high), ...edge(back, low), high[line[run[0]]] * factor, null);
    }
    run = [];
  };
  line.forEach((i, k) => (i !== null && estimate[i] !== null && low[i] !== null && high[i] !== null ? run.push(k) : close()));
  close();
  return outline;
}

function traceSource(choice, source, style) {
  const { evidence } = choice;
  const { points, unit } = evidence;
  const periods = evidence.periods(choice.grain);
  const xs = periods.map((period) => period?.start ?? null);
  const line = choice.line(source);
  const at = (pick, none) => line.map((i) => (i === null || points.estimate[i] === null ? none : pick(i)));
  const alone = line.map((i, k) => i !== null && points.low[i] !== null && !has(k - 1) && !has(k + 1));
  function has(k) {
    return line[k] !== undefined && line[k] !== null && points.low[line[k]] !== null;
  }
  const { name } = evidence.sources[source];
  const band = { ...traceBand(evidence, xs, line), mode: "lines", line: { width: 0 }, fill: "toself" };
  const errors = (ends, sign) => line.map((i, k) => (alone[k] ? sign * (ends[i] - points.estimate[i]) * unit.factor : 0));
  return [
    { ...band, fillcolor: clear(style.colour, choice.point?.source === source ? 0.24 : 0.1), hoverinfo: "skip", showlegend: false },
    {
      x: xs,
      y: at((i) => points.estimate[i] * unit.factor, null),
      customdata: at((i) => say(evidence, i, name), ""),
      meta: source,
      name: asPlain(shorten(name, 40)),
      mode: "lines+markers",
      connectgaps: false,
      line: { color: style.colour, dash: style.dash, width: source ? 2 : 2.5 },
      marker: {
        symbol: at((i) => (points.low[i] === null ? "circle-open" : "circle"), "circle"),
        size: xs.length > 60 ? 4 : 7,
        color: style.colour,
        line: { color: style.colour, width: 1.5 },
      },
      error_y: {
        type: "data", symmetric: false, array: errors(points.high, 1), arrayminus: errors(points.low, -1),
        color: style.colour, thickness: 1.5, width: 0, visible: alone.some(Boolean),
      },
      hovertemplate: "%{customdata}<extra></extra>",
    },
  ];
}

/** One trace of dots and intervals, a row a source, for the whole span. */
function traceDots(choice, styles) {
  const { evidence } = choice;
  const { points, unit } = evidence;
  const rows = [...choice.sources].sort((a, b) => a - b);
  return rows.flatMap((source, row) => {
    const i = evidence.find(choice.entry, WHOLE, source, WHOLE);
    if (i === undefined || points.estimate[i] === null) return [];
    const lacks = points.low[i] === null;
    const reach = (ends, sign) => [lacks ? 0 : sign * (ends[i] - points.estimate[i]) * unit.factor];
    const { colour } = styles[source];
    return [{
      x: [points.estimate[i] * unit.factor],
      y: [row],
      customdata: [say(evidence, i, evidence.sources[source].name)],
      meta: source,
      mode: "markers",
      marker: { size: 10, color: colour, symbol: lacks ? "circle-open" : "circle", line: { color: colour, width: 1.5 } },
      error_x: {
        type: "data", symmetric: false, array: reach(points.high, 1), arrayminus: reach(points.low, -1),
        color: colour, thickness: 2, width: 0,
      },
      hovertemplate: "%{customdata}<extra></extra>",
    }];
  });
}

/** A ring around the point that is open. */
function traceRing(choice, theme) {
  const { evidence, point } = choice;
  const i = choice.pointNumber();
  if (i === undefined || i === null || evidence.points.estimate[i] === null || !choice.sources.has(point.source)) return [];
  const value = evidence.points.estimate[i] * evidence.unit.factor;
  const row = [...choice.sources].sort((a, b) => a - b).indexOf(point.source);
  const [x, y] = choice.grain === WHOLE ? [value, row] : [evidence.points.start[i], value];
  const marker = { symbol: "circle-open", size: 16, color: theme.ink, line: { width: 2.5, color: theme.ink } };
  return [{ x: [x], y: [y], mode: "markers", marker, hoverinfo: "skip", showlegend: false }];
}

/** Events within the span as dashed lines; their names are told when pointed at. */
function traceEvents(choice, limits, theme) {
  const { evidence } = choice;
  const names = [...choice.sources].map((source) => evidence.sources[source].name);
  const starts = evidence.periods(choice.grain).filter(Boolean).map(({ start }) => start);
  const [first, last] = [starts[0], starts.at(-1)];
  const concerns = ({ sources }) => !sources || sources.some((name) => names.includes(name));
  const shown = evidence.events.filter((event) => concerns(event) && first <= event.date && event.date <= last);
  return shown.map(({ name, date }) => ({
    x: [date, date],
    y: limits,
    customdata: Array(2).fill(asPlain(`${shorten(name, 50)}, ${date}`)),
    mode: "lines",
    line: { color: theme.soft, dash: "4px,3px", width: 1 },
    hovertemplate: "%{customdata}<extra></extra>",
  }));
}

const LABEL_WIDTH = 112; // pixels to the right of the lines
const LABELLED = 8; // lines at most that are named there
const LINE_HEIGHT = 16;

/** Names at the right end of the lines that reach it, moved apart; none where there is no room. */
function labelLines(choice, styles, theme, limits, inner) {
  const { evidence } = choice;
  if (choice.sources.size > LABELLED || byId("chart").clientWidth < 520) return [];
  const ends = [...choice.sources].flatMap((source) => {
    const line = choice.line(source);
    const at = line.findLastIndex((i) => i !== null && evidence.points.estimate[i] !== null);
    if (at < 0 || at < line.length * 0.85 - 1) return [];
    const value = evidence.points.estimate[line[at]] * evidence.unit.factor;
    return [{ source, place: ((limits[1] - value) / (limits[1] - limits[0])) * inner }];
  });
  ends.sort((a, b) => a.place - b.place);
  ends.forEach((end, k) => k && (end.place = Math.max(end.place, ends[k - 1].place + LINE_HEIGHT)));
  ends.reverse().forEach((end, k) => (end.place = Math.min(end.place, k ? ends[k - 1].place - LINE_HEIGHT : inner)));
  return ends.map(({ source, place }) => ({
    text: asPlain(shorten(evidence.sources[source].name, 15)),
    font: { size: 12, color: seen(styles[source].colour, theme, 4.5) },
    x: 1, xref: "paper", xanchor: "left", xshift: 8, y: 1 - place / inner, yref: "paper", yanchor: "middle", showarrow: false,
  }));
}

const HOVER_DATES = { year: "%Y", quarter: "%Y-Q%q", month: "%Y-%m", week: "%G-W%V" };

function layOut(choice, styles, theme, limits, height) {
  const { evidence, grain } = choice;
  const axis = { gridcolor: theme.line, zerolinecolor: theme.soft, linecolor: theme.soft, tickcolor: theme.soft };
  const font = { family: 'system-ui, "Segoe UI", "DejaVu Sans", sans-serif', size: 13, color: theme.ink };
  const common = {
    font, height, paper_bgcolor: "rgba(0,0,0,0)", plot_bgcolor: "rgba(0,0,0,0)", showlegend: false,
    margin: { l: 56, r: 12, t: 34, b: 40 },
    hoverlabel: { bgcolor: theme.card, bordercolor: theme.soft, font: { ...font, size: 13 }, align: "left", namelength: -1 },
  };
  const unit = asPlain(`${evidence.unit.axis[0].toUpperCase()}${evidence.unit.axis.slice(1)}`);
  if (grain === WHOLE) {
    const rows = [...choice.sources].sort((a, b) => a - b).map((i) => asPlain(shorten(evidence.sources[i].name, 22)));
    const yaxis = { ...axis, tickvals: rows.map((_, k) => k), ticktext: rows, range: [rows.length - 0.5, -0.5], fixedrange: true, automargin: true };
    return { ...common, hovermode: "closest", dragmode: false, margin: { ...common.margin, b: 56 },
      xaxis: { ...axis, title: { text: wrapTitle(unit), font: { size: 12 } }, fixedrange: true }, yaxis };
  }
  const { t: top, b: bottom } = common.margin;
  const labels = labelLines(choice, styles, theme, limits, height - top - bottom);
  const first = { text: wrapTitle(unit), x: 0, y: 1, xref: "paper", yref: "paper", xanchor: "left", yanchor: "bottom" };
  return {
    ...common, hovermode: "x unified", dragmode: matchMedia("(pointer: fine)").matches ? "zoom" : false,
    margin: { ...common.margin, r: labels.length ? LABEL_WIDTH : common.margin.r },
    annotations: [{ ...first, align: "left", showarrow: false, font: { size: 12, color: theme.soft } }, ...labels],
    xaxis: { ...axis, type: "date", hoverformat: HOVER_DATES[grain], showgrid: false },
    yaxis: { ...axis, range: limits, fixedrange: true, nticks: 6 },
  };
}

/** A title in lines that a narrow screen holds. */
function wrapTitle(text) {
  const most = Math.max(24, Math.floor((byId("chart").clientWidth - 70) / 6.6));
  const lines = [""];
  for (const word of text.split(" ")) {
    if (lines.at(-1) && lines.at(-1).length + word.length + 1 > most) lines.push(word);
    else lines[lines.length - 1] += (lines.at(-1) ? " " : "") + word;
  }
  return lines.join("<br>");
}

/** The range of the vertical axis: every estimate and interval of what is drawn, with air. */
function findLimits(choice) {
  const { estimate, low, high } = choice.evidence.points;
  const ends = [...choice.sources]
    .flatMap((source) => choice.line(source))
    .filter((i) => i !== null && estimate[i] !== null)
    .flatMap((i) => [estimate[i], low[i] ?? estimate[i], high[i] ?? estimate[i]]);
  if (!ends.length) return [0, 1];
  const [least, most] = [Math.min(...ends), Math.max(...ends)].map((value) => value * choice.evidence.unit.factor);
  const air = 0.06 * (most - least) || 0.5;
  return [least - air, most + air];
}

/** Draw what is chosen; the promise is kept when it is drawn. */
function drawChart(choice) {
  const theme = readTheme();
  const styles = styleSources(choice.evidence.sources, theme);
  const limits = findLimits(choice);
  const rows = [...choice.sources].sort((a, b) => b - a); // all sources together lie on top
  const whole = choice.grain === WHOLE;
  const traces = whole
    ? traceDots(choice, styles)
    : [...traceEvents(choice, limits, theme), ...rows.flatMap((source) => traceSource(choice, source, styles[source]))];
  const height = whole ? 110 + 30 * rows.length : 380;
  byId("chart").style.height = `${height}px`;
  const layout = layOut(choice, styles, theme, limits, height);
  const config = { displayModeBar: false, displaylogo: false, responsive: true, showTips: false, showLink: false };
  return window.Plotly.react("chart", [...traces, ...traceRing(choice, theme)], layout, config);
}

/** Of the points that a click could mean, all of one period, the one nearest to the pointer. */
function nearestClicked(event, chart) {
  const points = event.points.filter((point) => Number.isInteger(point.data.meta));
  const top = chart.getBoundingClientRect().top;
  const away = (point) => Math.abs(event.event.clientY - top - point.yaxis._offset - point.yaxis.d2p(point.y));
  return points.sort((a, b) => away(a) - away(b))[0];
}
