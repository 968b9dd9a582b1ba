# in:  corpus/articles, corpus/passages, embeddings/vectors.npy, the codebook
# out: frames/passages, frames/articles


rule score_frames:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        vectors="<run>/embeddings/vectors.npy",
        encoder="<run>/embeddings/encoder.json",
        codebook=config["frames"]["codebook"],
    output:
        "<run>/frames/passages.parquet",
    log:
        "<logs>/score_frames.log",
    benchmark:
        "<benchmarks>/score_frames.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=60,
    params:
        cache=CACHE,
        measures=config["frames"]["measures"],
        best=config["frames"]["best_anchors"],
        code=code("score_frames", "frames/reference.txt"),
    message:
        "Scoring passages on the codebook"
    script:
        "../scripts/score_frames.py"


rule pool_frames:
    input:
        passages="<run>/corpus/passages.parquet",
        scores="<run>/frames/passages.parquet",
    output:
        "<run>/frames/articles.parquet",
    log:
        "<logs>/pool_frames.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=15,
    params:
        given=config["comparisons"]["given"],
        threshold=config["frames"]["given_threshold"],
        code=code("pool_frames"),
    message:
        "Pooling passages to articles"
    script:
        "../scripts/pool_frames.py"
