# Functions that the rules share. The configuration is checked here, before the first job.

import sys
from pathlib import Path

ROOT = Path(str(workflow.current_basedir)).parents[1]
sys.path.insert(0, str(ROOT / "workflow"))

from frameshift.check import complete_config, find_external, find_labels, locate
from frameshift.corpus.files import find_inputs
from frameshift.errors import UserError
from frameshift.frames.codebook import load_codebook
from frameshift.comparisons.sweep import (
    ENCODER_FILE,
    PASSAGES_FILE,
    drop_unchanged,
    list_measured_anew,
    place_of,
    read_sweep,
)
from frameshift.config import FINDING_KEYS
from frameshift.names import COMBINED
from frameshift.figures.catalogue import issue_of, kind_of, list_figures
from frameshift.figures.panels import number_panels
from frameshift.modules import code_digest, prefer_this_package
from frameshift.embeddings.source import digest_model
from frameshift.digests import digest_path
from frameshift.schema import plain


def checked(config):
    """The configuration after every check; a mistake ends the run with a message instead of a traceback."""
    own_files = workflow.overwrite_configfiles
    try:
        return complete_config(plain(config), own_files[-1] if own_files else None)
    except UserError as error:
        raise WorkflowError(f"The configuration cannot be used:\n{error}") from None


def code(script, *assets):
    """A digest of a script and of all modules it uses, so that an edit reruns what uses it and a touch reruns nothing."""
    return code_digest(ROOT / "workflow" / "scripts" / f"{script}.py", assets)


def corpus_input(wildcards):
    """Where the articles are: the demo corpus, the user's own files, or where the download goes."""
    if config["demo"] is not None:
        return ["<run>/demo/articles.jsonl"]
    path = config["corpus"]["path"]
    if config["corpus"]["download"] and not Path(path).exists():
        return [downloaded()]
    return [str(found) for found in find_inputs(locate(path))]


def downloaded():
    """Never `corpus.path` itself: Snakemake deletes the outputs of a rule that fails or is forced."""
    return f"results/.downloads/{Path(config['corpus']['path'] or 'none').name}"


def announce():
    """Say before the first job how much there is to do."""
    from frameshift.preview import describe_run

    corpus = [path.replace("<run>", f"results/{config['name']}") for path in corpus_input(None)]
    try:
        print(describe_run(config, corpus, CACHE, workflow.cores or 1), file=sys.stderr)
    except UserError as error:
        raise WorkflowError(f"The run cannot start:\n{error}") from None


def fits_of(model):
    """The tables of all fits of a topic model, and what it takes to assign further articles."""
    tables = {name: f"<run>/topics/{model}/fits/{name}.parquet" for name in ("scores", "topics", "assignments")}
    return {**tables, "parameters": f"<run>/topics/{model}/fits/parameters.npz"}


def kept_fits_of(model):
    """The same as outputs: the job finds what is there, because without topics.refit it stays while settings do."""
    return {name: update(path) for name, path in fits_of(model).items()}


def shards_as(ending, of="<run>"):
    """The files that the shards of passages are embedded into, those of the run or of a specification of the sweep."""
    return expand(f"{of}/embeddings/shards/{{shard}}.{ending}", shard=range(config["embeddings"]["shards"]))


def swept(path):
    """Where a specification of the sweep has its passages or its encoder: the run's, unless it changes them."""
    return lambda wildcards: place_of(path, wildcards.specification, SWEEP)


def robustness_if_made(wildcards):
    """The findings by other settings, once they were asked for (make robustness): from then on they are kept up to
    date with the run; until then the report does without."""
    made = f"results/{config['name']}/comparisons/robustness.parquet"
    return [made] if SWEEP and Path(made).exists() else []


def rule_of(panel):
    """The rule that draws the figure which a panel of the paper is."""
    return f"plot_{kind_of(PANELS[panel].figure)}"


def of_figure(part, panel):
    """The inputs or the params of that rule, by their names."""
    given = issue_of(PANELS[panel].figure)
    wildcards = {"given": given} if given else {}
    named = getattr(getattr(rules, rule_of(panel)), part).items()
    return {name: value(wildcards) if callable(value) else value for name, value in named}


def own_model_digest():
    """The content of a model in a folder of the user's, who may train it again; other models are pinned by name."""
    model = config["embeddings"]["model"]
    return digest_model(Path(model)) if Path(model).is_dir() else None


def files_digest(wildcards, input):
    """The names and contents in folders of articles: Snakemake itself looks only at a folder's date."""
    return [digest_path(path) for path in input if Path(path).is_dir()]


prefer_this_package()
config = checked(config)
ENCODER = {key: value for key, value in config["embeddings"].items() if key != "shards"}
CACHE = "results/.cache"
FITTED = {
    "n_topics": config["topics"]["n_topics"],
    "seeds": [config["seed"] + number for number in range(config["topics"]["seeds"])],
    "sample": config["topics"]["sample"],
    "refit": config["topics"]["refit"],
    # Without topics.refit more articles do not fit the topics again, but whatever prepares all of them does.
    "words": config["topics"]["words"],
    "corpus": {key: value for key, value in config["corpus"].items() if key not in ("path", "download")},
}
PACKAGE = ROOT / "workflow" / "frameshift"
DEMO_ASSETS = [str(file.relative_to(PACKAGE)) for file in sorted(PACKAGE.glob("demo/bank/*.yaml"))]

