# in:  corpus/articles, embeddings/ids, embeddings/articles.npy
# out: topics/tokens, topics/map, topics/{model}/fits/, topics/selection, topics/{model}/topics,
#      topics/{model}/assignments, topics/{model}/weights.npy


rule split_words:
    input:
        "<run>/corpus/articles.parquet",
    output:
        "<run>/topics/tokens.parquet",
    log:
        "<logs>/split_words.log",
    benchmark:
        "<benchmarks>/split_words.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        **config["topics"]["words"],
        code=code("split_words"),
    message:
        "Splitting articles into words"
    script:
        "../scripts/split_words.py"


rule fit_lda:
    input:
        tokens="<run>/topics/tokens.parquet",
    output:
        **kept_fits_of("lda"),
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
        **FITTED,
        code=code("fit_lda"),
    message:
        "Fitting LDA, all settings and seeds"
    script:
        "../scripts/fit_lda.py"


rule fit_nmf:
    input:
        tokens="<run>/topics/tokens.parquet",
    output:
        **kept_fits_of("nmf"),
    log:
        "<logs>/fit_nmf.log",
    benchmark:
        "<benchmarks>/fit_nmf.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        **FITTED,
        code=code("fit_nmf"),
    message:
        "Fitting NMF, all settings and seeds"
    script:
        "../scripts/fit_nmf.py"


rule fit_kmeans:
    input:
        tokens="<run>/topics/tokens.parquet",
        ids="<run>/embeddings/ids.parquet",
        vectors="<run>/embeddings/articles.npy",
    output:
        **kept_fits_of("kmeans"),
    log:
        "<logs>/fit_kmeans.log",
    benchmark:
        "<benchmarks>/fit_kmeans.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        **FITTED,
        encoder=ENCODER,
        code=code("fit_kmeans"),
    message:
        "Fitting k-means, all settings and seeds"
    script:
        "../scripts/fit_kmeans.py"


rule fit_bertopic:
    input:
        tokens="<run>/topics/tokens.parquet",
        ids="<run>/embeddings/ids.parquet",
        vectors="<run>/embeddings/articles.npy",
    output:
        **kept_fits_of("bertopic"),
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
        **FITTED,
        encoder=ENCODER,
        code=code("fit_bertopic"),
    message:
        "Fitting BERTopic, all settings and seeds"
    script:
        "../scripts/fit_bertopic.py"


rule select_topics:
    input:
        [fits_of(model)["scores"] for model in config["topics"]["models"]],
    output:
        "<run>/topics/selection.parquet",
    log:
        "<logs>/select_topics.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=1000,
        runtime=10,
    params:
        choose_by=config["topics"]["choose_by"],
        code=code("select_topics"),
    message:
        "Choosing among the topic models"
    script:
        "../scripts/select_topics.py"


rule assign_topics:
    input:
        **fits_of("{model}"),
        selection="<run>/topics/selection.parquet",
        tokens="<run>/topics/tokens.parquet",
        ids="<run>/embeddings/ids.parquet",
        vectors="<run>/embeddings/articles.npy",
        articles="<run>/corpus/articles.parquet",
    output:
        topics="<run>/topics/{model}/topics.parquet",
        assignments="<run>/topics/{model}/assignments.parquet",
        weights="<run>/topics/{model}/weights.npy",
    log:
        "<logs>/assign_topics/{model}.log",
    benchmark:
        "<benchmarks>/assign_topics/{model}.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        labels=lambda wildcards: config["topics"]["labels"].get(wildcards.model, {}),
        code=code("assign_topics"),
    message:
        "Assigning articles to the topics of {wildcards.model}"
    script:
        "../scripts/assign_topics.py"


rule map_articles:
    input:
        ids="<run>/embeddings/ids.parquet",
        vectors="<run>/embeddings/articles.npy",
    output:
        "<run>/topics/map.parquet",
    log:
        "<logs>/map_articles.log",
    benchmark:
        "<benchmarks>/map_articles.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=20,
    params:
        seed=config["seed"],
        code=code("map_articles"),
    message:
        "Mapping articles by their vectors"
    script:
        "../scripts/map_articles.py"
