# in:  the tables and figures of the run
# out: report/evidence.parquet, report.html, numbers.tex, provenance.json; report.zip is Snakemake's own (make report)


rule record_provenance:
    input:
        corpus=corpus_input,
        codebook=config["frames"]["codebook"],
        events=EVENTS_FILE,
        labels=find_labels(config),
        external=find_external(config),
        encoder="<run>/embeddings/encoder.json",
    output:
        "<run>/provenance.json",
    log:
        "<logs>/record_provenance.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        config=config,
        code=code("record_provenance"),
    message:
        "Recording what the run used"
    script:
        "../scripts/record_provenance.py"


rule write_numbers:
    input:
        articles="<run>/corpus/articles.parquet",
        accounts="<run>/corpus/accounts.json",
        passages="<run>/corpus/passages.parquet",
        contrasts="<run>/comparisons/contrasts.parquet",
        omitted="<run>/comparisons/omitted.parquet",
        robustness=robustness_if_made,
    output:
        "<run>/numbers.tex",
    log:
        "<logs>/write_numbers.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=1000,
        runtime=5,
    params:
        findings=config["findings"],
        code=code("write_numbers"),
    message:
        "Writing the numbers for the paper"
    script:
        "../scripts/write_numbers.py"


rule gather_evidence:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        codebook=config["frames"]["codebook"],
        scores="<run>/frames/passages.parquet",
        joint="<run>/frames/joint.parquet" if LABELS else [],
        prevalence="<run>/comparisons/prevalence.parquet",
    output:
        "<run>/report/evidence.parquet",
    log:
        "<logs>/gather_evidence.log",
    benchmark:
        "<benchmarks>/gather_evidence.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=8000,
        runtime=30,
    params:
        measure=MEASURE,
        groups=config["corpus"]["groups"],
        threshold=config["frames"]["given_threshold"],
        highest=config["report"]["highest"],
        random=config["report"]["random"],
        code=code("gather_evidence"),
    message:
        "Choosing the passages behind each estimate"
    script:
        "../scripts/gather_evidence.py"


rule write_page:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        accounts="<run>/corpus/accounts.json",
        encoder="<run>/embeddings/encoder.json",
        ids="<run>/embeddings/ids.parquet",
        codebook=config["frames"]["codebook"],
        scores="<run>/frames/passages.parquet",
        voices="<run>/frames/voices.parquet",
        sensitivity="<run>/frames/sensitivity.parquet",
        validation="<run>/frames/validation.parquet",
        disagreements="<run>/frames/disagreements.parquet",
        labels="<run>/frames/labels.parquet" if LABELS else [],
        prevalence="<run>/comparisons/prevalence.parquet",
        contrasts="<run>/comparisons/contrasts.parquet",
        omitted="<run>/comparisons/omitted.parquet",
        robustness=robustness_if_made,
        changepoints="<run>/comparisons/changepoints.parquet",
        events="<run>/comparisons/events.parquet",
        decomposition="<run>/comparisons/decomposition.parquet",
        decomposition_topics="<run>/comparisons/decomposition_topics.parquet",
        distances="<run>/comparisons/distances.parquet",
        words="<run>/comparisons/words.parquet",
        contexts="<run>/comparisons/contexts.parquet",
        selection="<run>/topics/selection.parquet",
        topics=f"<run>/topics/{PRIMARY}/topics.parquet",
        assignments=f"<run>/topics/{PRIMARY}/assignments.parquet",
        evidence="<run>/report/evidence.parquet",
        dated=EVENTS_FILE,
        downloads=DOWNLOADS,
        figures=[figure for figure in FIGURES if figure.endswith(".svg")],
        planted=RECOVERY,
        tables=[figure for figure in FIGURES if figure.endswith((".csv", ".png"))],
    output:
        "<run>/report.html",
    log:
        "<logs>/write_page.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=8000,
        runtime=10,
    params:
        config=config,
        tables=TABLES,
        code=code("write_page", *PAGE_ASSETS),
    message:
        "Writing the page"
    script:
        "../scripts/write_page.py"
