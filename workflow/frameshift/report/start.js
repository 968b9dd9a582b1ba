"use strict";
// What happens when the page opens. The chart is heavy, so it is unpacked only when the reader comes near it.

/** Run the charting library, packed in the page, as a script of its own. */
async function startLibrary() {
  const source = await unpack(byId("plotly").textContent);
  const address = URL.createObjectURL(new Blob([source], { type: "text/javascript" }));
  const script = make("script", { src: address });
  await new Promise((done, failed) => {
    script.onload = done;
    script.onerror = () => failed(new Error("The charting library did not start."));
    document.head.append(script);
  });
  URL.revokeObjectURL(address);
}

async function startExplorer() {
  try {
    const evidence = new Evidence(JSON.parse(await unpack(byId("evidence").textContent)));
    const explorer = new Explorer(evidence);
    byId("explorer").hidden = false;
    explorer.start();
    byId("waiting").hidden = true;
    await new Promise((painted) => setTimeout(painted)); // passages can be read while the library starts
    await startLibrary();
    explorer.redraw();
    const restyle = () => {
      explorer.listSources();
      explorer.redraw();
    };
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", restyle);
  } catch (error) {
    byId("waiting").textContent = `${error.message} The figures below show the same results.`;
    byId("waiting").hidden = false;
  }
}

/** Call `run` once, when `element` comes within a screen of what is seen. */
function whenNear(element, run) {
  const watch = new IntersectionObserver(
    (seenNow) => {
      if (!seenNow.some((entry) => entry.isIntersecting)) return;
      watch.disconnect();
      run();
    },
    { rootMargin: "100% 0px" },
  );
  watch.observe(element);
}

/** Mark the section that is being read in the navigation, and keep its link in sight. */
function followSections() {
  const links = new Map([...document.querySelectorAll("nav a")].map((link) => [link.hash.slice(1), link]));
  const sections = [...document.querySelectorAll("main > section")];
  const mark = () => {
    const isEnd = innerHeight + scrollY >= document.documentElement.scrollHeight - 4; // the last ones are short
    const read = isEnd ? sections.at(-1) : sections.findLast((section) => section.getBoundingClientRect().top < 120);
    for (const [id, link] of links) {
      const here = id === read?.id;
      if (here === link.hasAttribute("aria-current")) continue;
      if (here) {
        link.setAttribute("aria-current", "true");
        const strip = link.closest("ul");
        strip.scrollTo({ left: link.offsetLeft - strip.clientWidth / 2 });
      } else link.removeAttribute("aria-current");
    }
  };
  let waiting = false;
  addEventListener("scroll", () => {
    if (waiting) return;
    waiting = true;
    requestAnimationFrame(() => {
      waiting = false;
      mark();
    });
  }, { passive: true });
}

/** Show only the topics whose name or words have all the words typed. */
function startTopics() {
  const topics = [...document.querySelectorAll(".topic")];
  const field = byId("topic-words");
  if (!field) return;
  byId("topic-search").hidden = false;
  field.addEventListener("input", () => {
    const wanted = fold(field.value).split(/\s+/).filter(Boolean);
    for (const topic of topics) topic.hidden = !wanted.every((word) => fold(topic.dataset.words).includes(word));
    const n = topics.filter((topic) => !topic.hidden).length;
    byId("topic-count").textContent = `${count(n, "topic")} of ${topics.length}`;
  });
}

/** Save a table that the page holds as a CSV file. */
async function saveTable(button) {
  const packed = document.querySelector(`script.table[data-name="${CSS.escape(button.dataset.table)}"]`);
  const text = await unpack(packed.textContent);
  const address = URL.createObjectURL(new Blob(["\ufeff", text], { type: "text/csv;charset=utf-8" })); // for Excel
  const link = make("a", { href: address, download: `${button.dataset.table.replaceAll("/", "_")}.csv` });
  link.click();
  setTimeout(() => URL.revokeObjectURL(address), 10_000);
  byId("saved").textContent = `${link.download} was saved.`;
}

function startDownloads() {
  for (const button of document.querySelectorAll("button[data-table]")) {
    button.hidden = false;
    button.addEventListener("click", () => {
      saveTable(button).catch((error) => (byId("saved").textContent = error.message));
    });
  }
}

/** On paper everything folded is open. */
function openForPrint() {
  let opened = [];
  addEventListener("beforeprint", () => {
    opened = [...document.querySelectorAll("main details:not([open])")].filter((part) => !part.closest("#explore"));
    for (const part of opened) part.open = true;
  });
  addEventListener("afterprint", () => {
    for (const part of opened) part.open = false;
    opened = [];
  });
}

followSections();
startTopics();
startDownloads();
openForPrint();
if (byId("evidence")) whenNear(byId("explore"), startExplorer);
