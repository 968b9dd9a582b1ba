# in:  the sweep; corpus/articles, corpus/passages, frames/, topics/, comparisons/outcomes
# out: comparisons/robustness (no part of `all`); robustness/{specification}/ of those that need scores of their own


wildcard_constraints:
    specification="[a-z][a-z0-9_]*",


use rule cut_passages as cut_passages_sweep with:
    output:
        "<run>/robustness/{specification}/corpus/passages.parquet",
    log:
        "<logs>/robustness/{specification}/cut_passages.log",
    params:
        max_words=lambda wildcards: {**config["passages"], **SWEEP[wildcards.specification]}["max_words"],
        max_sentences=lambda wildcards: {**config["passages"], **SWEEP[wildcards.specification]}["max_sentences"],
    message:
        "Cutting articles into passages for {wildcards.specification}"


use rule prepare_encoder as prepare_encoder_sweep with:
    output:
        "<run>/robustness/{specification}/embeddings/encoder.json",
    log:
        "<logs>/robustness/{specification}/prepare_encoder.log",
    benchmark:
        "<benchmarks>/robustness/{specification}/prepare_encoder.tsv"
    params:
        settings=lambda wildcards: {**ENCODER, "backend": SWEEP[wildcards.specification]["backend"], "device": "auto"},
    message:
        "Preparing the encoder for {wildcards.specification}"


use rule embed_shard as embed_shard_sweep with:
    input:
        passages=swept(PASSAGES_FILE),
        encoder=swept(ENCODER_FILE),
    output:
        vectors=temp("<run>/robustness/{specification}/embeddings/shards/{shard}.npy"),
        texts=temp("<run>/robustness/{specification}/embeddings/shards/{shard}.npz"),
    log:
        "<logs>/robustness/{specification}/embed_shard/{shard}.log",
    benchmark:
        "<benchmarks>/robustness/{specification}/embed_shard/{shard}.tsv"
    message:
        "Embedding passages for {wildcards.specification}, shard {wildcards.shard}"


use rule gather_vectors as gather_vectors_sweep with:
    input:
        passages=swept(PASSAGES_FILE),
        encoder=swept(ENCODER_FILE),
        vectors=shards_as("npy", of="<run>/robustness/{{specification}}"),
        texts=shards_as("npz", of="<run>/robustness/{{specification}}"),
    output:
        vectors=temp("<run>/robustness/{specification}/embeddings/vectors.npy"),
        ids=temp("<run>/robustness/{specification}/embeddings/ids.parquet"),
        articles=temp("<run>/robustness/{specification}/embeddings/articles.npy"),
    log:
        "<logs>/robustness/{specification}/gather_vectors.log",
    benchmark:
        "<benchmarks>/robustness/{specification}/gather_vectors.tsv"
    message:
        "Gathering the vectors for {wildcards.specification}"


use rule score_frames as score_frames_sweep with:
    input:
        articles="<run>/corpus/articles.parquet",
        passages=swept(PASSAGES_FILE),
        vectors="<run>/robustness/{specification}/embeddings/vectors.npy",
        encoder=swept(ENCODER_FILE),
        codebook=config["frames"]["codebook"],
        external=[],  # scores from elsewhere are of the run's own passages
    output:
        "<run>/robustness/{specification}/frames/passages.parquet",
    log:
        "<logs>/robustness/{specification}/score_frames.log",
    benchmark:
        "<benchmarks>/robustness/{specification}/score_frames.tsv"
    params:
        external={},
    message:
        "Scoring passages for {wildcards.specification}"


rule test_robustness:
    input:
        articles="<run>/corpus/articles.parquet",
        frames="<run>/frames/articles.parquet",
        scores=UNLABELLED,
        passages="<run>/corpus/passages.parquet",
        outcomes=OUTCOMES,
        events=EVENTS_FILE,
        selection="<run>/topics/selection.parquet" if MODELS_SWEPT else [],
        assignments=expand("<run>/topics/{model}/assignments.parquet", model=MODELS_SWEPT),
        fits=expand("<run>/topics/{model}/fits/assignments.parquet", model=MODELS_SWEPT),
        scores_anew=expand(
            "<run>/robustness/{specification}/frames/passages.parquet", specification=list_measured_anew(SWEEP)
        ),
        passages_anew=[place_of(PASSAGES_FILE, name, SWEEP) for name in list_measured_anew(SWEEP)],
    output:
        table="<run>/comparisons/robustness.parquet",
        omitted="<run>/comparisons/omitted/robustness.parquet",
    log:
        "<logs>/test_robustness.log",
    benchmark:
        "<benchmarks>/test_robustness.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=60,
    params:
        sweep=SWEEP,
        anew=list_measured_anew(SWEEP),
        models=MODELS_SWEPT,
        findings=config["findings"],
        run={
            "measure": MEASURE,
            "given": config["comparisons"]["given"],
            "min_articles": config["comparisons"]["min_articles"],
            "threshold": config["frames"]["given_threshold"],
            "groups": config["corpus"]["groups"],
            "model": PRIMARY,
            "reference": config["comparisons"]["reference"],
        },
        code=code("test_robustness"),
    message:
        "Estimating the findings by other settings"
    script:
        "../scripts/test_robustness.py"


rule plot_robustness:
    input:
        robustness="<run>/comparisons/robustness.parquet",
        omitted="<run>/comparisons/omitted/robustness.parquet",
    output:
        svg=report(
            "<run>/figures/robustness.svg",
            caption="../report/robustness.rst",
            category="Robustness",
            labels={"figure": "the findings by other settings"},
        ),
        pdf="<run>/figures/robustness.pdf",
        png="<run>/figures/robustness.png",
        csv="<run>/figures/robustness.csv",
    log:
        "<logs>/plot_robustness.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=2000,
        runtime=10,
    params:
        findings=config["findings"],
        code=code("plot_robustness"),
    message:
        "Drawing the findings by other settings"
    script:
        "../scripts/plot_robustness.py"


rule robustness:
    input:
        "<run>/comparisons/robustness.parquet",
        expand("<run>/figures/robustness.{kind}", kind=["pdf", "svg", "png", "csv"]),
    message:
        f"The findings by other settings: results/{config['name']}/figures/robustness.pdf"
