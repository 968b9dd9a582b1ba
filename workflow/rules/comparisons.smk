# in:  corpus/articles, corpus/passages, frames/articles, topics/{model}/, topics/tokens, embeddings/; what people coded
# out: comparisons/*


if CORRECTED:

    rule correct_outcomes:
        input:
            articles="<run>/frames/articles.parquet",
            shares="<run>/frames/passages.parquet",
            joint="<run>/frames/joint.parquet",
            labels="<run>/frames/labels.parquet",
            passages="<run>/corpus/passages.parquet",
        output:
            table="<run>/comparisons/outcomes.parquet",
            attenuation="<run>/comparisons/attenuation.parquet",
            omitted="<run>/comparisons/omitted/outcomes.parquet",
        log:
            "<logs>/correct_outcomes.log",
        conda:
            "../../envs/frameshift.yaml"
        resources:
            mem_mb=8000,
            runtime=15,
        params:
            given=config["comparisons"]["given"],
            code=code("correct_outcomes"),
        message:
            "Correcting shares by what people coded"
        script:
            "../scripts/correct_outcomes.py"


rule estimate_prevalence:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        assignments=expand("<run>/topics/{model}/assignments.parquet", model=config["topics"]["models"]),
        topics=expand("<run>/topics/{model}/topics.parquet", model=config["topics"]["models"]),
        outcomes=OUTCOMES,
    output:
        table="<run>/comparisons/prevalence.parquet",
        omitted="<run>/comparisons/omitted/prevalence.parquet",
    log:
        "<logs>/estimate_prevalence.log",
    benchmark:
        "<benchmarks>/estimate_prevalence.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=15,
    params:
        measure=config["comparisons"]["measure"],
        models=config["topics"]["models"],
        grain=config["comparisons"]["grain"],
        given=config["comparisons"]["given"],
        min_articles=config["comparisons"]["min_articles"],
        groups=config["corpus"]["groups"],
        code=code("estimate_prevalence"),
    message:
        "Estimating prevalence by source and period"
    script:
        "../scripts/estimate_prevalence.py"


rule estimate_trends:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        outcomes=OUTCOMES,
    output:
        table="<run>/comparisons/trends.parquet",
        tests="<run>/comparisons/tests/trends.parquet",
        omitted="<run>/comparisons/omitted/trends.parquet",
    log:
        "<logs>/estimate_trends.log",
    benchmark:
        "<benchmarks>/estimate_trends.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=15,
    params:
        measure=MEASURE,
        given=config["comparisons"]["given"],
        min_articles=config["comparisons"]["min_articles"],
        groups=config["corpus"]["groups"],
        findings=FINDINGS["trend"],
        code=code("estimate_trends"),
    message:
        "Estimating trends"
    script:
        "../scripts/estimate_trends.py"


rule find_changepoints:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
    output:
        table="<run>/comparisons/changepoints.parquet",
        omitted="<run>/comparisons/omitted/changepoints.parquet",
    log:
        "<logs>/find_changepoints.log",
    benchmark:
        "<benchmarks>/find_changepoints.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        measure=MEASURE,
        given=config["comparisons"]["given"],
        min_articles=config["comparisons"]["min_articles"],
        groups=config["corpus"]["groups"],
        draws=config["comparisons"]["draws"],
        seed=config["seed"],
        code=code("find_changepoints"),
    message:
        "Looking for breaks"
    script:
        "../scripts/find_changepoints.py"


rule study_events:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        events=EVENTS_FILE,
    output:
        table="<run>/comparisons/events.parquet",
        omitted="<run>/comparisons/omitted/events.parquet",
    log:
        "<logs>/study_events.log",
    benchmark:
        "<benchmarks>/study_events.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        measure=MEASURE,
        given=config["comparisons"]["given"],
        min_articles=config["comparisons"]["min_articles"],
        groups=config["corpus"]["groups"],
        reference=config["comparisons"]["reference"],
        findings=FINDINGS["event"],
        code=code("study_events"),
    message:
        "Studying events"
    script:
        "../scripts/study_events.py"


