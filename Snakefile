from snakemake.utils import min_version

min_version("9.20")


include: "workflow/rules/common.smk"


pathvars:
    run=f"results/{config['name']}",
    logs=f"results/{config['name']}/logs",
    benchmarks=f"results/{config['name']}/benchmarks",


report: "workflow/report/workflow.rst"


include: "workflow/rules/demo.smk"
include: "workflow/rules/corpus.smk"
include: "workflow/rules/embeddings.smk"
include: "workflow/rules/topics.smk"
include: "workflow/rules/frames.smk"
include: "workflow/rules/coding.smk"
include: "workflow/rules/comparisons.smk"
include: "workflow/rules/robustness.smk"
include: "workflow/rules/figures.smk"
include: "workflow/rules/appendix.smk"
include: "workflow/rules/report.smk"
include: "workflow/rules/paper.smk"


rule all:
    default_target: True
    input:
        "<run>/report.html",
        "<run>/numbers.tex",
        "<run>/provenance.json",
        "<run>/comparisons/omitted.parquet",
        FIGURES,
    message:
        f"The run is finished: results/{config['name']}/report.html"


onstart:
    announce()
