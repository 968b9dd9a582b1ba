# in:  the articles, as a file, a folder or an archive
# out: corpus/articles, corpus/rejected, corpus/removed, corpus/accounts.json, corpus/passages


rule download_corpus:
    output:
        downloaded(),
    log:
        "<logs>/download_corpus.log",
    localrule: True
    conda:
        "../../envs/frameshift.yaml"
    params:
        download=config["corpus"]["download"],
        place=config["corpus"]["path"],
        code=code("download_corpus"),
    message:
        "Downloading the corpus"
    script:
        "../scripts/download_corpus.py"


rule read_corpus:
    input:
        corpus_input,
    output:
        articles="<run>/corpus/articles.parquet",
        rejected="<run>/corpus/rejected.parquet",
        removed="<run>/corpus/removed.parquet",
        accounts="<run>/corpus/accounts.json",
    log:
        "<logs>/read_corpus.log",
    benchmark:
        "<benchmarks>/read_corpus.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=60,
    params:
        settings={key: value for key, value in config["corpus"].items() if key not in ("path", "download")},
        files=files_digest,
        code=code("read_corpus"),
    message:
        "Reading the articles"
    script:
        "../scripts/read_corpus.py"


rule cut_passages:
    input:
        "<run>/corpus/articles.parquet",
    output:
        "<run>/corpus/passages.parquet",
    log:
        "<logs>/cut_passages.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        **config["passages"],
        code=code("cut_passages"),
    message:
        "Cutting articles into passages"
    script:
        "../scripts/cut_passages.py"
