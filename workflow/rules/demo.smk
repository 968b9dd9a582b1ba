# in:  config `demo` (knobs)
# out: <run>/demo/articles.jsonl, the corpus the run reads; the truth it was written from; the truth against the estimates


rule write_demo:
    output:
        articles="<run>/demo/articles.jsonl",
        sentences="<run>/demo/truth_sentences.parquet",
        truth="<run>/demo/truth_articles.parquet",
        cells="<run>/demo/truth_cells.parquet",
        planted="<run>/demo/planted.parquet",
    params:
        knobs=config["demo"],
        code=code("write_demo", *DEMO_ASSETS),
    log:
        "<logs>/write_demo.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=1000,
        runtime=5,
    message:
        "Writing the demo corpus"
    script:
        "../scripts/write_demo.py"
