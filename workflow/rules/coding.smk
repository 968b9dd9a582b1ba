# in:  corpus/articles, corpus/passages, the scores that need no labels, the codebook
# out: coding/sheet.csv, coding/sheet.html, coding/sample.csv (no part of `all`)

CODING_ASSETS = [
    f"frames/{name}" for name in ("coding_page.html.j2", "coding_page.css", "coding_page.js", "coding_csv.js")
]


rule draw_coding_sheet:
    input:
        articles="<run>/corpus/articles.parquet",
        passages="<run>/corpus/passages.parquet",
        scores=UNLABELLED,  # else new labels would move the sheet that they came from
        codebook=config["frames"]["codebook"],
    output:
        # The job finds what is there, because people may have begun to code it.
        sheet=update("<run>/coding/sheet.csv"),
        page=update("<run>/coding/sheet.html"),
        sample=update("<run>/coding/sample.csv"),
    log:
        "<logs>/draw_coding_sheet.log",
    conda:
        "../../envs/frameshift.yaml"
    resources:
        mem_mb=4000,
        runtime=10,
    params:
        **config["coding"],
        name=config["name"],
        seed=config["seed"],
        code=code("draw_coding_sheet", *CODING_ASSETS),
    message:
        "Drawing passages for people to code"
    script:
        "../scripts/draw_coding_sheet.py"
