# in:  corpus/passages
# out: embeddings/vectors.npy, embeddings/ids, embeddings/articles.npy; what was encoded stays in results/.cache


rule embed_shard:
    input:
        "<run>/corpus/passages.parquet",
    output:
        temp("<run>/embeddings/shards/{shard}.npy"),
    log:
        "<logs>/embed_shard/{shard}.log",
    benchmark:
        "<benchmarks>/embed_shard/{shard}.tsv"
    conda:
        "../../envs/frameshift.yaml"
    threads: 1
    resources:
        mem_mb=3000,
        runtime=240,
    params:
        encoder=ENCODER,
        cache=CACHE,
        shards=config["embeddings"]["shards"],
        code=code("embed_shard"),
    message:
        "Embedding passages, shard {wildcards.shard}"
    script:
        "../scripts/embed_shard.py"


rule gather_vectors:
    input:
        passages="<run>/corpus/passages.parquet",
        shards=expand("<run>/embeddings/shards/{shard}.npy", shard=range(config["embeddings"]["shards"])),
    output:
        vectors="<run>/embeddings/vectors.npy",
        ids="<run>/embeddings/ids.parquet",
        articles="<run>/embeddings/articles.npy",
    log:
        "<logs>/gather_vectors.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=30,
    params:
        code=code("gather_vectors"),
    message:
        "Gathering the vectors"
    script:
        "../scripts/gather_vectors.py"
