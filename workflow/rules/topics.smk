# in:  corpus/articles, embeddings/articles.npy
# out: topics/tokens, topics/{model}/topics, topics/{model}/assignments, topics/selection


rule split_words:
    input:
        "<run>/corpus/articles.parquet",
    output:
        "<run>/topics/tokens.parquet",
    log:
        "<logs>/split_words.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        **config["topics"]["words"],
        code=code("split_words"),
    message:
        "Splitting articles into words"
    script:
        "../scripts/split_words.py"


rule fit_lda:
    input:
        "<run>/topics/tokens.parquet",
    output:
        **fits_of("lda"),
    log:
        "<logs>/fit_lda.log",
    benchmark:
        "<benchmarks>/fit_lda.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=120,
    params:
        n_topics=config["topics"]["n_topics"],
        seeds=TOPIC_SEEDS,
        code=code("fit_lda"),
    message:
        "Fitting LDA, all settings and seeds"
    script:
        "../scripts/fit_lda.py"


rule fit_bertopic:
    input:
        tokens="<run>/topics/tokens.parquet",
        ids="<run>/embeddings/ids.parquet",
        vectors="<run>/embeddings/articles.npy",
    output:
        **fits_of("bertopic"),
    log:
        "<logs>/fit_bertopic.log",
    benchmark:
        "<benchmarks>/fit_bertopic.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=120,
    params:
        n_topics=config["topics"]["n_topics"],
        seeds=TOPIC_SEEDS,
        code=code("fit_bertopic"),
    message:
        "Fitting BERTopic, all settings and seeds"
    script:
        "../scripts/fit_bertopic.py"


rule select_topics:
    input:
        fits=[path for model in config["topics"]["models"] for path in fits_of(model).values()],
    output:
        selection="<run>/topics/selection.parquet",
        topics=expand("<run>/topics/{model}/topics.parquet", model=config["topics"]["models"]),
        assignments=expand("<run>/topics/{model}/assignments.parquet", model=config["topics"]["models"]),
    log:
        "<logs>/select_topics.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        models=config["topics"]["models"],
        labels=config["topics"]["labels"],
        code=code("select_topics"),
    message:
        "Choosing among the topic models"
    script:
        "../scripts/select_topics.py"
