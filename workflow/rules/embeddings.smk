# in:  corpus/passages
# out: embeddings/encoder.json, embeddings/vectors.npy, embeddings/ids, embeddings/articles.npy;
#      what was encoded stays in results/.cache


rule prepare_encoder:
    output:
        "<run>/embeddings/encoder.json",
    log:
        "<logs>/prepare_encoder.log",
    benchmark:
        "<benchmarks>/prepare_encoder.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=3000,
        runtime=30,
    params:
        settings=ENCODER,
        model=own_model_digest(),
        cache=CACHE,
        code=code("prepare_encoder", "embeddings/calibration.txt", "embeddings/alignment.txt"),
    message:
        "Preparing the encoder"
    script:
        "../scripts/prepare_encoder.py"


rule embed_shard:
    input:
        passages="<run>/corpus/passages.parquet",
        encoder="<run>/embeddings/encoder.json",
    output:
        vectors=temp("<run>/embeddings/shards/{shard}.npy"),
        texts=temp("<run>/embeddings/shards/{shard}.npz"),
    log:
        "<logs>/embed_shard/{shard}.log",
    benchmark:
        "<benchmarks>/embed_shard/{shard}.tsv"
    conda:
        "../../envs/frameshift.yaml"
    threads: max(1, (workflow.cores or 1) // config["embeddings"]["shards"])
    resources:
        mem_mb=3000,
        runtime=240,
    params:
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
        encoder="<run>/embeddings/encoder.json",
        vectors=shards_as("npy"),
        texts=shards_as("npz"),
    output:
        vectors="<run>/embeddings/vectors.npy",
        ids="<run>/embeddings/ids.parquet",
        articles="<run>/embeddings/articles.npy",
    log:
        "<logs>/gather_vectors.log",
    benchmark:
        "<benchmarks>/gather_vectors.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=3000,
        runtime=30,
    params:
        cache=CACHE,
        code=code("gather_vectors"),
    message:
        "Gathering the vectors"
    script:
        "../scripts/gather_vectors.py"