rule decompose_changes:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        fits=expand("<run>/topics/{model}/fits/assignments.parquet", model=TOPIC_MODELS),
        assignments=expand("<run>/topics/{model}/assignments.parquet", model=TOPIC_MODELS),
        topics=expand("<run>/topics/{model}/topics.parquet", model=TOPIC_MODELS),
        selection="<run>/topics/selection.parquet",
        codebook=config["frames"]["codebook"],
    output:
        table="<run>/comparisons/decomposition.parquet",
        topics="<run>/comparisons/decomposition_topics.parquet",
        omitted="<run>/comparisons/omitted/decomposition.parquet",
    log:
        "<logs>/decompose_changes.log",
    benchmark:
        "<benchmarks>/decompose_changes.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=15,
    params:
        measure=MEASURE,
        given=config["comparisons"]["given"],
        min_articles=config["comparisons"]["min_articles"],
        groups=config["corpus"]["groups"],
        models=TOPIC_MODELS,
        split=config["comparisons"]["split"],
        findings=FINDINGS["mix"] + FINDINGS["within"],
        code=code("decompose_changes"),
    message:
        "Decomposing changes into topics and framing"
    script:
        "../scripts/decompose_changes.py"


rule test_contrasts:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        outcomes=OUTCOMES,
        attenuation=ATTENUATION,
        trends="<run>/comparisons/tests/trends.parquet",
        events="<run>/comparisons/events.parquet",
        decomposition="<run>/comparisons/decomposition.parquet",
    output:
        table="<run>/comparisons/contrasts.parquet",
        omitted="<run>/comparisons/omitted/contrasts.parquet",
    log:
        "<logs>/test_contrasts.log",
    benchmark:
        "<benchmarks>/test_contrasts.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=8000,
        runtime=15,
    params:
        measure=MEASURE,
        given=config["comparisons"]["given"],
        min_articles=config["comparisons"]["min_articles"],
        groups=config["corpus"]["groups"],
        smallest=config["comparisons"]["smallest"],
        seed=config["seed"],
        findings=config["findings"],
        code=code("test_contrasts"),
    message:
        "Testing contrasts between sources and periods"
    script:
        "../scripts/test_contrasts.py"


rule compare_words:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        tokens="<run>/topics/tokens.parquet",
        scores="<run>/frames/passages.parquet",
        joint="<run>/frames/joint.parquet" if LABELS else [],
    output:
        table="<run>/comparisons/words.parquet",
        contexts="<run>/comparisons/contexts.parquet",
        omitted="<run>/comparisons/omitted/words.parquet",
    log:
        "<logs>/compare_words.log",
    benchmark:
        "<benchmarks>/compare_words.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=9000,
        runtime=15,
    params:
        given=config["comparisons"]["given"],
        threshold=config["frames"]["given_threshold"],
        min_articles=config["comparisons"]["min_articles"],
        top=config["comparisons"]["words"],
        contexts=config["comparisons"]["contexts"],
        min_letters=config["topics"]["words"]["min_letters"],
        lemmas=config["topics"]["words"]["lemmas"],
        groups=config["corpus"]["groups"],
        code=code("compare_words"),
    message:
        "Finding the words that set sources apart"
    script:
        "../scripts/compare_words.py"


rule measure_distances:
    input:
        articles="<run>/corpus/articles.parquet",
        assignments=f"<run>/topics/{PRIMARY}/assignments.parquet",
        vectors="<run>/embeddings/vectors.npy",
        ids="<run>/embeddings/ids.parquet",
        scores="<run>/frames/passages.parquet",
    output:
        table="<run>/comparisons/distances.parquet",
        omitted="<run>/comparisons/omitted/distances.parquet",
    log:
        "<logs>/measure_distances.log",
    benchmark:
        "<benchmarks>/measure_distances.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        entries=ENTRIES,
        most=config["figures"]["sources"],
        min_articles=config["comparisons"]["min_articles"],
        draws=config["comparisons"]["draws"],
        seed=config["seed"],
        groups=config["corpus"]["groups"],
        code=code("measure_distances"),
    message:
        "Measuring how far sources are apart"
    script:
        "../scripts/measure_distances.py"


rule gather_omitted:
    input:
        expand("<run>/comparisons/omitted/{table}.parquet", table=COMPARED),
    output:
        "<run>/comparisons/omitted.parquet",
    log:
        "<logs>/gather_omitted.log",
    localrule: True
    conda:
        "../../envs/frameshift.yaml"
    params:
        code=code("gather_omitted"),
    message:
        "Listing what could not be compared"
    script:
        "../scripts/gather_omitted.py"
