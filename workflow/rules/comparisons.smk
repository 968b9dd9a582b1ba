# in:  corpus/articles, frames/articles, topics/{model}/assignments, topics/tokens
# out: comparisons/prevalence, comparisons/contrasts, comparisons/words, comparisons/omitted


rule estimate_prevalence:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        assignments=expand("<run>/topics/{model}/assignments.parquet", model=config["topics"]["models"]),
        topics=expand("<run>/topics/{model}/topics.parquet", model=config["topics"]["models"]),
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
        mem_mb=4000,
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


rule test_contrasts:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
    output:
        table="<run>/comparisons/contrasts.parquet",
        omitted="<run>/comparisons/omitted/contrasts.parquet",
    log:
        "<logs>/test_contrasts.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        measure=config["comparisons"]["measure"],
        findings=config["findings"],
        given=config["comparisons"]["given"],
        min_articles=config["comparisons"]["min_articles"],
        groups=config["corpus"]["groups"],
        code=code("test_contrasts"),
    message:
        "Testing contrasts between sources and periods"
    script:
        "../scripts/test_contrasts.py"


rule compare_words:
    input:
        articles="<run>/corpus/articles.parquet",
        tokens="<run>/topics/tokens.parquet",
    output:
        table="<run>/comparisons/words.parquet",
        omitted="<run>/comparisons/omitted/words.parquet",
    log:
        "<logs>/compare_words.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        min_articles=config["comparisons"]["min_articles"],
        top=config["comparisons"]["words"],
        groups=config["corpus"]["groups"],
        code=code("compare_words"),
    message:
        "Finding the words that set sources apart"
    script:
        "../scripts/compare_words.py"


rule gather_omitted:
    input:
        expand("<run>/comparisons/omitted/{table}.parquet", table=["prevalence", "contrasts", "words"]),
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
