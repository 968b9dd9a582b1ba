"use strict";
// CSV as spreadsheets write and read it. A text that begins like a formula would be reckoned there, so it is guarded
// by an apostrophe, as in sheet.csv.

const guard = (text) => text.replace(/^(?=[=+\-@\t\r])/, "'");
const unguard = (text) => text.replace(/^'(?=[=+\-@\t\r])/, "");

/** Rows of texts as CSV. */
function writeCsv(rows) {
  const quote = (cell) => (/[",\r\n]/.test(cell) ? `"${cell.replaceAll('"', '""')}"` : cell);
  return rows.map((row) => `${row.map(quote).join(",")}\r\n`).join("");
}

/** CSV as one object a row, by the names in the first; rows of another length are passed over. */
function readCsv(text) {
  const mark = text.split("\n", 1)[0].includes(";") ? ";" : ","; // some spreadsheets save semicolons
  const rows = [[""]];
  let quoted = false;
  for (let i = 0; i < text.length; i += 1) {
    const row = rows.at(-1);
    if (text[i] === '"' && quoted && text[i + 1] === '"') {
      row[row.length - 1] += '"';
      i += 1;
    } else if (text[i] === '"') quoted = !quoted;
    else if (!quoted && text[i] === mark) row.push("");
    else if (!quoted && text[i] === "\n") rows.push([""]);
    else if (quoted || text[i] !== "\r") row[row.length - 1] += text[i];
  }
  const [header, ...lines] = rows;
  return lines
    .filter((row) => row.length === header.length)
    .map((row) => Object.fromEntries(header.map((name, i) => [name, row[i]])));
}