CODEBOOK = load_codebook(config["frames"]["codebook"])
ENTRIES = list(CODEBOOK)
FRAMES = [name for name, entry in CODEBOOK.items() if entry.kind == "frame"]
GRAIN = config["comparisons"]["grain"]
MEASURE = config["comparisons"]["measure"]
LABELS = config["frames"]["labels"]
# The scores that need no labels; where there are none, they are all there is.
UNLABELLED = f"<run>/frames/{'unlabelled' if LABELS else 'passages'}.parquet"
CORRECTED = bool(LABELS) and MEASURE == COMBINED  # only shares of all measures together are calibrated
OUTCOMES = "<run>/comparisons/outcomes.parquet" if CORRECTED else []
ATTENUATION = "<run>/comparisons/attenuation.parquet" if CORRECTED else []
COMPARED = ["prevalence", "contrasts", "trends", "changepoints", "events", "decomposition", "words", "distances"]
COMPARED += ["outcomes"] if CORRECTED else []
FINDINGS = {kind: [found for found in config["findings"] if found["kind"] == kind] for kind in FINDING_KEYS}
SWEEP = {}
if config["sweep"] and config["findings"]:
    SWEEP = drop_unchanged(read_sweep(config["sweep"], external=config["frames"]["external"]), config)
EVENTS_FILE = config["events"] or []
RECOVERY = "<run>/demo/recovery.parquet" if config["demo"] is not None else []
FIGURE_NAMES = list_figures(config, is_swept=bool(robustness_if_made(None)))
FIGURES = [f"<run>/figures/{name}.{kind}" for name in FIGURE_NAMES for kind in ("pdf", "svg", "png", "csv")]
PANELS = number_panels(config)
PAPER_TABLES = ["sources", "findings", "gaps", "validation", "topics"]
PRIMARY = config["topics"]["primary"]
TOPIC_MODELS = [PRIMARY, *(model for model in config["topics"]["models"] if model != PRIMARY)]
MODELS_SWEPT = TOPIC_MODELS if FINDINGS["mix"] + FINDINGS["within"] else []
PAGE_ASSETS = ["report/page.html.j2", "report/page.css"]
PAGE_ASSETS += [str(file.relative_to(PACKAGE)) for file in sorted(PACKAGE.glob("report/*.js"))]
CAPTIONS = [f"../report/{file.name}" for file in sorted((ROOT / "workflow" / "report").glob("*.rst"))]
PAGE_ASSETS += CAPTIONS
TABLES = {
    "corpus/articles.parquet": "every article, with its source, date, copies and text",
    "corpus/rejected.parquet": "every row that became no article, and why",
    "corpus/removed.parquet": "every line that was removed as no part of its article",
    "corpus/passages.parquet": "the passages that were scored",
    "frames/passages.parquet": "the score of every passage, by frame and measure",
    "frames/articles.parquet": "the mean score of every article, by frame and measure",
    "frames/voices.parquet": "how much of each framing is quoted, and how much denied, by source",
    "frames/sensitivity.parquet": "how far other statements and patterns would move the sources",
    "frames/disagreements.parquet": "the passages on which the measures disagree most",
    "frames/validation.parquet": "agreement of coders, and accuracy of each measure where people coded",
    "topics/selection.parquet": "every topic model that was fitted, with its scores",
    f"topics/{PRIMARY}/topics.parquet": "the topics shown here",
    "topics/map.parquet": "where each article lies on the map",
    "comparisons/prevalence.parquet": "every estimate by source and period",
    **({"comparisons/outcomes.parquet": "every article's shares, corrected by what people coded"} if CORRECTED else {}),
    "comparisons/contrasts.parquet": "every difference that was tested",
    "comparisons/trends.parquet": "smooth trends by source",
    "comparisons/changepoints.parquet": "when each series broke, if it did",
    "comparisons/events.parquet": "what happened after each event",
    "comparisons/decomposition.parquet": "how much of each change comes from topics, how much from framing",
    "comparisons/decomposition_topics.parquet": "which topics that comes from",
    "comparisons/words.parquet": "the words that set sources and years apart",
    "comparisons/contexts.parquet": "these words in context",
    "comparisons/distances.parquet": "how far sources are apart",
    **({"comparisons/robustness.parquet": "the findings by other settings"} if robustness_if_made(None) else {}),
    "comparisons/omitted.parquet": "what could not be compared, and why",
    "report/evidence.parquet": "which passages this page holds of each estimate",
    "numbers.tex": "the numbers, for LaTeX",
    "provenance.json": "versions, settings and digests of the inputs",
}
# What the page holds itself, as far as there is room: the tables that do not grow with the articles.
GROWING = ("corpus/", "report/", "frames/passages", "frames/articles")
DOWNLOADS = [f"<run>/{file}" for file in TABLES if file.endswith(".parquet") and not file.startswith(GROWING)]
