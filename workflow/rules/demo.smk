# in:  config `demo` (knobs)
# out: <run>/demo/articles.jsonl, the corpus the run reads; the truth it was written from; the truth against the estimates


rule write_demo:
    output:
        expand("<run>/demo/truth_{table}.parquet", table=["sentences", "articles", "decomposition", "dirt", "events"]),
        articles="<run>/demo/articles.jsonl",
        cells="<run>/demo/truth_cells.parquet",
        planted="<run>/demo/truth_planted.parquet",
        labels="<run>/demo/labels.csv",
    log:
        "<logs>/write_demo.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        knobs=config["demo"],
        code=code("write_demo", *DEMO_ASSETS),
    message:
        "Writing the demo corpus"
    script:
        "../scripts/write_demo.py"


rule compare_truth:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        planted="<run>/demo/truth_planted.parquet",
        outcomes=OUTCOMES,
        attenuation=ATTENUATION,
    output:
        "<run>/demo/recovery.parquet",
    log:
        "<logs>/compare_truth.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        measure=MEASURE,
        code=code("compare_truth"),
    message:
        "Holding the estimates against what was planted"
    script:
        "../scripts/compare_truth.py"


rule plot_estimate_vs_truth:
    input:
        articles="<run>/corpus/articles.parquet",
        prevalence="<run>/comparisons/prevalence.parquet",
        cells="<run>/demo/truth_cells.parquet",
    output:
        svg=report(
            "<run>/figures/estimate_vs_truth.svg",
            caption="../report/estimate_vs_truth.rst",
            category="Validation",
            labels={"figure": "estimate against truth"},
        ),
        pdf="<run>/figures/estimate_vs_truth.pdf",
        png="<run>/figures/estimate_vs_truth.png",
        csv="<run>/figures/estimate_vs_truth.csv",
    log:
        "<logs>/plot_estimate_vs_truth.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        frames=ENTRIES,
        given=config["comparisons"]["given"],
        measure=MEASURE,
        n_sources=config["figures"]["sources"],
        code=code("plot_estimate_vs_truth"),
    message:
        "Drawing estimates against the planted truth"
    script:
        "../scripts/plot_estimate_vs_truth.py"
