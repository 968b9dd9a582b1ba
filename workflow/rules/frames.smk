# in:  corpus/articles, corpus/passages, embeddings/vectors.npy, the codebook; what people coded, where they did
# out: frames/passages, frames/articles; with labels frames/codes, labels, labelled and joint too; frames/validation


rule score_frames:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        vectors="<run>/embeddings/vectors.npy",
        encoder="<run>/embeddings/encoder.json",
        codebook=config["frames"]["codebook"],
        external=find_external(config),
    output:
        UNLABELLED,
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
        external=config["frames"]["external"],
        files=files_digest,
        code=code("score_frames", "frames/reference.txt"),
    message:
        "Scoring passages on the codebook"
    script:
        "../scripts/score_frames.py"


if LABELS:

    rule read_labels:
        input:
            articles="<run>/corpus/articles.parquet",
            passages="<run>/corpus/passages.parquet",
            codebook=config["frames"]["codebook"],
            labels=find_labels(config),
        output:
            codes="<run>/frames/codes.parquet",
            labels="<run>/frames/labels.parquet",
        log:
            "<logs>/read_labels.log",
        conda:
            "../../envs/frameshift.yaml"
        resources:
            mem_mb=4000,
            runtime=10,
        params:
            labels=LABELS,
            files=files_digest,
            code=code("read_labels"),
        message:
            "Reading what people coded"
        script:
            "../scripts/read_labels.py"

    rule calibrate_frames:
        input:
            passages="<run>/corpus/passages.parquet",
            vectors="<run>/embeddings/vectors.npy",
            encoder="<run>/embeddings/encoder.json",
            codebook=config["frames"]["codebook"],
            scores=UNLABELLED,
            labels="<run>/frames/labels.parquet",
        output:
            passages="<run>/frames/passages.parquet",
            joint="<run>/frames/joint.parquet",
            labelled="<run>/frames/labelled.parquet",
        log:
            "<logs>/calibrate_frames.log",
        benchmark:
            "<benchmarks>/calibrate_frames.tsv"
        conda:
            "../../envs/frameshift.yaml"
        resources:
            mem_mb=8000,
            runtime=60,
        params:
            cache=CACHE,
            measures=config["frames"]["measures"],
            best=config["frames"]["best_anchors"],
            given=config["comparisons"]["given"],
            seed=config["seed"],
            code=code("calibrate_frames", "frames/reference.txt"),
        message:
            "Learning from what people coded"
        script:
            "../scripts/calibrate_frames.py"


rule pool_frames:
    input:
        passages="<run>/corpus/passages.parquet",
        scores="<run>/frames/passages.parquet",
        joint="<run>/frames/joint.parquet" if LABELS else [],
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


rule validate_frames:
    input:
        # So that nothing is said about measures before anything is measured.
        scores="<run>/frames/passages.parquet",
        codes="<run>/frames/codes.parquet" if LABELS else [],
        labelled="<run>/frames/labelled.parquet" if LABELS else [],
    output:
        validation="<run>/frames/validation.parquet",
        curves="<run>/frames/curves.parquet",
    log:
        "<logs>/validate_frames.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        seed=config["seed"],
        code=code("validate_frames"),
    message:
        "Holding the measures against what people coded"
    script:
        "../scripts/validate_frames.py"


rule list_disagreements:
    input:
        scores="<run>/frames/passages.parquet",
        passages="<run>/corpus/passages.parquet",
    output:
        "<run>/frames/disagreements.parquet",
    log:
        "<logs>/list_disagreements.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=6000,
        runtime=15,
    params:
        code=code("list_disagreements"),
    message:
        "Listing passages on which the measures disagree"
    script:
        "../scripts/list_disagreements.py"


rule count_voices:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        codebook=config["frames"]["codebook"],
    output:
        "<run>/frames/voices.parquet",
    log:
        "<logs>/count_voices.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        code=code("count_voices"),
    message:
        "Counting what is quoted and what is denied"
    script:
        "../scripts/count_voices.py"


rule resample_codebook:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        vectors="<run>/embeddings/vectors.npy",
        encoder="<run>/embeddings/encoder.json",
        codebook=config["frames"]["codebook"],
    output:
        "<run>/frames/sensitivity.parquet",
    log:
        "<logs>/resample_codebook.log",
    benchmark:
        "<benchmarks>/resample_codebook.tsv"
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=15,
    params:
        cache=CACHE,
        measures=config["frames"]["measures"],
        best=config["frames"]["best_anchors"],
        min_articles=config["comparisons"]["min_articles"],
        seed=config["seed"],
        code=code("resample_codebook", "frames/reference.txt"),
    message:
        "Measuring with other statements and patterns"
    script:
        "../scripts/resample_codebook.py"
